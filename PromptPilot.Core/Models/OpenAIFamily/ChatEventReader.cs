using System.Text.Json;
using Microsoft.Extensions.AI;
using PromptPilot.Core.Models.Faults;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// Reads the events of one answer in OpenAI's protocol, as OpenAI and compatible servers send them. Fields that are unknown, missing or
/// of the wrong type are ignored, unless they carry text, the finish reason or an error. Only a finish reason proves the end.
/// </summary>
internal sealed class ChatEventReader : IDisposable
{
    /// <summary>A fast stream is passed on in pieces of about this many UTF-16 code units.</summary>
    private const int Full = 16 * 1024;

    /// <summary>Sent by most servers as the last event; it has no meaning beyond “nothing more comes”.</summary>
    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    /// <summary>Lenient where no meaning is at stake; servers that put two values into one event exist.</summary>
    private static readonly JsonReaderOptions Lenient = new()
    {
        MaxDepth = 1_000_000,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowMultipleValues = true,
    };

    /// <summary>Received text is taken while the next read, which can parse events on another thread, is in progress.</summary>
    private readonly Lock _lock = new();
    private readonly Func<ReadOnlyMemory<byte>, ModelFault> _faultOf;
    private readonly ChatUsage _usage = new();
    private readonly ChatAnswer _answer;
    private readonly RepeatedEvent _repeated = new();
    private string? _model;
    private bool _isComplete;
    private bool _hasModel;
    private bool _hasEvent;
    private bool _hasUsage;

    /// <summary>Text beside the answer, e.g. <c>{"detail": …}</c>: the fault if no finish reason follows.</summary>
    private byte[]? _aside;

    /// <param name="faultOf">Converts the data of an error event to a fault.</param>
    public ChatEventReader(Func<ReadOnlyMemory<byte>, ModelFault> faultOf) => (_faultOf, _answer) = (faultOf, new ChatAnswer(_usage));

    /// <summary>Nothing more is to be read.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Something came since the last <see cref="Take"/>.</summary>
    public bool HasNews => _hasEvent || _hasUsage;

    /// <summary>
    /// The number of finish reasons received; 0 while more is to come. Some servers send one with every piece, or before the first one, so
    /// text that follows a finish reason invalidates it until the next.
    /// </summary>
    public int Ends => _answer.IsFinished && _answer.Text.HasBegun ? _answer.Finishes : 0;

    public bool IsFull => _answer.Text.Length >= Full;

