namespace PromptPilot.Core.Shared.Liquid;

/// <summary>Builds the tree of a template's blocks and finds its free variables: those that are read and that no assign, capture, for or counter binds before.</summary>
internal sealed class LiquidParser
{
    private readonly List<Segment> _segments;
    private readonly LiquidExpressionParser _expressions;
    private readonly HashSet<string> _bound = new(StringComparer.Ordinal);
    private readonly List<string> _loopNames = [];
    private int _next;
    private int _depth;

    public LiquidParser(string text)
    {
        _expressions = new LiquidExpressionParser(Read, () => _loopNames.Count > 0);
        _segments = LiquidSegments.Cut(text);
    }

    /// <summary>Free variables with the place where each is first read.</summary>
    public List<(string Name, int Offset)> Free { get; } = [];

    /// <summary>Mistakes inside single expressions, after which reading went on.</summary>
    public List<LiquidException> Errors { get; } = [];

    /// <exception cref="LiquidException">The blocks do not fit together.</exception>
    public Node Parse()
    {
        var body = Block(0, out var end);
        return end is { } stray ? throw new LiquidException(Stray(stray.TagName), stray.Offset) : body;
    }

    private static string Stray(string tag) => tag switch
    {
        "else" or "elsif" => $"“{{% {tag} %}}” stands outside of any if.",
        "when" => "“{% when %}” stands outside of any case.",
        _ => $"“{{% {tag} %}}” closes nothing.",
    };

    private void Read(string name, int offset)
    {
        if (!_bound.Contains(name) && !_loopNames.Contains(name) && Free.All(f => f.Name != name))
        {
            Free.Add((name, offset));
        }
    }

    /// <summary>Reads up to a tag that ends or divides the block around it.</summary>
    private BlockNode Block(int offset, out Segment? end)
    {
        if (++_depth > LiquidLimits.Depth)
        {
            throw new LiquidException($"Blocks may stand inside each other at most {LiquidLimits.Depth} deep.", offset);
        }

        var nodes = new List<Node>();
        end = null;
        while (_next < _segments.Count && end is null)
        {
            var segment = _segments[_next++];
            switch (segment.Kind)
            {
                case SegmentKind.Text:
                    nodes.Add(new TextNode(segment.Text, segment.Offset));
                    break;
                case SegmentKind.Output:
                    nodes.Add(new OutputNode(Expression(segment.Text, segment.Offset), segment.Offset));
                    break;
                case SegmentKind.Tag when IsDivider(segment.TagName):
                    end = segment;
                    break;
                case SegmentKind.Tag:
                    nodes.Add(Tag(segment));
                    break;
            }
        }

        _depth--;
        return new BlockNode(nodes, offset);
    }

    private static bool IsDivider(string tag) => tag is "else" or "elsif" or "when" || tag.StartsWith("end", StringComparison.Ordinal);

    private Node Tag(Segment tag)
    {
        var name = tag.TagName;
        var rest = new Markup(tag.Text, tag.Offset, name.Length);
        return name switch
        {
            "if" or "unless" => If(tag, rest),
            "case" => Case(tag, rest),
            "for" => For(tag, rest),
            "assign" => Assign(tag, rest),
            "capture" => Capture(tag, rest),
            "increment" or "decrement" => Count(tag, rest, name == "increment" ? 1 : -1),
            "cycle" => Cycle(tag, rest),
            "break" or "continue" => Jump(tag, rest, name == "break" ? Flow.Break : Flow.Continue),
            "echo" => new OutputNode(Expression(rest.Rest, rest.Offset), tag.Offset),
            "" => throw new LiquidException("The name of a tag is missing.", tag.Offset),
            _ => throw new LiquidException($"There is no tag “{name}”.", tag.Offset),
        };
    }

    private BranchNode If(Segment tag, Markup rest)
    {
        var condition = Expression(rest.Rest, rest.Offset);
        var wanted = tag.TagName == "if";
        var branches = new List<Branch>();
        Func<LiquidState, bool>? test = state => LiquidValue.IsTrue(condition.Evaluate(state)) == wanted;
        while (true)
        {
            var body = Block(tag.Offset, out var end);
            branches.Add(new Branch(test, body));
            switch (end?.TagName)
            {
                case "elsif" when test is not null:
                    var other = new Markup(end.Value.Text, end.Value.Offset, "elsif".Length);
                    var next = Expression(other.Rest, other.Offset);
                    test = state => LiquidValue.IsTrue(next.Evaluate(state));
                    break;
                case "else" when test is not null:
                    test = null;
                    break;
                case { } closing when closing == "end" + tag.TagName:
                    return new BranchNode(branches, tag.Offset);
                default:
                    throw Unclosed(tag, end);
            }
        }
    }

