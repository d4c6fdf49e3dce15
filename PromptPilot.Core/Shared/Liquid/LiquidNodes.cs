namespace PromptPilot.Core.Shared.Liquid;

/// <summary>A piece of a template, ready to be rendered.</summary>
internal abstract class Node(int offset)
{
    public int Offset { get; } = offset;

    public abstract Flow Render(LiquidState state);
}

internal sealed class BlockNode(List<Node> nodes, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        foreach (var node in nodes)
        {
            var flow = node.Render(state);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}

internal sealed class TextNode(string text, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        state.Write(text, Offset);
        return Flow.Next;
    }
}

internal sealed class OutputNode(ValueNode value, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        state.Write(LiquidValue.ToText(value.Evaluate(state)), Offset);
        return Flow.Next;
    }
}

internal sealed class AssignNode(string name, ValueNode value, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        state.Assign(name, value.Evaluate(state));
        return Flow.Next;
    }
}

internal sealed class CaptureNode(string name, Node body, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        var flow = Flow.Next;
        state.Assign(name, state.Capture(() => flow = body.Render(state), Offset));
        return flow;
    }
}

internal sealed class CountNode(string name, int step, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        state.Write(LiquidValue.ToText(state.Count(name, step)), Offset);
        return Flow.Next;
    }
}

internal sealed class CycleNode(ValueNode? group, string key, IReadOnlyList<ValueNode> values, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        var name = group is null ? key : "g:" + LiquidValue.ToText(group.Evaluate(state));
        state.Write(LiquidValue.ToText(values[state.NextOfCycle(name, values.Count)].Evaluate(state)), Offset);
        return Flow.Next;
    }
}

/// <summary>One arm of if, unless or case.</summary>
/// <param name="Condition">Null for else.</param>
internal sealed record Branch(Func<LiquidState, bool>? Condition, Node Body);

internal sealed class BranchNode(IReadOnlyList<Branch> branches, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        foreach (var branch in branches)
        {
            if (branch.Condition?.Invoke(state) ?? true)
            {
                return branch.Body.Render(state);
            }
        }

        return Flow.Next;
    }
}

internal sealed class FlowNode(Flow flow, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state) => flow;
}

internal sealed class ForNode(string name, ValueNode list, ValueNode? limit, ValueNode? skip, bool reversed, Node body, Node? otherwise, int offset) : Node(offset)
{
    public override Flow Render(LiquidState state)
    {
        var items = Items(state);
        if (items.Count == 0)
        {
            return otherwise?.Render(state) ?? Flow.Next;
        }

        var outer = state.Loop;
        var loop = new ForLoop(items.Count, outer);
        state.Shadow(name, out var restore);
        state.Loop = loop;
        foreach (var item in items)
        {
            state.Round(Offset);
            state.Assign(name, item);
            if (body.Render(state) == Flow.Break)
            {
                break;
            }

            loop.Index++;
        }

        state.Loop = outer;
        restore();
        return Flow.Next;
    }

    private List<object?> Items(LiquidState state)
    {
        var value = list.Evaluate(state);
        var from = (int)Math.Clamp(LiquidMath.ToWhole(skip?.Evaluate(state), 0), 0, int.MaxValue);
        var most = (int)Math.Clamp(LiquidMath.ToWhole(limit?.Evaluate(state), int.MaxValue), 0, int.MaxValue);
        if (value is LiquidRange range && Math.Min(range.Count - from, most) > LiquidLimits.Rounds)
        {
            throw new LiquidException("The loops of this template make more than 100,000 rounds.", Offset);
        }

        var items = (Each(value) ?? []).Skip(from).Take(most).ToList();
        if (reversed)
        {
            items.Reverse();
        }

        return items;
    }

    /// <summary>An object gives its pairs, a text that is not empty gives itself, as in Liquid.</summary>
    private static IEnumerable<object?>? Each(object? value) => value switch
    {
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Object } json => json.EnumerateObject().Select(p => (object?)new List<object?> { p.Name, LiquidValue.FromJson(p.Value) }),
        string { Length: > 0 } text => [text],
        _ => LiquidValue.ToList(value),
    };
}
