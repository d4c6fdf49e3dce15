using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// A place where a template takes in another prompt: <c>{% include "house-style" %}</c>, perhaps with <c>, label: "production"</c> or
/// <c>, version: "1.2.0"</c>.
/// </summary>
/// <param name="Label">The label to follow; null: none.</param>
/// <param name="Version">An exact version; null together with no label: the newest one of the moment of saving.</param>
public sealed record LiquidInclude(string Name, string? Label, string? Version, int Line, int Column)
{
    /// <summary>The same key for all includes with the same meaning, in any case of the name.</summary>
    public string Key => KeyOf(Name, Label, Version);

    /// <summary>Names that the template itself gives a value at this place.</summary>
    internal IReadOnlySet<string> Bound { get; init; } = FrozenSet<string>.Empty;

    public static string KeyOf(string name, string? label, string? version) => $"{name.Trim().ToUpperInvariant()}\n{label}\n{version}";
}

/// <summary>A part at one version, with all parts it includes. Immutable and shared.</summary>
/// <param name="Parts">The parts by <see cref="LiquidInclude.Key"/>.</param>
public sealed record LiquidPart(string Name, string Text, IReadOnlyDictionary<string, LiquidPart> Parts)
{
    public static readonly IReadOnlyDictionary<string, LiquidPart> None = FrozenDictionary<string, LiquidPart>.Empty;

    private readonly Lazy<IReadOnlyList<string>> _variables = new(() => LiquidTemplate.Parse(Text).VariablesWith(Parts));
    private readonly Lazy<int> _depth = new(() => 1 + Parts.Values.Select(part => part.Depth).DefaultIfEmpty(0).Max());

    /// <summary>Variables that it and its parts need.</summary>
    public IReadOnlyList<string> Variables => _variables.Value;

    /// <summary>Levels of parts, counted with this one.</summary>
    public int Depth => _depth.Value;
}

/// <summary>
/// Reads the tags that include parts. Scriban's own include does something else, so the tag becomes an <c>echo</c> of its number, which
/// <see cref="LiquidContext"/> replaces with the part.
/// </summary>
internal static partial class LiquidIncludeTag
{
    /// <summary>Tags in one template.</summary>
    public const int Most = 500;

    /// <summary>The name of the call in Scriban's tree, which no variable can have.</summary>
    public const string Function = "|include";

    private const string Usage =
        "Write {% include \"name of a prompt\" %}. For a version other than the newest, add a comma and "
        + "label: \"production\" or version: \"1.2.0\".";

    /// <param name="at">Position of the word <c>include</c>.</param>
    /// <param name="read">Receives the text for Scriban.</param>
    /// <exception cref="LiquidException">It is written wrongly.</exception>
    public static LiquidInclude Read(string text, int at, char[] read, int number)
    {
        var tag = Pattern().Match(text, at);
        if (!tag.Success || number >= Most)
        {
            throw new LiquidException(tag.Success ? $"A template can include at most {Most} parts." : Usage, at);
        }

        var name = tag.Groups["name"].Value;
        var option = tag.Groups["value"] is { Success: true } value ? value.Value : null;
        var echo = FormattableString.Invariant($"echo {number}");
        Array.Fill(read, ' ', at, tag.Length);
        echo.CopyTo(0, read, at, echo.Length);
        var place = LiquidText.Locate(text, "", at);
        var isLabel = tag.Groups["option"].Value == "label";
        return new LiquidInclude(name.Trim(), isLabel ? option : null, isLabel ? null : option, place.Line, place.Column);
    }

    [GeneratedRegex(
        """\Ginclude\s+(?<q>["'])(?<name>(?:(?!\k<q>)[^\r\n]){1,200})\k<q>(?:\s*,\s*(?<option>label|version)\s*:\s*(?<r>["'])(?<value>[A-Za-z0-9._-]{1,64})\k<r>)?(?=\s*-?%\})""",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}
