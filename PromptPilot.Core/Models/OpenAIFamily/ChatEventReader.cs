using System.Text.Json;
using Microsoft.Extensions.AI;
using PromptPilot.Core.Models.Faults;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// Reads the events of one answer in OpenAI's protocol, as OpenAI and compatible servers send them. Fields that are unknown, missing or
/// of the wrong type are ignored, unless they carry text, the finish reason or an error. Only a finish reason proves the end.
/// </summary>
/// <param name="faultOf">Converts the data of an error event to a fault.</param>
internal sealed class ChatEventReader(Func<ReadOnlyMemory<byte>, ModelFault> faultOf) : IDisposable
{
    /// <summary>A fast stream is passed on in pieces of about this many UTF-16 code units.</summary>
    private const int Full = 16 * 1024;

    private const int MaxRefusal = 4_000;

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
    private readonly AnswerText _text = new();
    private readonly ChatUsage _usage = new();
    private readonly RepeatedEvent _repeated = new();
    private (int At, int Length) _content;
    private int _contents;
    private string? _model;
    private string? _refusal;
    private string? _finish;
    private int _finishes;
    private bool _isFinished;
    private bool _isComplete;
    private bool _hasModel;
    private bool _hasEvent;
    private bool _hasUsage;

    /// <summary>Text beside the answer, e.g. <c>{"detail": …}</c>: the fault if no finish reason follows.</summary>
    private byte[]? _aside;

    /// <summary>Nothing more is to be read.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Something came since the last <see cref="Take"/>.</summary>
    public bool HasNews => _hasEvent || _hasUsage;

    /// <summary>
    /// The number of finish reasons received; 0 while more is to come. Some servers send one with every piece, or before the first one, so
    /// text that follows a finish reason invalidates it until the next.
    /// </summary>
    public int Ends => _isFinished && _text.HasBegun ? _finishes : 0;

