using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// A Liquid condition, as it is in <c>{% if %}</c>: <c>sentiment == 'negative' and score &gt; 3</c>. It has <c>==</c>, <c>!=</c>,
/// <c>&lt;</c>, <c>&gt;</c>, <c>&lt;=</c>, <c>&gt;=</c>, <c>contains</c>, <c>and</c> and <c>or</c>;
/// and/or are read from right to left, as in Liquid. Immutable and thread-safe; parsed ones are cached.
/// </summary>
public sealed class LiquidCondition
{
    private static readonly ParseCache<LiquidCondition> Cache = new(text => new LiquidCondition(text));

    private readonly LiquidExpression _expression;

    private LiquidCondition(string text)
    {
        _expression = LiquidExpression.Parse(text);
        Errors =
            text.Contains("{%", StringComparison.Ordinal) || text.Contains("{{", StringComparison.Ordinal)
                ? [new LiquidError("Write the condition without braces, for example sentiment == 'negative'.", 1, 1)]
                : _expression.Errors;
    }

    /// <summary>Errors; empty when the condition can be evaluated.</summary>
    public IReadOnlyList<LiquidError> Errors { get; }

    /// <summary>The top-level keys it reads, in order of first appearance.</summary>
    public IReadOnlyList<string> Reads => _expression.Reads;

    /// <summary>True if it has a <c>default</c> filter, so it tolerates a missing key.</summary>
    public bool HasDefault => _expression.HasDefault;

    public static LiquidCondition Parse(string text) => Cache.Get(text);

    /// <summary>Evaluates over a context. Only false and nil are false: 0, an empty text and an empty list are true.</summary>
    /// <returns>Whether it holds, or a problem that names the key that is not there, or the place where it failed (a text compared with a
    /// number).</returns>
    public Result<bool> Evaluate(IReadOnlyDictionary<string, JsonElement> context, CancellationToken cancellationToken)
    {
        if (Errors.Count > 0)
        {
            return Problem.Invalid(LiquidText.Sentence(Errors[0]));
        }

        var value = _expression.Evaluate(context, cancellationToken);
        return value.IsOk ? LiquidExpression.IsTrue(value.Value) : value.Problem;
    }
}
