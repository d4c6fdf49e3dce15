using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// Exactly one Liquid expression over the run context, such as <c>ticket.title</c> or <c>summary | truncate: 500</c>. Immutable and
/// thread-safe; parsed ones are cached.
/// </summary>
public sealed class LiquidExpression
{
    private static readonly ParseCache<LiquidExpression> Cache = new(text => new LiquidExpression(text));

    private readonly LiquidSyntax _syntax;

    /// <summary>The key if the expression is only a key, otherwise null.</summary>
    private readonly string? _key;

    private LiquidExpression(string text)
    {
        _syntax = LiquidSyntax.OfExpression(text);
        Reads = [.. _syntax.Free.Select(f => f.Name)];
        _key = Errors.Count == 0 && Reads is [var only] && text.Trim() == only ? only : null;
    }

    /// <summary>Errors; empty when the expression can be evaluated.</summary>
    public IReadOnlyList<LiquidError> Errors => _syntax.Errors;

    /// <summary>The top-level keys it reads, in order of first appearance.</summary>
    public IReadOnlyList<string> Reads { get; }

    /// <summary>True if it has a <c>default</c> filter, so it tolerates a missing key.</summary>
    public bool HasDefault => _syntax.HasDefault;

    public static LiquidExpression Parse(string text) => Cache.Get(text);

    /// <summary>True if a value is true in a condition: everything except false and nil.</summary>
    public static bool IsTrue(JsonElement value) =>
        value.ValueKind is not (JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined);

    /// <summary>Evaluates over a context. Lists and objects stay what they are.</summary>
    /// <returns>The value (JSON null for nil), or a problem that names the missing key.</returns>
    public Result<JsonElement> Evaluate(IReadOnlyDictionary<string, JsonElement> context, CancellationToken cancellationToken)
    {
        if (Errors.Count > 0)
        {
            return Problem.Invalid(LiquidText.Sentence(Errors[0]));
        }

        // Most mappings are a single key with a text value, which needs no rendering.
        if (_key is not null && context.TryGetValue(_key, out var value) && PlainTemplate.TextOf(value) is not null)
        {
            return value;
        }

        if (!HasDefault && Reads.FirstOrDefault(name => !context.ContainsKey(name)) is { } missing)
        {
            return Problem.Invalid(
                $"There is no “{missing}” here. Add a “default” filter to provide a value.",
                [new FieldError(missing, "There is no such key here.")]
            );
        }

        var scope = _syntax.Context(context, cancellationToken);
        return _syntax.Run(scope, template => LiquidValue.ToJson(template.Evaluate(scope)), cancellationToken);
    }
}