    public bool IsFull => _text.Length >= Full;

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
            var before = _text.Length;
            _text.Append(text);
            _hasEvent = true;
            _isFinished &= _text.Length == before;
            return true;
        }

        _repeated.Forget();
        var isError = eventType == "error";
        if (data[0] is not ((byte)'{' or (byte)'[') && (isError || eventType != "message" || data.IndexOf((byte)'{') < 0))
        {
            return isError ? throw Fault(data) : ReadWords(data);
        }

        _hasEvent = true;
        _contents = 0;
        var (finishes, aside) = (_finishes, _aside);
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

        if (_contents == 1 && _finishes == finishes && _aside == aside && _refusal is null && data == sent)
        {
            _repeated.Learn(data, _content.At, _content.Length);
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
            update.FinishReason = new ChatFinishReason(_finish!);
        }

        var text = _text.Take();
        if (text.Length > 0 && _refusal is null && !_hasUsage)
        {
            // Most pieces are one text: an array of one costs less than a list, which has room for four.
            update.Contents = new AIContent[] { new TextContent(text) };
        }
        else if (text.Length > 0)
        {
            update.Contents.Add(new TextContent(text));
        }

        if (_refusal is not null)
        {
            update.Contents.Add(new ErrorContent(_refusal) { ErrorCode = "Refusal" });
        }

        if (_hasUsage && _usage.Details(_text.HasBegun) is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        if (_hasModel)
        {
            update.ModelId = _model;
            _hasModel = false;
        }

        (_refusal, _hasEvent, _hasUsage) = (null, false, false);
        return update;
    }

    /// <summary>The stream is over. The finish reason and the usage come with the next <see cref="Take"/>.</summary>
    /// <returns>The server's message in place of an end, or the fault of an incomplete character; null if there is neither.</returns>
    public ModelFault? Complete()
    {
        (_hasUsage, _isComplete) = (true, true);
        return !HasEnd && _aside is not null ? faultOf(_aside)
            : _text.HasHalfCharacter ? ModelFaults.HalfCharacter
            : null;
    }

    public void Dispose() => _text.Dispose();

    private bool HasEnd => _finish is not null && (_isFinished || IsDone);

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
                isError |= ReadChoices(ref json);
            }
            else if (json.ValueTextEquals("error"u8) || json.ValueTextEquals("errors"u8))
            {
                json.Read();
                isError |= IsSomething(ref json);
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
                hasAside |= IsSomething(ref json);
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

    private ModelFaultException Fault(ReadOnlySpan<byte> data) => new(faultOf(data.ToArray()));

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
                isError |= IsSomething(ref json);
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

    /// <returns>True when a choice carries an error.</returns>
    private bool ReadChoices(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            return ReadChoice(ref json);
        }

        var isError = false;
        if (json.TokenType == JsonTokenType.StartArray)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.StartObject)
                {
                    isError |= ReadChoice(ref json);
                }
                else
                {
                    json.Skip();
                }
            }
        }
        else
        {
            json.Skip();
        }

        return isError;
    }

    /// <summary>Fields arrive in any order, so their positions are kept and read once the choice is known to be the first.</summary>
    private bool ReadChoice(ref Utf8JsonReader json)
    {
        Utf8JsonReader delta = default;
        Utf8JsonReader text = default;
        Utf8JsonReader message = default;
        string? finish = null;
        var (isFirst, isError) = (true, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("delta"u8))
            {
                json.Read();
                delta = json;
            }
            else if (json.ValueTextEquals("text"u8))
            {
                json.Read();
                text = json;
            }
            else if (json.ValueTextEquals("message"u8))
            {
                json.Read();
                message = json;
            }
            else if (
                json.ValueTextEquals("finish_reason"u8)
                || json.ValueTextEquals("finish_details"u8)
                || json.ValueTextEquals("finishReason"u8)
            )
            {
                json.Read();
                finish = JsonWords.Reason(ref json) ?? finish;
            }
            else if (json.ValueTextEquals("index"u8))
            {
                json.Read();
                isFirst = json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var index) || index == 0;
            }
            else if (json.ValueTextEquals("error"u8))
            {
                json.Read();
                isError |= IsSomething(ref json);
            }
            else
            {
                _usage.ReadField(ref json);
                continue;
            }

            json.Skip();
        }

        if (isFirst)
        {
            ReadText(delta, text, message, finish is not null);
            Finish(finish);
        }

        return isError;
    }

    private void ReadText(Utf8JsonReader delta, Utf8JsonReader text, Utf8JsonReader message, bool isLast)
    {
        var before = _text.Length;
        if (delta.TokenType is JsonTokenType.StartObject)
        {
            ReadDelta(ref delta);
        }
        else if (delta.TokenType is JsonTokenType.String)
        {
            _text.Append(ref delta);
        }
        else if (text.TokenType == JsonTokenType.String)
        {
            _text.Append(ref text);
        }

        if (message.TokenType == JsonTokenType.StartObject && isLast && !_text.HasBegun && _refusal is null)
        {
            // The whole answer in one event; beside deltas some servers repeat it here.
            ReadDelta(ref message);
        }

        _isFinished &= _text.Length == before;
    }

    private void ReadDelta(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("content"u8))
            {
                json.Read();
                ReadContent(ref json);
            }
            else if (json.ValueTextEquals("refusal"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.String && json.ValueSpan.Length > 0 && (_refusal?.Length ?? 0) < MaxRefusal)
                {
                    _refusal += JsonWords.Text(ref json);
                }

                json.Skip();
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }
    }

    private void ReadContent(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                Note(ref json);
                _text.Append(ref json);
                break;
            case JsonTokenType.Null:
                break;
            case JsonTokenType.StartObject:
                ReadPart(ref json);
                break;
            case JsonTokenType.StartArray:
                while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                {
                    if (json.TokenType == JsonTokenType.StartArray)
                    {
                        throw UnknownText();
                    }

                    ReadContent(ref json);
                }

                break;
            default:
                throw UnknownText();
        }
    }

    /// <summary>
    /// One part of a text sent as a list: <c>{"type": "text", "text": "…"}</c>. Thinking is not part of the answer.
    /// </summary>
    private void ReadPart(ref Utf8JsonReader json)
    {
        Utf8JsonReader text = default;
        var isThinking = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("text"u8))
            {
                json.Read();
                text = json;
            }
            else if (json.ValueTextEquals("type"u8))
            {
                json.Read();
                isThinking = json.TokenType == JsonTokenType.String && JsonWords.IsThinking(json.ValueSpan);
            }
            else
            {
                json.Read();
            }

            json.Skip();
        }

        switch (text.TokenType)
        {
            case JsonTokenType.None or JsonTokenType.Null:
                break;
            case JsonTokenType.String:
                if (!isThinking)
                {
                    Note(ref text);
                    _text.Append(ref text);
                }

                break;
            default:
                throw UnknownText();
        }
    }

    /// <summary>The position of a text in its event.</summary>
    private void Note(ref Utf8JsonReader text)
    {
        _content = ((int)text.TokenStartIndex + 1, text.ValueSpan.Length);
        _contents++;
    }

    private void Finish(string? word)
    {
        if (word is not null)
        {
            (_finish, _isFinished) = (word, true);
            _finishes++;
        }
    }

    /// <summary>True when a value is not null, false, zero, or an empty text, list or object. Leaves the reader at its end.</summary>
    private static bool IsSomething(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null or JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return json.ValueSpan.Length > 0;
            case JsonTokenType.Number:
                return !(json.TryGetInt64(out var number) && number == 0);
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var inner = json;
                json.Skip();
                return inner.Read() && inner.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray);
            default:
                return true;
        }
    }

    private static JsonException UnknownText() => new("The text is neither a string nor a list of parts.");
}
