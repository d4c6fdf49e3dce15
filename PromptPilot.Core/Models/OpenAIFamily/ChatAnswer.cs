using System.Text.Json;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>The first choice of an answer, gathered from its events: text, refusal and finish reason.</summary>
/// <param name="usage">Gets the fields that may be about usage.</param>
internal sealed class ChatAnswer(ChatUsage usage) : IDisposable
{
    private const int MaxRefusal = 4_000;

    private readonly ThoughtText _thoughts = new();

    public AnswerText Text { get; } = new();

    public string? Refusal { get; private set; }

    /// <summary>The last finish reason; null before the first.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>The number of finish reasons.</summary>
    public int Finishes { get; private set; }

    /// <summary>No text has followed the last finish reason.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The number of texts in the present event.</summary>
    public int Contents { get; private set; }

    /// <summary>The position of the last of them in the event.</summary>
    public (int At, int Length) LastContent { get; private set; }

    public void BeginEvent() => Contents = 0;

    /// <summary>Adds the text of an event that is otherwise like the one before.</summary>
    /// <param name="text">A JSON string without its quotes.</param>
    public void Append(ReadOnlySpan<byte> text)
    {
        var before = Text.Length;
        Text.Append(text);
        IsFinished &= Text.Length == before;
    }

    /// <summary>The refusal, this once.</summary>
    public string? TakeRefusal()
    {
        var refusal = Refusal;
        Refusal = null;
        return refusal;
    }

    /// <summary>The part of the model's thinking that arrived since the last call; null if there is none.</summary>
    public string? TakeThoughts() => _thoughts.Take();

    public void Dispose() => Text.Dispose();

    /// <returns>True when a choice carries an error.</returns>
    public bool ReadChoices(ref Utf8JsonReader json)
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
                isError |= JsonWords.IsSomething(ref json);
            }
            else
            {
                usage.ReadField(ref json);
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
        var before = Text.Length;
        if (delta.TokenType is JsonTokenType.StartObject)
        {
            ReadDelta(ref delta);
        }
        else if (delta.TokenType is JsonTokenType.String)
        {
            Text.Append(ref delta);
        }
        else if (text.TokenType == JsonTokenType.String)
        {
            Text.Append(ref text);
        }

        if (message.TokenType == JsonTokenType.StartObject && isLast && !Text.HasBegun && Refusal is null)
        {
            // The whole answer in one event; beside deltas some servers repeat it here.
            ReadDelta(ref message);
        }

        IsFinished &= Text.Length == before;
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
                if (json.TokenType == JsonTokenType.String && json.ValueSpan.Length > 0 && (Refusal?.Length ?? 0) < MaxRefusal)
                {
                    Refusal += JsonWords.Text(ref json);
                }

                json.Skip();
            }
            else if (json.ValueTextEquals("reasoning_content"u8) || json.ValueTextEquals("reasoning"u8))
            {
                json.Read();
                _thoughts.Append(ref json);
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
                Text.Append(ref json);
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
                if (isThinking)
                {
                    _thoughts.Append(ref text);
                }
                else
                {
                    Note(ref text);
                    Text.Append(ref text);
                }

                break;
            default:
                throw UnknownText();
        }
    }

    /// <summary>The position of a text in its event.</summary>
    private void Note(ref Utf8JsonReader text)
    {
        LastContent = ((int)text.TokenStartIndex + 1, text.ValueSpan.Length);
        Contents++;
    }

    private void Finish(string? word)
    {
        if (word is not null)
        {
            (FinishReason, IsFinished) = (word, true);
            Finishes++;
        }
    }

    private static JsonException UnknownText() => new("The text is neither a string nor a list of parts.");
}
