using PromptPilot.Core.Liquid.Filters;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary>Checks the filters after a value, and gives them the names of the closed table.</summary>
/// <param name="walk">Checks an argument.</param>
/// <param name="refuse">Notes a mistake.</param>
internal sealed class FilterChain(LiquidTokens tokens, bool isExpression, Action<ScriptNode?> walk, Action<ScriptNode?, string> refuse)
{
    /// <summary>True when a <c>default</c> filter was met.</summary>
    public bool HasDefault { get; private set; }

    private string NoComparison =>
        isExpression
            ? "A filtered value cannot be compared. Compare the plain value, or prepare it in an earlier step."
            : "A filtered value cannot be compared. Assign it to a name with {% assign %} first.";

    /// <summary>The part after a bar: a filter, or a filter and the part after the next bar.</summary>
    public ScriptExpression? Check(ScriptExpression? node, ScriptPipeCall pipe)
    {
        switch (node)
        {
            case ScriptPipeCall chain:
                chain.From = Check(chain.From, chain);
                chain.To = Check(chain.To, chain);
                break;
            case ScriptVariableGlobal variable when Filter(variable, null) is { } filter:
                return new ScriptVariableGlobal(filter.Key) { Span = variable.Span };
            case ScriptFunctionCall { Target: ScriptVariableGlobal variable, ExplicitCall: false } call
                when Filter(variable, call.Arguments) is { } filter:
                call.Target = new ScriptVariableGlobal(filter.Key) { Span = variable.Span };
                break;
            case ScriptVariableGlobal or ScriptFunctionCall { Target: ScriptVariableGlobal, ExplicitCall: false }:
                break;
            case ScriptBinaryExpression:
                refuse(node, NoComparison);
                break;
            default:
                refuse(node ?? pipe, "This is not a filter name.");
                break;
        }

        return node;
    }

    /// <summary>
    /// Checks the name and arguments of a filter; <c>allow_false: true</c>, which Scriban reads as one argument more, becomes the last one.
    /// </summary>
    private LiquidFilter? Filter(ScriptVariableGlobal name, ScriptList<ScriptExpression>? arguments)
    {
        if (LiquidFilters.Find(name.Name) is not { } filter)
        {
            refuse(name, $"There is no filter “{name.Name}”.");
            return null;
        }

        var given = arguments?.Count ?? 0;
        for (var i = 0; i < arguments?.Count; i++)
        {
            if (arguments[i] is ScriptVariableGlobal option && tokens.IsOption(option.Span.End.Offset))
            {
                if (filter.Name != "default" || option.Name != "allow_false" || i != arguments.Count - 2)
                {
                    refuse(option, $"The filter “{filter.Name}” has no option “{option.Name}”.");
                    return null;
                }

                arguments.RemoveAt(i);
                given -= 2;
            }

            // Scriban would compare the argument alone, and the filtered value would nearly always count as true.
            if (arguments[i] is ScriptBinaryExpression comparison)
            {
                refuse(comparison, NoComparison);
                return null;
            }

            walk(arguments[i]);
        }

        if (given < filter.Minimum || given > filter.Maximum)
        {
            refuse(name, filter.Usage(given));
        }

        HasDefault |= filter.Name == "default";
        return filter;
    }
}
