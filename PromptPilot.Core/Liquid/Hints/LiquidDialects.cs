using System.Text.RegularExpressions;

namespace PromptPilot.Core.Liquid.Hints;

/// <summary>Suggests Liquid for what was written in Jinja, Nunjucks, Handlebars or n8n.</summary>
internal static class LiquidDialects
{
    /// <summary>The most characters of a tag that are examined.</summary>
    private const int Most = 400;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;

    private static readonly Dictionary<string, string> Filters = new()
    {
        ["trim"] = "strip",
        ["length"] = "size",
        ["count"] = "size",
        ["lower"] = "downcase",
        ["upper"] = "upcase",
        ["title"] = "capitalize",
        ["tojson"] = "json",
        ["dump"] = "json",
        ["safe"] = "",
        ["indent"] = "",
        ["list"] = "",
        ["string"] = "",
        ["d"] = "default",
    };

    private static readonly (Regex Pattern, string Advice)[] Shapes =
    [
        Shape(@"^\{%-?\s*filter\b", "Write {% capture text %} … {% endcapture %}, then {{ text | strip }}."),
        Shape(@"^\{%-?\s*for\s+\w+\s*,", "Write {% for pair in object %}. The key is pair[0], the value pair[1]."),
        Shape(@"^\{%-?\s*(els)?if\b[^|]*\s(not\s+)?in\s", "Write {% if list contains 'x' %}."),
        Shape(@"\|\s*(length|count|size)\s*[<>=!]", "Write the size without a filter: {% if list.size > 0 %}."),
        Shape(@"^\{\{\s*ref\s*:", "Write {% include \"name\" %}."),
        Shape(@"^\{\{[#/]?\s*role\b", "Add a message with this role instead: a prompt can be a list of messages."),
        Shape(@"^\{\{\s*media\b", "Prompts are text and cannot contain files."),
        Shape(@"^\{\{!", "Write comments as {% comment %} … {% endcomment %}."),
        Shape(@"^\{\{\s*@(index|first|last|key)\b", "Write forloop.index0, forloop.first or forloop.last inside {% for %}."),
        Shape(@"^\{\{-?\s*@|^\{\{#?[a-z]+\s[^}]*@", "Write the name of a variable, without “@”."),
        Shape(@"^\{\{[^|$]*\w\s+\$\w", "Functions cannot be called. Pass what they return as a variable: {{ name }}."),
        Shape(@"^\{%-?\s*elif\b", "Write {% elsif … %}."),
        Shape(@"^\{%-?\s*else\s+if\b", "Write {% elsif … %}."),
        Shape(@"^\{%-?\s*set\b", "Write {% assign name = … %}."),
        Shape(@"^\{%-?\s*(block|extends|macro|import|from|call|filter|with)\b", "Move shared text into a prompt and {% include %} it."),
        Shape(@"^\{\{>", "Write {% include \"name\" %}."),
        Shape(@"^\{\{[#/^]|^\{\{\s*else\b", "Write {% if … %} … {% endif %}, or {% for … %} … {% endfor %}."),
        Shape(@"^\{\{\{", "Write two braces: {{ name }}."),
        Shape(@"^\{\{-?\s*=?\s*\$", "Write the name of a variable, without “$”."),
        Shape(@"\|\s*\w+\s*\(", "Write arguments after a colon: {{ name | default: 'none' }}."),
        Shape(@"^\{%-?\s*(els)?if\s+not\b", "Write {% unless … %}, or compare: {% if name == blank %}."),
        Shape(@"\bis\s+(not\s+)?(defined|none|empty)\b", "Write {% if name %}, or compare: {% if name == blank %}."),
        Shape(@"^\{\{.*\s(if|\?)\s.*\s(else|:)\s", "Write {% if … %} … {% else %} … {% endif %}."),
        Shape(@"\brange\s*\(", "Write a range: {% for i in (1..3) %}."),
        Shape(@"\w\(", "Liquid has no functions. Use a filter: {{ name | upcase }}."),
        Shape(@"\s~\s", "Write {{ name | append: other }}."),
        Shape(@"\s\+\s", "Write {{ number | plus: 1 }}, or {{ text | append: other }}."),
        Shape(@"\s\*\s", "Write {{ number | times: 2 }}."),
    ];

    /// <summary>A suggestion for an error, or null.</summary>
    /// <param name="offset">Position of the error.</param>
    public static string? Advice(string text, int offset)
    {
        offset = Math.Clamp(offset, 0, text.Length);
        var from = Math.Max(0, offset - Most);
        var before = text.AsSpan(from, Math.Min(text.Length, offset + 2) - from);
        var start = Math.Max(before.LastIndexOf("{{"), before.LastIndexOf("{%"));
        if (start < 0)
        {
            return null;
        }

        if (start > 0 && before[start - 1] == '{')
        {
            start--;
        }

        var rest = text.AsSpan(from + start, Math.Min(Most, text.Length - from - start));
        var close = rest.IndexOfAny("}\n");
        var tag = rest[..(close < 0 ? rest.Length : close)].ToString();
        foreach (var (pattern, advice) in Shapes)
        {
            if (pattern.IsMatch(tag))
            {
                return advice;
            }
        }

        var filter = Unknown.Match(text, offset, Math.Min(30, text.Length - offset)).Value;
        return !Filters.TryGetValue(filter, out var ours) ? null
            : ours == "" ? "Leave it out."
            : $"Write {ours}.";
    }

    private static readonly Regex Unknown = new(@"^\w+", Options);

    private static (Regex, string) Shape(string pattern, string advice) => (new Regex(pattern, Options), advice);
}
