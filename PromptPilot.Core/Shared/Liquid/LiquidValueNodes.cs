namespace PromptPilot.Core.Shared.Liquid;

/// <summary>An expression, ready to be evaluated.</summary>
internal abstract class ValueNode(int offset)
{
    public int Offset { get; } = offset;

    public abstract object? Evaluate(LiquidState state);
}

internal sealed class LiteralNode(object? value, int offset) : ValueNode(offset)
{
    public object? Value => value;

    public override object? Evaluate(LiquidState state) => value;
}

internal sealed class VariableNode(string name, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state) => state.Read(name);
}

internal sealed class ForLoopNode(int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state) => state.Loop;
}

internal sealed class IndexNode(ValueNode target, ValueNode index, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state) => LiquidValue.Index(target.Evaluate(state), index.Evaluate(state));
}

internal sealed class RangeNode(ValueNode first, ValueNode last, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state) => new LiquidRange(Whole(first.Evaluate(state)), Whole(last.Evaluate(state)));

    private static long Whole(object? value) => LiquidMath.ToWhole(value, 0);
}

internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

internal sealed class ComparisonNode(Comparison comparison, ValueNode left, ValueNode right, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state)
    {
        var a = left.Evaluate(state);
        var b = right.Evaluate(state);
        return comparison switch
        {
            Comparison.Equal => LiquidValue.Equals(a, b),
            Comparison.NotEqual => !LiquidValue.Equals(a, b),
            Comparison.Contains => LiquidValue.Contains(a, b),
            Comparison.Less => Order(a, b) < 0,
            Comparison.LessOrEqual => Order(a, b) <= 0,
            Comparison.Greater => Order(a, b) > 0,
            Comparison.GreaterOrEqual => Order(a, b) >= 0,
        };
    }

    /// <summary>Nil is neither less nor greater than anything, as in Liquid; text against number is a mistake that should be seen.</summary>
    private int? Order(object? a, object? b) => a is null || b is null
        ? null
        : LiquidValue.Compare(a, b) ?? throw new LiquidException($"{Kind(a)} cannot be compared with {Kind(b)}.", Offset);

    private static string Kind(object value) => value switch
    {
        string => "Text",
        bool => "True or false",
        _ when LiquidValue.IsNumber(value) => "A number",
        _ => "A list or object",
    };
}

/// <summary><c>a and b or c</c>: no precedence, from right to left, as Liquid does it.</summary>
internal sealed class LogicNode(ValueNode left, bool isAnd, ValueNode right, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state)
    {
        var truth = LiquidValue.IsTrue(left.Evaluate(state));
        return truth == isAnd ? LiquidValue.IsTrue(right.Evaluate(state)) : truth;
    }
}

internal sealed class FilterNode(ValueNode input, LiquidFilter filter, IReadOnlyList<ValueNode> arguments, bool allowFalse, int offset) : ValueNode(offset)
{
    public override object? Evaluate(LiquidState state)
    {
        var value = input.Evaluate(state);
        var given = new object?[arguments.Count];
        for (var i = 0; i < given.Length; i++)
        {
            given[i] = arguments[i].Evaluate(state);
        }

        state.CheckTime(Offset);
        if (allowFalse && value is false)
        {
            return value;
        }

        try
        {
            var result = filter.Apply(value, given);
            if (result is string text && !ReferenceEquals(text, value))
            {
                state.Charge(text.Length, Offset);
            }
            else if (result is List<object?> list)
            {
                state.Charge(list.Count, Offset);
            }

            return result;
        }
        catch (LiquidException problem)
        {
            throw new LiquidException($"{filter.Name}: {problem.Message}", Offset);
        }
    }
}
