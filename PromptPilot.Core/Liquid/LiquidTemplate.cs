using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// A Liquid template: <c>{{ notes }}</c>, <c>{% if %}</c>, <c>{% for %}</c> and the filters of <see cref="LiquidFilters"/>, with no reach
/// to anything else. Parsed and rendered by Scriban. Immutable and thread-safe; parsed ones are cached.
/// </summary>
public sealed partial class LiquidTemplate
{
    private static readonly ParseCache<LiquidTemplate> Cache = new(text => new LiquidTemplate(text));

    private readonly LiquidSyntax _syntax;
    private readonly PlainTemplate? _plain;

    private LiquidTemplate(string text)
    {
        _syntax = LiquidSyntax.OfTemplate(text);
        Variables = [.. _syntax.Free.Select(f => f.Name)];
        var names = _syntax
            .Free.Select(f => (f.Offset, Message: KeyNames.Problem(f.Name, LiquidFilters.IsFilter)))
            .Where(f => f.Message is not null)
            .Select(f => _syntax.Locate(f.Message!, f.Offset));
        Errors = [.. _syntax.Errors.Concat(names).OrderBy(e => e.Line).ThenBy(e => e.Column)];
        _plain = Errors.Count == 0 ? PlainTemplate.Of(text, Variables) : null;
    }

    /// <summary>Errors, in order of place; empty when the template can be rendered.</summary>
    public IReadOnlyList<LiquidError> Errors { get; }

    /// <summary>Valid code that probably means something else, such as a Jinja comment.</summary>
    public IReadOnlyList<LiquidError> Warnings => _syntax.Warnings;

    /// <summary>Free variables, in order of first appearance.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Parts that it includes, in order of place.</summary>
    public IReadOnlyList<LiquidInclude> Includes => _syntax.Includes;

    /// <summary>The text as a tree.</summary>
    internal LiquidSyntax Syntax => _syntax;

    /// <summary>A template that renders to exactly this text, including any braces.</summary>
    public static string Of(string text) =>
        !text.Contains("{{", StringComparison.Ordinal) && !text.Contains("{%", StringComparison.Ordinal) ? text
        : !text.Contains("raw", StringComparison.Ordinal) && !text.EndsWith('{') && !text.EndsWith('%') ? $"{{% raw %}}{text}{{% endraw %}}"
        : Braces().Replace(text, "{{ '$0' }}");

    [GeneratedRegex(@"\{[{%]")]
    private static partial Regex Braces();

    /// <summary>Free variables with those of its parts that it gives no value itself.</summary>
    /// <param name="parts">The parts by <see cref="LiquidInclude.Key"/>. Missing ones are skipped.</param>
    public IReadOnlyList<string> VariablesWith(IReadOnlyDictionary<string, LiquidPart> parts) => [.. _syntax.DeclaredWith(parts)];

    public static LiquidTemplate Parse(string text) => Cache.Get(text);

    /// <summary>Renders with the given values. Text goes in verbatim and is never parsed again.</summary>
    /// <param name="values">Values by variable; null counts as no value.</param>
    /// <param name="optional">Variables that may stay without value and are nil then.</param>
    /// <param name="parts">
    /// What it includes, by <see cref="LiquidInclude.Key"/>. Variables flow into a part; what it assigns stays in it.
    /// </param>
    /// <returns>The text, or a problem that names the variable without value, or the place where rendering failed.</returns>
    public Result<string> Render(
        IReadOnlyDictionary<string, JsonElement> values,
        IReadOnlyCollection<string> optional,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, LiquidPart>? parts = null
    )
    {
        if (Errors.Count > 0)
        {
            return Problem.Invalid(LiquidText.Sentence(Errors[0]));
        }

        if (Missing(parts is null ? Variables : VariablesWith(parts), values, optional) is { } missing)
        {
            return missing;
        }

        if (_plain?.Render(values) is { } plain)
        {
            return plain;
        }

        var context = _syntax.Context(values, cancellationToken, parts);
        return _syntax.Run(context, template => template.Render(context), cancellationToken);
    }

    /// <summary>
    /// Renders JSON: what is printed is escaped for a JSON string, unless the filter <c>json</c> has just made it. Variables without value
    /// are nil.
    /// </summary>
    /// <returns>The text, which can still be wrong JSON, or a problem with the place where rendering failed.</returns>
    internal Result<string> RenderJson(IReadOnlyDictionary<string, JsonElement> values, CancellationToken cancellationToken)
    {
        if (Errors.Count > 0)
        {
            return Problem.Invalid(LiquidText.Sentence(Errors[0]));
        }

        var context = _syntax.Context(values, cancellationToken);
        context.WritesJson = true;
        return _syntax.Run(context, template => template.Render(context), cancellationToken);
    }

    /// <summary>A problem that names the variables without value, or null.</summary>
    internal static Problem? Missing(
        IEnumerable<string> variables,
        IReadOnlyDictionary<string, JsonElement> values,
        IReadOnlyCollection<string> optional
    )
    {
        var missing = variables.Where(name => !optional.Contains(name) && !LiquidText.HasValue(values, name)).ToList();
        return missing.Count == 0
            ? null
            : Problem.Invalid(
                missing.Count == 1
                    ? $"The variable “{missing[0]}” has no value. Provide one, or make it optional in the prompt."
                    : $"The variables {string.Join(", ", missing.Select(m => $"“{m}”"))} have no value. Provide values, or make "
                        + "them optional in the prompt.",
                [.. missing.Select(m => new FieldError(m, "It has no value."))]
            );
    }
}
