using System.Text.Json;

namespace PromptPilot.Core.Shared.Liquid;

/// <summary>Exactly one Liquid expression over the run context, such as <c>ticket.title</c> or <c>summary | truncate: 500</c>. Immutable and thread-safe; parsed ones are cached.</summary>
public sealed class LiquidExpression
{
    private static readonly ParseCache<LiquidExpression> Cache = new(text => new LiquidExpression(text));

    private readonly string _text;
    private readonly ValueNode? _root;

    private LiquidExpression(string text)
    {
        _text = text;
        var reads = new List<string>();
        var parser = new LiquidExpressionParser(
            (name, _) =>
            {
                if (!reads.Contains(name))
                {
                    reads.Add(name);
                }
            },
            () => false);
        try
        {
            LiquidText.Check(text);
            _root = parser.Parse(text, 0);
            Errors = [];
        }
        catch (LiquidException error)
        {
            Errors = [LiquidText.Locate(text, error)];
        }

        Reads = reads;
        HasDefault = parser.HasDefault;
    }

    /// <summary>What is wrong; empty when the expression can be evaluated.</summary>
    public IReadOnlyList<LiquidError> Errors { get; }

    /// <summary>The top-level keys it reads, in order of first appearance.</summary>
    public IReadOnlyList<string> Reads { get; }

    /// <summary>It has a <c>default</c> filter, so it survives a key that is not there.</summary>
    public bool HasDefault { get; }

    public static LiquidExpression Parse(string text) => Cache.Get(text);

    /// <summary>Whether a value counts as true in a condition: everything but false and nil.</summary>
    public static bool IsTrue(JsonElement value) => value.ValueKind is not (JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined);

    /// <summary>Evaluates over a context. Lists and objects stay what they are.</summary>
    /// <returns>The value (JSON null for nil), or a problem that names the key that is not there.</returns>
    public Result<JsonElement> Evaluate(IReadOnlyDictionary<string, JsonElement> context, CancellationToken cancellationToken)
    {
        if (_root is null)
        {
            return Problem.Invalid(LiquidText.Sentence(Errors[0]));
        }

        if (!HasDefault && Reads.FirstOrDefault(name => !context.ContainsKey(name)) is { } missing)
        {
            return Problem.Invalid($"There is no “{missing}” here. A “default” filter would stand in for it.", [new FieldError(missing, "There is no such key here.")]);
        }

        try
        {
            return LiquidValue.ToJson(_root.Evaluate(new LiquidState(context, cancellationToken)));
        }
        catch (LiquidException error)
        {
            return Problem.Invalid(LiquidText.Sentence(LiquidText.Locate(_text, error)));
        }
    }
}
