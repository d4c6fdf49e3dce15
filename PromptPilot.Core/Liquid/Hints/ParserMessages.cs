using System.Text.RegularExpressions;
using Scriban.Parsing;

namespace PromptPilot.Core.Liquid.Hints;

/// <summary>Translates the messages of Scriban's parser into Liquid's terms.</summary>
internal static class ParserMessages
{
    private const string Loop = "Write “{% for item in list %}”.";

    private static readonly (Regex Pattern, string Message)[] Known =
    [
        Of("to the right of the operator", "An operator belongs between two values, as in {% if a == b %}."),
        Of("Expecting <EOL>", "This cannot follow the text before it. An operator or “|” may be missing."),
        Of("Expecting 'in' word", Loop),
        Of("^Expecting a variable instead|Error while parsing for", Loop),
        Of("^When is expecting", "“{% when %}” is incomplete: a value is missing here."),
        Of("top level assignment", "An expression cannot assign. Compare with “==”, or use {% assign %}."),
        Of("Expecting an assign expression|Error while parsing assign", "Write “{% assign name = value %}”."),
        Of(@"Expecting '\]'|<index_expression>", "The brackets are incomplete. Write list[0] or ticket['title']."),
        Of(@"closing `\)`|closing parenthesis", "The parentheses are incomplete. Liquid uses them only in ranges, such as (1..5)."),
        Of("dot operator|<member>", "A dot belongs between two names, as in ticket.title."),
        Of(
            "named argument|argument",
            "The arguments of a filter follow a colon, with commas between them: {{ text | replace: 'a', 'b' }}."
        ),
        Of("Unable to parse", "This number is too large."),
        Of("Expecting <expression>|Unexpected", "A value is expected here."),
    ];

    public static LiquidException Plain(LogMessage message) =>
        message.Message.Contains("<forloop.", StringComparison.Ordinal)
            ? new LiquidException("“forloop” has index, index0, rindex, rindex0, first, last and length.", message.Span.Start.Offset)
            : new LiquidException(
                Known.FirstOrDefault(known => known.Pattern.IsMatch(message.Message)).Message ?? "This is not part of Liquid.",
                message.Span.Start.Offset
            )
            {
                MayBeText = true,
            };

    private static (Regex, string) Of(string pattern, string message) =>
        (new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), message);
}
