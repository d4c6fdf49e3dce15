using System.Collections.Frozen;
using PromptPilot.Core.Liquid.Filters;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// Walks Scriban's tree once after parsing. Allows only the kinds of node listed here, finds the free variables (read, and not bound before
/// by assign, capture, for or a counter), and writes into the tree what Scriban means otherwise than
/// Liquid: filters get the names of the closed table, and/or associate to the right, the options of a for become a call. After that the
/// tree is shared and never changed.
/// </summary>
internal sealed class LiquidChecker(LiquidTokens tokens, bool isExpression) : ScriptVisitor
{
    private readonly HashSet<string> _bound = new(StringComparer.Ordinal);
    private readonly List<string> _loopNames = [];

    public List<(string Name, int Offset)> Free { get; } = [];

    public List<LiquidException> Mistakes { get; } = [];

    public List<LiquidException> Warnings { get; } = [.. tokens.Warnings];

    /// <summary>Each with the names that have a value at its place.</summary>
    public List<LiquidInclude> Includes { get; } = [];

    /// <summary>True when a <c>default</c> filter was met.</summary>
    public bool HasDefault { get; private set; }

    public override void Visit(ScriptPage node)
    {
        if (
            isExpression
            && node.Body?.Statements.Where(s => s is not ScriptEscapeStatement).ToList()
                is not [ScriptExpressionStatement { Expression: not ScriptAssignExpression }]
        )
        {
            Refuse(
                node,
                node.Body?.Statements.Any(s => s is ScriptExpressionStatement { Expression: ScriptAssignExpression }) is true
                    ? NoAssign
                    : "Write exactly one expression here."
            );
            return;
        }

        Walk(node.Body);
    }

    public override void Visit(ScriptBlockStatement node)
    {
        foreach (var statement in node.Statements)
        {
            Walk(statement);
        }
    }

    public override void Visit(ScriptRawStatement node)
    {
        // Literal text is always allowed, and so are the three below.
    }

    public override void Visit(ScriptEscapeStatement node) { }

    public override void Visit(ScriptEndStatement node) { }

    public override void Visit(ScriptNopStatement node) { }

    public override void Visit(ScriptBreakStatement node) { }

    public override void Visit(ScriptContinueStatement node) { }

