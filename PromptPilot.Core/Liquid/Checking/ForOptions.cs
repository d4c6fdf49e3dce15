using PromptPilot.Core.Liquid.Filters;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary>Limit, offset and reversed of a <c>for</c>: Scriban would apply them in another order than Liquid.</summary>
internal static class ForOptions
{
    /// <summary>Takes the options out of the tree.</summary>
    /// <returns>The arguments of <see cref="LiquidFilters.Rounds"/>: limit, offset, reversed.</returns>
    public static ScriptExpression[] Read(ScriptForStatement node, Action<ScriptNode?> walk, Action<ScriptNode?, string> refuse)
    {
        var window = new ScriptExpression[] { new ScriptLiteral(null), new ScriptLiteral(null), new ScriptLiteral(false) };
        foreach (var option in node.NamedArguments is { } given ? given.ToList() : [])
        {
            walk(option.Value);
            switch (option.Name?.Name)
            {
                case "limit" or "offset" when option.Value is { } value:
                    option.Value = null;
                    window[option.Name.Name == "limit" ? 0 : 1] = value;
                    break;
                case "reversed":
                    window[2] = new ScriptLiteral(true);
                    break;
                default:
                    refuse(option, $"“for” has no option “{option.Name?.Name}”.");
                    break;
            }
        }

        return window;
    }

    /// <summary>Makes the list of the loop a call that applies the options.</summary>
    public static void Apply(ScriptForStatement node, ScriptExpression list, ScriptExpression[] window)
    {
        node.NamedArguments?.Clear();
        node.Iterator = null;
        var rounds = new ScriptFunctionCall { Target = new ScriptVariableGlobal(LiquidFilters.Rounds.Key), Span = list.Span };
        foreach (var argument in window)
        {
            rounds.Arguments.Add(argument);
        }

        node.Iterator = new ScriptPipeCall
        {
            From = list,
            To = rounds,
            Span = list.Span,
        };
    }
}