    /// <summary>For <see cref="System.Net.ServerSentEvents.SseParser"/>. The value has no meaning.</summary>
    /// <exception cref="ModelFaultException">An error, or an incomplete character.</exception>
    /// <exception cref="JsonException">Not JSON, or text in a form that is not known.</exception>
    public bool Read(string eventType, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return ReadEvent(eventType, data);
        }
    }

    private bool ReadEvent(string eventType, ReadOnlySpan<byte> data)
    {
        data = data.Trim(" \t\r\n"u8);
        if (data.EndsWith(Done))
        {
            IsDone = true;
            data = data[..^Done.Length].TrimEnd(" \t\r\n"u8);
        }

        if (data.IsEmpty)
        {
            return true;
        }

        if (eventType == "message" && _repeated.TextOf(data) is { IsEmpty: false } text)
        {
            _answer.Append(text);
            _hasEvent = true;
            return true;
        }

        _repeated.Forget();
        var isError = eventType == "error";
        if (data[0] is not ((byte)'{' or (byte)'[') && (isError || eventType != "message" || data.IndexOf((byte)'{') < 0))
        {
            return isError ? throw Fault(data) : ReadWords(data);
        }

        _hasEvent = true;
        _answer.BeginEvent();
        var (finishes, aside) = (_answer.Finishes, _aside);
        var sent = data;
        data = NonFiniteNumbers.Replace(data);
        var json = new Utf8JsonReader(data, Lenient);
        while (json.Read())
        {
            // A list holds chunks, or errors as Google sends them.
            var isList = json.TokenType == JsonTokenType.StartArray;
            if (!isList || (json.Read() && json.TokenType != JsonTokenType.EndArray))
            {
                do
                {
                    ReadChunk(ref json, data, isError);
                } while (isList && json.Read() && json.TokenType != JsonTokenType.EndArray);
            }
        }

        if (_answer.Contents == 1 && _answer.Finishes == finishes && _aside == aside && _answer.Refusal is null && data == sent)
        {
            _repeated.Learn(data, _answer.LastContent.At, _answer.LastContent.Length);
        }

        return true;
    }

    /// <summary>All that came since the last time.</summary>
    public ChatResponseUpdate Take()
    {
        lock (_lock)
        {
            return TakeAll();
        }
    }

    private ChatResponseUpdate TakeAll()
    {
        var update = new ChatResponseUpdate { Role = ChatRole.Assistant };
        if (_isComplete && HasEnd)
        {
            update.FinishReason = new ChatFinishReason(_answer.FinishReason!);
        }

        var text = _answer.Text.Take();
        var (refusal, thoughts) = (_answer.TakeRefusal(), _answer.TakeThoughts());
        if (text.Length > 0 && refusal is null && thoughts is null && !_hasUsage)
        {
            // Most pieces are one text: an array of one costs less than a list, which has room for four.
            update.Contents = new AIContent[] { new TextContent(text) };
        }
        else if (text.Length > 0)
        {
            update.Contents.Add(new TextContent(text));
        }

        if (thoughts is not null)
        {
            update.Contents.Add(new TextReasoningContent(thoughts));
        }

        if (refusal is not null)
        {
            update.Contents.Add(new ErrorContent(refusal) { ErrorCode = "Refusal" });
        }

        if (_hasUsage && _usage.Details(_answer.Text.HasBegun) is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        if (_hasModel)
        {
            update.ModelId = _model;
            _hasModel = false;
        }

        (_hasEvent, _hasUsage) = (false, false);
        return update;
    }

    /// <summary>The stream is over. The finish reason and the usage come with the next <see cref="Take"/>.</summary>
    /// <returns>The server's message in place of an end, or the fault of an incomplete character; null if there is neither.</returns>
    public ModelFault? Complete()
    {
        (_hasUsage, _isComplete) = (true, true);
        return !HasEnd && _aside is not null ? _faultOf(_aside)
            : _answer.Text.HasHalfCharacter ? ModelFaults.HalfCharacter
            : null;
    }

    public void Dispose() => _answer.Dispose();

    private bool HasEnd => _answer.FinishReason is not null && (_answer.IsFinished || IsDone);

    /// <summary>Bare words: signs of life, or the sentence of a proxy whose server failed.</summary>
    private bool ReadWords(ReadOnlySpan<byte> data)
    {
        if (char.IsAsciiLetter((char)data[0]) && data.IndexOf((byte)' ') > 0)
        {
            _aside = data.ToArray();
        }

        return true;
    }

    private void ReadChunk(ref Utf8JsonReader json, ReadOnlySpan<byte> data, bool isError)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        var (hasChoices, hasAside) = (false, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("choices"u8))
            {
                json.Read();
                hasChoices = true;
                isError |= _answer.ReadChoices(ref json);
            }
            else if (json.ValueTextEquals("error"u8) || json.ValueTextEquals("errors"u8))
            {
                json.Read();
                isError |= JsonWords.IsSomething(ref json);
            }
            else if (json.ValueTextEquals("object"u8) || json.ValueTextEquals("type"u8))
            {
                json.Read();
                isError |= json.TokenType == JsonTokenType.String && json.ValueTextEquals("error"u8);
                json.Skip();
            }
            else if (json.ValueTextEquals("detail"u8) || json.ValueTextEquals("message"u8) || json.ValueTextEquals("error_msg"u8))
            {
                json.Read();
                hasAside |= JsonWords.IsSomething(ref json);
            }
            else if (json.ValueTextEquals("x_groq"u8))
            {
                json.Read();
                isError |= ReadGroq(ref json);
            }
            else if (json.ValueTextEquals("model"u8) && _model is null)
            {
                json.Read();
                ReadModel(ref json);
            }
            else
            {
                _usage.ReadField(ref json);
            }
        }

        if (isError)
        {
            throw Fault(data);
        }

        if (hasAside && !hasChoices)
        {
            _aside = data.ToArray();
        }
    }

    private ModelFaultException Fault(ReadOnlySpan<byte> data) => new(_faultOf(data.ToArray()));

    /// <summary>Groq's own corner of a chunk.</summary>
    private bool ReadGroq(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return false;
        }

        var isError = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("error"u8))
            {
                json.Read();
                isError |= JsonWords.IsSomething(ref json);
            }
            else
            {
                _usage.ReadField(ref json);
            }
        }

        return isError;
    }

    private void ReadModel(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.String && json.ValueSpan.Length is > 0 and <= 1_000)
        {
            _model = JsonWords.Text(ref json);
            _hasModel = true;
        }

        json.Skip();
    }
}