    public override void Visit(ScriptExpressionStatement node)
    {
        switch (node.Expression)
        {
            case ScriptAssignExpression { Target: { } target } assign when tokens.TagAt(node.Span.Start.Offset) == "assign":
                Walk(assign.Value);
                Bind(target);
                break;
            case ScriptBinaryExpression
            {
                OperatorToken: null,
                Operator: ScriptBinaryOperator.Add or ScriptBinaryOperator.Subtract,
                Left: ScriptVariable counter
            }:
                Bind(counter);
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "cycle" } } cycle when tokens.TagAt(node.Span.Start.Offset) == "cycle":
                Cycle(cycle);
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [ScriptLiteral] } include
                when tokens.TagAt(node.Span.Start.Offset) == "include":
                include.Target = new ScriptVariableGlobal(LiquidIncludeTag.Function) { Span = include.Span };
                Includes.Add(
                    tokens.Includes[Includes.Count] with
                    {
                        Bound = _bound.Concat(_loopNames).Select(tokens.Names.Of).ToFrozenSet(),
                    }
                );
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [{ } value] } echo
                when tokens.TagAt(node.Span.Start.Offset) == "echo":
                echo.Arguments.Clear();
                node.Expression = value;
                Walk(value);
                break;
            case ScriptPipeCall { From: ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [{ } value] } echo } pipe
                when tokens.TagAt(node.Span.Start.Offset) == "echo":
                echo.Arguments.Clear();
                pipe.From = value;
                Walk(pipe);
                break;
            default:
                Walk(node.Expression);
                break;
        }
    }

    public override void Visit(ScriptIfStatement node)
    {
        Walk(node.Condition);
        Walk(node.Then);
        Walk(node.Else);
    }

    public override void Visit(ScriptElseStatement node) => Walk(node.Body);

    public override void Visit(ScriptCaseStatement node)
    {
        Walk(node.Value);
        Walk(node.Body);
    }

    public override void Visit(ScriptWhenStatement node)
    {
        foreach (var value in node.Values)
        {
            Walk(value);
        }

        Walk(node.Body);
        Walk(node.Next);
    }

    public override void Visit(ScriptCaptureStatement node)
    {
        Walk(node.Body);
        Bind(node.Target);
    }

    public override void Visit(ScriptForStatement node)
    {
        Walk(node.Iterator);
        var window = new ScriptExpression[] { new ScriptLiteral(null), new ScriptLiteral(null), new ScriptLiteral(false) };
        foreach (var option in node.NamedArguments is { } given ? given.ToList() : [])
        {
            Walk(option.Value);
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
                    Refuse(option, $"“for” has no option “{option.Name?.Name}”.");
                    break;
            }
        }

        if (node.Variable is not ScriptVariableGlobal { Name: var name } || node.Iterator is not { } list)
        {
            Refuse(node, "Write “{% for item in list %}”.");
            return;
        }

        CheckBindable(node.Variable);
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
        _loopNames.Add(name);
        Walk(node.Body);
        _loopNames.RemoveAt(_loopNames.Count - 1);
        Walk(node.Else);
    }

    public override void Visit(ScriptLiteral node)
    {
        node.Value = node.Value switch
        {
            int number => (long)number,
            double number when Math.Abs(number) < (double)decimal.MaxValue => (decimal)number,
            var other => other,
        };
        if (tokens.Negatives.Contains(node.Span.Start.Offset))
        {
            node.Value =
                node.Value is long whole ? -whole
                : node.Value is decimal exact ? -exact
                : node.Value;
        }

        if (node.Value is not (null or bool or string or long or decimal))
        {
            Refuse(node, "This number is too large.");
        }
    }

    public override void Visit(ScriptVariableGlobal node)
    {
        if (node.Name == "for")
        {
            if (_loopNames.Count == 0)
            {
                Refuse(node, "“forloop” has a value only inside {% for %}.");
            }
        }
        else if (
            !LiquidContext.IsWord(node.Name)
            && !_bound.Contains(node.Name)
            && !_loopNames.Contains(node.Name)
            && tokens.Names.Of(node.Name) is var name
            && Free.All(f => f.Name != name)
        )
        {
            Free.Add((name, node.Span.Start.Offset));
        }
    }

    public override void Visit(ScriptMemberExpression node)
    {
        if (
            node.Target is ScriptVariableGlobal { Name: "loop" }
            && _loopNames.Count > 0
            && !_bound.Contains("loop")
            && !_loopNames.Contains("loop")
        )
        {
            Warnings.Add(
                new LiquidException("“loop” is a variable here. What Jinja calls loop.index is forloop.index.", node.Span.Start.Offset)
            );
        }

        Walk(node.Target);
    }

    public override void Visit(ScriptIndexerExpression node)
    {
        Walk(node.Target);
        Walk(node.Index);
    }

    public override void Visit(ScriptNestedExpression node)
    {
        if (
            node.Expression is ScriptBinaryExpression { Operator: ScriptBinaryOperator.RangeInclude } or IScriptVariablePath
            || node.Parent is ScriptUnaryExpression
        )
        {
            Walk(node.Expression);
        }
        else
        {
            Refuse(node, "Liquid has no parentheses, except in a range such as (1..5).");
        }
    }

    /// <summary>Scriban writes <c>unless x</c> as <c>!(x)</c>; the sign itself was refused among the tokens.</summary>
    public override void Visit(ScriptUnaryExpression node)
    {
        if (node.Operator != ScriptUnaryOperator.Not)
        {
            Refuse(node, "This is not part of Liquid.");
            return;
        }

        Walk(node.Right);
    }

    public override void Visit(ScriptBinaryExpression node)
    {
        ToTheRight(node);
        if (
            node.Operator is ScriptBinaryOperator.And or ScriptBinaryOperator.Or or ScriptBinaryOperator.RangeInclude
            || LiquidContext.IsComparison(node.Operator)
        )
        {
            Walk(node.Left);
            Walk(node.Right);
        }
        else
        {
            Refuse(node, "This operator is not part of Liquid.");
        }
    }

    public override void Visit(ScriptPipeCall node)
    {
        Walk(node.From);
        node.To = Filters(node.To, node);
    }

    public override void Visit(ScriptFunctionCall node) =>
        Refuse(node, "Unexpected word. Put a filter after a bar, as in {{ name | upcase }}.", mayBeText: true);

    public override void Visit(ScriptAssignExpression node) => Refuse(node, NoAssign);

    protected override void DefaultVisit(ScriptNode? node) => Refuse(node!, "This is not part of Liquid.", mayBeText: true);

    private const string NoAssign = "An expression cannot assign. Compare with “==”, or use {% assign %} in a prompt.";

    private string NoComparison =>
        isExpression
            ? "A filtered value cannot be compared. Compare the plain value, or prepare it in an earlier step."
            : "A filtered value cannot be compared. Assign it to a name with {% assign %} first.";

    /// <summary><c>a and b or c</c> has no precedence in Liquid and is read from right to left.</summary>
    private static void ToTheRight(ScriptBinaryExpression node)
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

    /// <summary>The part after a bar: a filter, or a filter and the part after the next bar.</summary>
    private ScriptExpression? Filters(ScriptExpression? node, ScriptPipeCall pipe)
    {
        switch (node)
        {
            case ScriptPipeCall chain:
                chain.From = Filters(chain.From, chain);
                chain.To = Filters(chain.To, chain);
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
                Refuse(node, NoComparison);
                break;
            default:
                Refuse(node ?? pipe, "This is not a filter name.");
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
            Refuse(name, $"There is no filter “{name.Name}”.");
            return null;
        }

        var given = arguments?.Count ?? 0;
        for (var i = 0; i < arguments?.Count; i++)
        {
            if (arguments[i] is ScriptVariableGlobal option && tokens.IsOption(option.Span.End.Offset))
            {
                if (filter.Name != "default" || option.Name != "allow_false" || i != arguments.Count - 2)
                {
                    Refuse(option, $"The filter “{filter.Name}” has no option “{option.Name}”.");
                    return null;
                }

                arguments.RemoveAt(i);
                given -= 2;
            }

            // Scriban would compare the argument alone, and the filtered value would nearly always count as true.
            if (arguments[i] is ScriptBinaryExpression comparison)
            {
                Refuse(comparison, NoComparison);
                return null;
            }

            Walk(arguments[i]);
        }

        if (given < filter.Minimum || given > filter.Maximum)
        {
            Refuse(name, filter.Usage(given));
        }

        HasDefault |= filter.Name == "default";
        return filter;
    }

    private void Cycle(ScriptFunctionCall cycle)
    {
        foreach (var argument in cycle.Arguments)
        {
            if (argument is ScriptArrayInitializerExpression list)
            {
                foreach (var value in list.Values)
                {
                    Walk(value);
                }
            }
            else
            {
                Walk((argument as ScriptNamedArgument)?.Value ?? argument);
            }
        }
    }

    private void Walk(ScriptNode? node) => Visit(node);

    private void Bind(ScriptExpression? target)
    {
        CheckBindable(target);
        if (Name(target) is ScriptVariable { Name: var name })
        {
            _bound.Add(name);
        }
    }

    /// <summary>Scriban puts names that are keywords of its language, such as <c>end</c>, into parentheses.</summary>
    private static ScriptExpression? Name(ScriptExpression? target) => target is ScriptNestedExpression nested ? nested.Expression : target;

    private void CheckBindable(ScriptExpression? target)
    {
        target = Name(target);
        if (target is not ScriptVariableGlobal { Name: var name })
        {
            Refuse(target, "Write a single name here.");
        }
        else if (name is "true" or "false" or "for" or "forloop" || LiquidContext.IsWord(name))
        {
            Refuse(target, $"“{name}” is a reserved word. Choose another name.");
        }
    }

    private void Refuse(ScriptNode? node, string message, bool mayBeText = false) =>
        Mistakes.Add(new LiquidException(message, node?.Span.Start.Offset ?? 0) { MayBeText = mayBeText });
}
