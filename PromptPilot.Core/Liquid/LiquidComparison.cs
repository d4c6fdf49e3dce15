using Scriban.Syntax;

namespace PromptPilot.Core.Liquid;

/// <summary>Comparisons as in Liquid.</summary>
internal static class LiquidComparison
{
    public static bool Is(ScriptBinaryOperator operation) =>
        operation
            is ScriptBinaryOperator.CompareEqual
                or ScriptBinaryOperator.CompareNotEqual
                or ScriptBinaryOperator.CompareLess
                or ScriptBinaryOperator.CompareLessOrEqual
                or ScriptBinaryOperator.CompareGreater
                or ScriptBinaryOperator.CompareGreaterOrEqual
                or ScriptBinaryOperator.LiquidContains;

    /// <exception cref="ScriptRuntimeException">The values cannot be compared.</exception>
    public static bool Of(ScriptBinaryExpression node, object? left, object? right)
    {
        return node.Operator switch
        {
            ScriptBinaryOperator.CompareEqual => LiquidValue.Equals(left, right),
            ScriptBinaryOperator.CompareNotEqual => !LiquidValue.Equals(left, right),
            ScriptBinaryOperator.LiquidContains => LiquidValue.Contains(left, right),
            ScriptBinaryOperator.CompareLess => Order() < 0,
            ScriptBinaryOperator.CompareLessOrEqual => Order() <= 0,
            ScriptBinaryOperator.CompareGreater => Order() > 0,
            _ => Order() >= 0,
        };

        // Nil is neither less nor greater than anything, as in Liquid; text against number is a mistake that should be seen.
        int? Order() =>
            left is null || right is null
                ? null
                : LiquidValue.Compare(left, right)
                    ?? throw new ScriptRuntimeException(
                        node.Span,
                        $"{LiquidValue.Kind(left)} cannot be compared with {LiquidValue.Kind(right)}."
                    );
    }
}
