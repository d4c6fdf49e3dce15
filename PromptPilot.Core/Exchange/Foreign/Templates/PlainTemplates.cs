using System.Text.RegularExpressions;

namespace PromptPilot.Core.Exchange.Foreign.Templates;

/// <summary>Templates that are little more than names in braces.</summary>
internal static partial class PlainTemplates
{
    /// <summary>Longer ones are expressions: matching them could take time with the square of their length.</summary>
    public const int LongestReference = 500;

    /// <summary>Mustache: variables and sections. Partials have no counterpart.</summary>
    public static TranslatedText Mustache(string text)
    {
        var (translation, open, at) = (new Translation(text), new Stack<(string Name, string End)>(), 0);
        foreach (Match tag in MustacheTag().Matches(text))
        {
            translation.Add(text.AsSpan(at, tag.Index - at));
            at = tag.Index + tag.Length;
            var (kind, name) = (tag.Groups["kind"].Value, tag.Groups["name"].Value.Trim());
            switch (kind)
            {
                case "" or "&" or "{":
                    translation.Add($"{{{{ {(name == "." ? "item" : name)} }}}}");
                    break;
                case "!":
                    translation.Note(tag.Index, "a comment was removed.");
                    break;
                case "#" when IsLoop(text, at, name):
                    open.Push((name, "endfor"));
                    translation.Add($"{{% for item in {name} %}}");
                    break;
                case "#":
                    open.Push((name, "endif"));
                    translation.Add($"{{% if {name} %}}");
                    translation.Note(tag.Index, $"the section “{name}” is now a condition. If it is a list, make it a loop.");
                    break;
                case "^":
                    open.Push((name, "endunless"));
                    translation.Add($"{{% unless {name} %}}");
                    break;
                case "/" when open.TryPeek(out var opened) && opened.Name == name:
                    translation.Add($"{{% {open.Pop().End} %}}");
                    break;
                default:
                    translation.Refuse(tag.Index, tag.Value, "has no equivalent in Liquid. Rewrite it.");
                    break;
            }
        }

        translation.Add(text.AsSpan(at));
        return translation.End();
    }

    /// <summary>Python's format strings: <c>{name}</c>, and double braces for braces.</summary>
    public static TranslatedText Format(string text)
    {
        var (translation, at) = (new Translation(text), 0);
        foreach (Match tag in FormatTag().Matches(text))
        {
            translation.Add(text.AsSpan(at, tag.Index - at));
            at = tag.Index + tag.Length;
            if (tag.Value is "{{" or "}}")
            {
                translation.Add(tag.Value.AsSpan(0, 1));
            }
            else if (Name().IsMatch(tag.Groups["name"].Value))
            {
                translation.Add($"{{{{ {tag.Groups["name"].Value} }}}}");
            }
            else
            {
                translation.Refuse(tag.Index, tag.Value, "is not a name. Write {{ name }}, or double the braces before importing.");
            }
        }

        translation.Add(text.AsSpan(at));
        return translation.End();
    }

    /// <summary>References to values of other nodes of a flow, as plain variables named by their last part.</summary>
    public static TranslatedText References(string text) => References(text, (_, last) => last);

    /// <summary>References to values of other nodes of a flow, as plain variables.</summary>
    /// <param name="nameOf">The name for a reference and the last part of it, which is null if it does not end with a name. Null: there is
    /// none, and the reference is refused.</param>
    public static TranslatedText References(string text, Func<string, string?, string?> nameOf)
    {
        var (translation, at) = (new Translation(text), 0);
        foreach (Match tag in Reference().Matches(text))
        {
            translation.Add(text.AsSpan(at, tag.Index - at));
            at = tag.Index + tag.Length;
            var inside = Inside(tag);
            if (nameOf(inside, LastNameOf(inside)) is { } name)
            {
                translation.Add($"{{{{ {name} }}}}");
                if (name != inside)
                {
                    translation.Note(tag.Index, $"“{inside}” is now the variable “{name}”.");
                }
            }
            else
            {
                translation.Refuse(tag.Index, tag.Value, "is an expression in the other tool’s syntax. Replace it with a variable.");
            }
        }

        translation.Add(text.AsSpan(at));
        return translation.End();
    }

    private static string? LastNameOf(string reference) =>
        reference.Length <= LongestReference && LastName().Match(reference) is { Success: true } last ? last.Groups["name"].Value : null;

    /// <summary>The references in a text, without their braces.</summary>
    public static IEnumerable<string> ReferencesIn(string text) => Reference().Matches(text).Select(Inside);

    private static string Inside(Match tag) => tag.Groups["inside"].Value.Trim().Trim('#').Trim();

    /// <summary>A section that shows each item of a list names it by a dot.</summary>
    private static bool IsLoop(string text, int from, string name)
    {
        var end = text.IndexOf($"{{{{/{name}}}}}", from, StringComparison.Ordinal);
        return end > 0 && Dot().IsMatch(text[from..end]);
    }

    [GeneratedRegex(
        @"\{\{\s*(?<kind>\{)\s*(?<name>[^{}]*)\}\}\}|\{\{\s*(?<kind>[#^/>&!=]?)(?<name>[^{}]*)\}\}",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex MustacheTag();

    [GeneratedRegex(@"\{\{\s*\.\s*\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Dot();

    [GeneratedRegex(@"\{\{|\}\}|\{(?<name>[^{}]*)\}", RegexOptions.NonBacktracking)]
    private static partial Regex FormatTag();

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{N}_]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"\{\{(?<inside>[^{}]*)\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^[\p{L}\p{N}_$.\-\[\]'""() ]*?[.\['""]?(?<name>[\p{L}_][\p{L}\p{N}_]*)['""\]]*$")]
    private static partial Regex LastName();
}
