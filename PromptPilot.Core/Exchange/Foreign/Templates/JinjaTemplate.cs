using System.Text.RegularExpressions;

namespace PromptPilot.Core.Exchange.Foreign.Templates;

/// <summary>
/// Jinja and Nunjucks: the common subset of variables, filters, conditions and loops as Liquid. It reads text, and runs nothing.
/// </summary>
internal static partial class JinjaTemplate
{
    /// <summary>Filters that Liquid has under another name.</summary>
    private static readonly Dictionary<string, string> Filters = new(StringComparer.Ordinal)
    {
        ["upper"] = "upcase",
        ["lower"] = "downcase",
        ["capitalize"] = "capitalize",
        ["trim"] = "strip",
        ["length"] = "size",
        ["count"] = "size",
        ["tojson"] = "json",
        ["dump"] = "json",
        ["first"] = "first",
        ["last"] = "last",
        ["join"] = "join",
        ["default"] = "default",
        ["replace"] = "replace",
        ["reverse"] = "reverse",
        ["sort"] = "sort",
        ["unique"] = "uniq",
        ["escape"] = "escape",
        ["round"] = "round",
        ["abs"] = "abs",
    };

    /// <summary>Filters that change nothing here: nothing is escaped.</summary>
    private static readonly string[] Dropped = ["safe", "string"];

    public static TranslatedText Translate(string text)
    {
        var translation = new Translation(text);
        var at = 0;
        foreach (Match tag in Tag().Matches(text))
        {
            translation.Add(text.AsSpan(at, tag.Index - at));
            at = tag.Index + tag.Length;
            if (tag.Value.StartsWith("{#", StringComparison.Ordinal))
            {
                translation.Note(tag.Index, "a comment was removed.");
                continue;
            }

            var (open, close) = Ends(tag.Value);
            var inside = tag.Value[open.Length..^close.Length].Trim();
            var translated = tag.Value.StartsWith("{{", StringComparison.Ordinal) ? Expression(inside) : Statement(inside);
            if (translated is null)
            {
                translation.Refuse(tag.Index, tag.Value, "has no equivalent in Liquid. Rewrite it.");
            }
            else if (translated.Length > 0)
            {
                translation.Add($"{open} {translated} {close}");
            }
        }

        translation.Add(text.AsSpan(at));
        return translation.End();
    }

    private static (string Open, string Close) Ends(string tag) =>
        (tag[2] == '-' ? tag[..3] : tag[..2], tag.Length > 5 && tag[^3] == '-' ? tag[^3..] : tag[^2..]);

    /// <returns>Liquid; null when it has no counterpart.</returns>
    private static string? Expression(string text)
    {
        var parts = Split(text);
        var translated = Operand(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            var call = Call().Match(part.Trim());
            if (translated is null || !call.Success)
            {
                return null;
            }

            var (name, arguments) = (call.Groups["name"].Value, call.Groups["arguments"].Value.Trim());
            if (Dropped.Contains(name, StringComparer.Ordinal))
            {
                continue;
            }

            if (!Filters.TryGetValue(name, out var filter))
            {
                return null;
            }

            translated += arguments.Length == 0 ? $" | {filter}" : $" | {filter}: {arguments}";
        }

        return translated;
    }

    private static string? Statement(string text)
    {
        var word = text.Split(' ', 2)[0];
        var rest = text[word.Length..].Trim();
        return word switch
        {
            "if" when rest.StartsWith("not ", StringComparison.Ordinal) => Condition(rest[4..]) is { } not
            && !rest.Contains(" and ")
            && !rest.Contains(" or ")
                ? $"if {not} == false or {not} == nil"
                : null,
            "if" => Condition(rest) is { } condition ? $"if {condition}" : null,
            "elif" or "elseif" => Condition(rest) is { } condition ? $"elsif {condition}" : null,
            "else" or "endif" or "endfor" => rest.Length == 0 ? word : null,
            "for" => Loop().Match(rest) is { Success: true } loop && Operand(loop.Groups["list"].Value) is { } list
                ? $"for {loop.Groups["item"].Value} in {list}"
                : null,
            "set" => Assignment().Match(rest) is { Success: true } set && Expression(set.Groups["value"].Value) is { } value
                ? $"assign {set.Groups["name"].Value} = {value}"
                : null,
            "raw" or "endraw" => word,
            _ => null,
        };
    }

    /// <summary>Comparisons read the same in both; tests and negations do not.</summary>
    private static string? Condition(string text) =>
        ConditionShape().IsMatch(text) && !Foreign().IsMatch(text) ? OfLoop(text.Trim()) : null;

    private static string? Operand(string text) => OperandShape().IsMatch(text.Trim()) ? OfLoop(text.Trim()) : null;

    private static string OfLoop(string text) =>
        LoopVariable()
            .Replace(
                text,
                match =>
                    match.Groups["what"].Value switch
                    {
                        "index" => "forloop.index",
                        "index0" => "forloop.index0",
                        var what => $"forloop.{what}",
                    }
            );

    /// <summary>At pipes that are not in quotes.</summary>
    private static List<string> Split(string text)
    {
        var (parts, from, quote) = (new List<string>(), 0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var here = text[i];
            if (quote != '\0')
            {
                quote = here == quote ? '\0' : quote;
            }
            else if (here is '"' or '\'')
            {
                quote = here;
            }
            else if (here == '|')
            {
                parts.Add(text[from..i]);
                from = i + 1;
            }
        }

        parts.Add(text[from..]);
        return parts;
    }

    [GeneratedRegex(@"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^(?<name>\w+)\s*(\((?<arguments>[^()]*)\))?$", RegexOptions.NonBacktracking)]
    private static partial Regex Call();

    [GeneratedRegex(
        @"^([\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]+|\[('[^']*'|""[^""]*""|\d+)\])*|'[^']*'|""[^""]*""|-?\d+(\.\d+)?|true|false)$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex OperandShape();

    [GeneratedRegex(@"^[\p{L}\p{N}_.\[\]'"" =!<>,;:?-]+$", RegexOptions.NonBacktracking)]
    private static partial Regex ConditionShape();

    [GeneratedRegex(@"\b(is|not|in|if|else)\b|[,;:?]", RegexOptions.NonBacktracking)]
    private static partial Regex Foreign();

    [GeneratedRegex(@"^(?<item>[\p{L}_][\p{L}\p{N}_]*)\s+in\s+(?<list>\S+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Loop();

    [GeneratedRegex(@"^(?<name>[\p{L}_][\p{L}\p{N}_]*)\s*=\s*(?<value>[^=].*)$", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\bloop\.(?<what>index0|index|first|last|length)\b", RegexOptions.NonBacktracking)]
    private static partial Regex LoopVariable();
}
