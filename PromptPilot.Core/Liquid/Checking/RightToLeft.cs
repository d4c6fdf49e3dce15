using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary><c>a and b or c</c> has no precedence in Liquid and is read from right to left.</summary>
internal static class RightToLeft
{
    /// <summary>Puts the operators of a chain of <c>and</c> and <c>or</c> in this order; anything else stays.</summary>
    public static void Apply(ScriptBinaryExpression node)
    {
        if (!IsLogic(node))
        {
            return;
        }

        var operands = new List<ScriptExpression>();
        var operators = new List<ScriptBinaryOperator>();
        Flatten(node);
        var rest = operands[^1];
        for (var i = operands.Count - 2; i > 0; i--)
        {
            rest = new ScriptBinaryExpression
            {
                Left = operands[i],
                Operator = operators[i],
                Right = rest,
                Span = operands[i].Span,
            };
        }

        (node.Left, node.Operator, node.Right) = (operands[0], operators[0], rest);

        void Flatten(ScriptExpression? part)
        {
            if (part is ScriptBinaryExpression binary && IsLogic(part))
            {
                var (left, right) = (binary.Left, binary.Right);
                (binary.Left, binary.Right) = (null, null);
                Flatten(left);
                operators.Add(binary.Operator);
                Flatten(right);
            }
            else if (part is not null)
            {
                operands.Add(part);
            }
        }
    }

    private static bool IsLogic(ScriptExpression node) =>
        node is ScriptBinaryExpression { Operator: ScriptBinaryOperator.And or ScriptBinaryOperator.Or };
}