    private BranchNode Case(Segment tag, Markup rest)
    {
        var subject = Expression(rest.Rest, rest.Offset);
        var branches = new List<Branch>();
        Block(tag.Offset, out var end);
        while (true)
        {
            switch (end?.TagName)
            {
                case "when":
                    var wanted = Values(new Markup(end.Value.Text, end.Value.Offset, "when".Length));
                    branches.Add(new Branch(
                        state =>
                        {
                            var value = subject.Evaluate(state);
                            return wanted.Any(w => LiquidValue.Equals(value, w.Evaluate(state)));
                        },
                        Block(tag.Offset, out end)));
                    break;
                case "else":
                    branches.Add(new Branch(null, Block(tag.Offset, out end)));
                    break;
                case "endcase":
                    return new BranchNode(branches, tag.Offset);
                default:
                    throw Unclosed(tag, end);
            }
        }
    }

    private ForNode For(Segment tag, Markup rest)
    {
        var name = rest.Word() ?? throw new LiquidException("Write “{% for item in list %}”.", tag.Offset);
        CheckBindable(name, rest.WordOffset);
        if (rest.Word() != "in")
        {
            throw new LiquidException("Write “{% for item in list %}”: the word “in” is missing.", tag.Offset);
        }

        var (list, options) = rest.SplitAtOptions("reversed", "limit", "offset");
        var source = Expression(list.Rest, list.Offset);
        ValueNode? limit = null;
        ValueNode? skip = null;
        var reversed = false;
        foreach (var (option, value) in options)
        {
            switch (option)
            {
                case "reversed":
                    reversed = true;
                    break;
                case "limit":
                    limit = Expression(value.Rest, value.Offset);
                    break;
                default:
                    skip = Expression(value.Rest, value.Offset);
                    break;
            }
        }

        _loopNames.Add(name);
        var body = Block(tag.Offset, out var end);
        _loopNames.RemoveAt(_loopNames.Count - 1);
        Node? otherwise = null;
        if (end?.TagName == "else")
        {
            otherwise = Block(tag.Offset, out end);
        }

        return end?.TagName == "endfor" ? new ForNode(name, source, limit, skip, reversed, body, otherwise, tag.Offset) : throw Unclosed(tag, end);
    }

    private AssignNode Assign(Segment tag, Markup rest)
    {
        var name = rest.Word() ?? throw new LiquidException("Write “{% assign name = value %}”.", tag.Offset);
        CheckBindable(name, rest.WordOffset);
        if (!rest.Take('='))
        {
            throw new LiquidException("Write “{% assign name = value %}”: the “=” is missing.", tag.Offset);
        }

        var value = Expression(rest.Rest, rest.Offset);
        _bound.Add(name);
        return new AssignNode(name, value, tag.Offset);
    }

    private CaptureNode Capture(Segment tag, Markup rest)
    {
        var name = OnlyName(tag, rest);
        var body = Block(tag.Offset, out var end);
        if (end?.TagName != "endcapture")
        {
            throw Unclosed(tag, end);
        }

        _bound.Add(name);
        return new CaptureNode(name, body, tag.Offset);
    }

    private CountNode Count(Segment tag, Markup rest, int step)
    {
        var name = OnlyName(tag, rest);
        _bound.Add(name);
        return new CountNode(name, step, tag.Offset);
    }

    private CycleNode Cycle(Segment tag, Markup rest)
    {
        var (group, list) = rest.SplitAtColon();
        var name = group is null ? null : Expression(group.Rest, group.Offset);
        return new CycleNode(name, list.Rest, Values(list), tag.Offset);
    }

    private FlowNode Jump(Segment tag, Markup rest, Flow flow)
    {
        if (_loopNames.Count == 0 || rest.Rest.Length > 0)
        {
            throw new LiquidException(rest.Rest.Length > 0 ? $"“{tag.TagName}” stands alone." : $"“{tag.TagName}” stands outside of any loop.", tag.Offset);
        }

        return new FlowNode(flow, tag.Offset);
    }

    private List<ValueNode> Values(Markup markup) => markup.SplitAtCommas().ConvertAll(part => Expression(part.Rest, part.Offset));

    private static string OnlyName(Segment tag, Markup rest)
    {
        var name = rest.Word();
        if (name is null || rest.Rest.Length > 0)
        {
            throw new LiquidException($"Write “{{% {tag.TagName} name %}}”.", tag.Offset);
        }

        CheckBindable(name, rest.WordOffset);
        return name;
    }

    private static void CheckBindable(string name, int offset)
    {
        if (name is "nil" or "null" or "true" or "false" or "empty" or "blank" or "forloop" or "for")
        {
            throw new LiquidException($"“{name}” is a reserved word. Choose another name.", offset);
        }
    }

    private static LiquidException Unclosed(Segment tag, Segment? end) => end is { } found
        ? new LiquidException($"“{{% {found.TagName} %}}” does not fit here: “{{% {tag.TagName} %}}” is still open.", found.Offset)
        : new LiquidException($"“{{% {tag.TagName} %}}” is never closed by “{{% end{tag.TagName} %}}”.", tag.Offset);

    private ValueNode Expression(string text, int offset)
    {
        try
        {
            return _expressions.Parse(text, offset);
        }
        catch (LiquidException error)
        {
            Errors.Add(error);
            return new LiteralNode(null, offset);
        }
    }
}
