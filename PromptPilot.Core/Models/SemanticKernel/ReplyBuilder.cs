using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>Collects the chunks of one call into a reply.</summary>
internal sealed class ReplyBuilder(ModelProfile profile, ModelRequest request)
{
    private readonly StringBuilder _text = new();
    private readonly ThinkingFilter? _thinking = profile.HideThinking ? new() : null;
    private readonly ModelProtocol? _protocol = Providers.Of(profile.Provider).Protocol;
    private StringBuilder? _refusal;
    private string? _model;
    private int? _inputTokens;
    private int? _outputTokens;
    private int _cachedTokens;
    private int _writtenTokens;
    private int _reasoningTokens;
    private StringBuilder? _thoughts;
    private string? _finishReason;
    private TimeSpan? _firstTokenAfter;

    /// <summary>No model has a longer name; in UTF-16 code units.</summary>
    private const int MaxModel = 200;

    /// <summary>The name under which Anthropic's client reports the tokens written to the cache.</summary>
    private const string CacheWrites = "CacheCreationInputTokens";

    /// <summary>The same for the word of a finish reason.</summary>
    private const int MaxFinishReason = 60;

    public int Chunks { get; private set; }

    /// <summary>Length of the text so far in UTF-16 code units.</summary>
    public int Length => _text.Length;

    public Ending Ending { get; private set; }

    /// <summary>Takes a chunk in. Returns its text; empty when it has none.</summary>
    public string Add(StreamingChatMessageContent chunk)
    {
        Chunks++;
        var text = ((chunk.InnerContent is ChatResponseUpdate read ? read.Text : chunk.Content) ?? "").Replace('\0', '\uFFFD');
        text = _thinking?.Add(text) ?? text;
        _text.Append(text);

        switch (chunk.InnerContent)
        {
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

    /// <summary>The stream is over. Returns the text that was held back until then.</summary>
    public string Complete()
    {
        var text = _thinking?.Complete() ?? "";
        _text.Append(text);
        _thinking?.RemoveUnopened(_text);
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
            Ending.Failed => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    $"The provider ended its answer before it was complete (“{_finishReason}”). Run again. If it keeps "
                        + "failing, check the provider's status page."
                )
            ),
            Ending.None => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The stream ended before the answer was complete. Run again. If it keeps failing, check that the endpoint "
                        + "provides the API of the profile's provider."
                )
            ),
            _ when _refusal is not null && IsBlank => Fail(
                new(ErrorCode.ContentFiltered, $"The model refused to answer. Reword the prompt or the input. Its message: {_refusal}")
            ),
            Ending.Length when IsBlank => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The answer was empty: the token limit was used up before any text. Raise the profile's or the step's “max tokens”."
                )
            ),
            _ when IsBlank && _thinking?.Hidden > 0 => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The model wrote only its thinking and no answer. Run again, or turn off “Hide thinking” in the profile to "
                        + "see the text."
                )
            ),
            Ending.Other when IsBlank => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    $"The provider ended its answer without text and with an unknown finish reason (“{_finishReason}”). Check "
                        + "that the endpoint provides the API of the profile's provider."
                )
            ),
            _ when IsBlank => Fail(
                new(
                    ErrorCode.IncompleteStream,
                    "The provider ended its answer without any text. Run again, or make the prompt ask for text more clearly."
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

    private void Read(ChatResponseUpdate update)
    {
        _model = string.IsNullOrEmpty(_model) ? update.ModelId : _model; // Azure's first chunk has an empty one
        foreach (var content in update.Contents)
        {
            // The usage arrives in several updates that must be added up.
            if (content is UsageContent { Details: { } usage })
            {
                _inputTokens = (int?)usage.InputTokenCount + (_inputTokens ?? 0) ?? _inputTokens;
                _outputTokens = (int?)usage.OutputTokenCount + (_outputTokens ?? 0) ?? _outputTokens;
                _cachedTokens += (int)(usage.CachedInputTokenCount ?? 0);
                _reasoningTokens += (int)(usage.ReasoningTokenCount ?? 0);
                _writtenTokens += (int)(usage.AdditionalCounts?.GetValueOrDefault(CacheWrites) ?? 0);
            }
            else if (content is TextReasoningContent { Text: { Length: > 0 } thought })
            {
                AddThought(thought);
            }
            else if (content is ErrorContent { Message: { Length: > 0 } refusal })
            {
                (_refusal ??= new StringBuilder()).Append(refusal);
            }
        }

        if (update.FinishReason is null && _protocol?.IsEnd(update) == true)
        {
            Ending = Ending.Stop;
        }

        if (update.FinishReason is { } reason)
        {
            Ending = Endings.Of(reason.Value);
            _finishReason = reason.Value;
        }
    }

    private void AddThought(string text)
    {
        _thoughts ??= new StringBuilder();
        _thoughts.Append(text.AsSpan(0, Math.Min(text.Length, ModelReply.MaxThinking - _thoughts.Length)));
    }

    private ModelReply Reply(ModelFault? fault)
    {
        var text = _text.ToString();
        if (_thinking?.TakeText() is { Length: > 0 } thought)
        {
            AddThought(thought);
        }

        // A call that failed before any answer is not billed. One that broke off is billed by what was sent and received. Servers that did
        // not count report no tokens, e.g. Ollama for a cached prompt.
        var input =
            _inputTokens is > 0 and var told ? told
            : Chunks == 0 ? 0
            : request.EstimateTokens(profile);
        var output = _outputTokens is > 0 and var counted ? counted : TokenEstimate.Of(text) + HiddenTokens;
        var model = string.IsNullOrEmpty(_model) ? profile.Model : Words(_model, MaxModel);
        var cost = profile.Prices.Cost(input, output, _cachedTokens, _writtenTokens);
        return new ModelReply(text, model, input, output, cost, Ending == Ending.Length && fault is null, _firstTokenAfter, fault)
        {
            CachedTokens = Math.Min(_cachedTokens, input),
            CacheWriteTokens = Math.Min(_writtenTokens, input),
            CacheSaving = profile.Prices.Cost(input, output) - cost,
            ReasoningTokens = Math.Min(_reasoningTokens, output),
            Thinking = _thoughts is null ? "" : Unicode.WellFormed(_thoughts.ToString()).Replace('\0', '\uFFFD'),
            FinishReason = _finishReason is null ? null : Words(_finishReason, MaxFinishReason),
            HasEstimatedUsage = input != (_inputTokens ?? 0) || output != (_outputTokens ?? 0),
        };
    }

    private int HiddenTokens => (int)Math.Min((_thinking?.Hidden ?? 0) / 4, int.MaxValue / 2);

    /// <summary>A name from outside, fit to be stored and shown.</summary>
    private static string Words(string text, int most)
    {
        var name = text.Length <= most ? text : text[..most];
        return Unicode.WellFormed(string.Concat(name.Select(c => char.IsControl(c) ? ' ' : c))).Trim();
    }
}
