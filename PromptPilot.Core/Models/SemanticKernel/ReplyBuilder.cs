using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using OllamaSharp.Models.Chat;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>How an answer ended.</summary>
internal enum Ending
{
    /// <summary>No finish reason was seen: whatever arrived is not a whole answer.</summary>
    None,
    Stop,
    Length,
    Filtered,
}

/// <summary>Collects the chunks of one call into a reply.</summary>
internal sealed class ReplyBuilder(ModelProfile profile, ModelRequest request)
{
    private readonly StringBuilder _text = new();
    private StringBuilder? _refusal;
    private string? _model;
    private int? _inputTokens;
    private int? _outputTokens;
    private int _cachedTokens;
    private string? _oddEnding;
    private TimeSpan? _firstTokenAfter;

    public int Chunks { get; private set; }

    /// <summary>Of the text so far, in UTF-16 code units.</summary>
    public int Length => _text.Length;

    public Ending Ending { get; private set; }

    /// <summary>Takes a chunk in. Returns its text; empty when it has none.</summary>
    public string Add(StreamingChatMessageContent chunk)
    {
        Chunks++;
        if (chunk.Content is { Length: > 0 } text)
        {
            _text.Append(text);
        }
        else
        {
            text = "";
        }

        switch (chunk.InnerContent)
        {
            case StreamingChatCompletionUpdate update:
                Read(update);
                break;
            case ChatResponseUpdate update:
                Read(update);
                break;
            case OfflineEnd end:
                (_inputTokens, _outputTokens) = (end.InputTokens, end.OutputTokens);
                Ending = end.Truncated ? Ending.Length : Ending.Stop;
                break;
        }

        return text;
    }

    public void FirstTokenAt(TimeSpan after) => _firstTokenAfter ??= after;

    public bool HasFirstToken => _firstTokenAfter is not null;

    /// <summary>The reply at the stream's end: a success only with a finish reason and text.</summary>
    public ModelReply Finish() =>
        Ending switch
        {
            Ending.Filtered => Fail(
                new(ErrorCode.ContentFiltered, "The provider's content filter stopped the answer. Reword the prompt or the input.")
            ),
            Ending.None when _oddEnding is not null => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    $"The provider ended its answer in an unknown way (“{_oddEnding}”). Check that the endpoint speaks the API of the profile's provider."
                )
            ),
            Ending.None => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The stream ended before the answer was complete. Run again; if it stays so, check that the endpoint speaks the API of the profile's provider."
                )
            ),
            _ when _refusal is not null && IsBlank => Fail(
                new(ErrorCode.ContentFiltered, $"The model refused to answer. Reword the prompt or the input. It says: {_refusal}")
            ),
            Ending.Length when IsBlank => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The answer was empty: the token limit was used up before any text. Raise the profile's or the step's “max tokens”."
                )
            ),
            _ when IsBlank => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The provider ended its answer without any text. Run again, or ask for the text more clearly in the prompt."
                )
            ),
            _ => Reply(null),
        };

    public ModelReply Fail(ModelFault fault) => Reply(fault);

    private bool IsBlank
    {
        get
        {
            foreach (var part in _text.GetChunks())
            {
                if (!part.Span.IsWhiteSpace())
                {
                    return false;
                }
            }

            return true;
        }
    }

    private void Read(StreamingChatCompletionUpdate update)
    {
        _model = string.IsNullOrEmpty(_model) ? update.Model : _model; // Azure's first chunk has an empty one
        if (update.FinishReason is { } reason)
        {
            Ending = reason switch
            {
                OpenAI.Chat.ChatFinishReason.Length => Ending.Length,
                OpenAI.Chat.ChatFinishReason.ContentFilter => Ending.Filtered,
                _ => Ending.Stop,
            };
        }

        if (update.Usage is { } usage)
        {
            (_inputTokens, _outputTokens) = (usage.InputTokenCount, usage.OutputTokenCount);
            _cachedTokens = usage.InputTokenDetails?.CachedTokenCount ?? 0;
        }

        if (update.RefusalUpdate is { Length: > 0 } refusal)
        {
            (_refusal ??= new StringBuilder()).Append(refusal);
        }
    }

    private void Read(ChatResponseUpdate update)
    {
        _model ??= update.ModelId;
        foreach (var content in update.Contents)
        {
            // Parts of the usage come in several updates and are meant to be added up.
            if (content is UsageContent { Details: { } usage })
            {
                _inputTokens = (int?)usage.InputTokenCount + (_inputTokens ?? 0) ?? _inputTokens;
                _outputTokens = (int?)usage.OutputTokenCount + (_outputTokens ?? 0) ?? _outputTokens;
                _cachedTokens += (int)(usage.CachedInputTokenCount ?? 0);
            }
        }

        if (update.FinishReason is null && update.RawRepresentation is ChatDoneResponseStream { Done: true })
        {
            // An Ollama from before it gave reasons.
            Ending = Ending.Stop;
        }

        if (update.FinishReason is { } reason)
        {
            Ending =
                reason == ChatFinishReason.Stop ? Ending.Stop
                : reason == ChatFinishReason.Length ? Ending.Length
                : reason == ChatFinishReason.ContentFilter ? Ending.Filtered
                : Ending.None;
            _oddEnding = Ending == Ending.None ? reason.Value : null;
        }
    }

    private ModelReply Reply(ModelFault? fault)
    {
        var text = _text.ToString();

        // A call that failed before any answer is not billed; one that broke off is, by what was sent and received.
        var input = _inputTokens ?? (Chunks == 0 ? 0 : TokenEstimate.Of(request.SystemMessage) + TokenEstimate.Of(request.Prompt));
        var output = _outputTokens ?? TokenEstimate.Of(text);
        var model = string.IsNullOrEmpty(_model) ? profile.Model : _model;
        return new ModelReply(
            text,
            model,
            input,
            output,
            profile.Prices.Cost(input, output, _cachedTokens),
            Ending == Ending.Length && fault is null,
            _firstTokenAfter,
            fault
        )
        {
            CachedTokens = Math.Min(_cachedTokens, input),
        };
    }
}
