using System.Collections.Frozen;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary>
/// Walks Scriban's tree once after parsing. Allows only the kinds of node listed here, finds the free variables (read, and not bound before
/// by assign, capture, for or a counter), and writes into the tree what Scriban means otherwise than
/// Liquid: filters get the names of the closed table, and/or associate to the right, the options of a for become a call. After that the
/// tree is shared and never changed.
/// </summary>
internal sealed class LiquidChecker : ScriptVisitor
{
    private const string NoAssign = "An expression cannot assign. Compare with “==”, or use {% assign %} in a prompt.";

    private readonly LiquidTokens _tokens;
    private readonly bool _isExpression;
    private readonly BoundNames _names;
    private readonly FilterChain _filters;

    public LiquidChecker(LiquidTokens tokens, bool isExpression)
    {
        (_tokens, _isExpression) = (tokens, isExpression);
        _names = new BoundNames(Refuse);
        _filters = new FilterChain(tokens, isExpression, Walk, Refuse);
        Warnings = [.. tokens.Warnings];
    }

    public List<(string Name, int Offset)> Free { get; } = [];

    public List<LiquidException> Mistakes { get; } = [];

    public List<LiquidException> Warnings { get; }

    /// <summary>Each with the names that have a value at its place.</summary>
    public List<LiquidInclude> Includes { get; } = [];

    /// <summary>True when a <c>default</c> filter was met.</summary>
    public bool HasDefault => _filters.HasDefault;

    public override void Visit(ScriptPage node)
    {
        if (
            _isExpression
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
            case ScriptAssignExpression { Target: { } target } assign when _tokens.TagAt(node.Span.Start.Offset) == "assign":
                Walk(assign.Value);
                _names.Bind(target);
                break;
            case ScriptBinaryExpression
            {
                OperatorToken: null,
                Operator: ScriptBinaryOperator.Add or ScriptBinaryOperator.Subtract,
                Left: ScriptVariable counter
            }:
                _names.Bind(counter);
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "cycle" } } cycle
                when _tokens.TagAt(node.Span.Start.Offset) == "cycle":
                Cycle(cycle);
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [ScriptLiteral] } include
                when _tokens.TagAt(node.Span.Start.Offset) == "include":
                include.Target = new ScriptVariableGlobal(LiquidIncludeTag.Function) { Span = include.Span };
                Includes.Add(_tokens.Includes[Includes.Count] with { Bound = _names.All.Select(_tokens.Names.Of).ToFrozenSet() });
                break;
            case ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [{ } value] } echo
                when _tokens.TagAt(node.Span.Start.Offset) == "echo":
                echo.Arguments.Clear();
                node.Expression = value;
                Walk(value);
                break;
            case ScriptPipeCall { From: ScriptFunctionCall { Target: ScriptVariable { Name: "echo" }, Arguments: [{ } value] } echo } pipe
                when _tokens.TagAt(node.Span.Start.Offset) == "echo":
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
        _names.Bind(node.Target);
    }

    public override void Visit(ScriptForStatement node)
    {
        Walk(node.Iterator);
        var window = ForOptions.Read(node, Walk, Refuse);
        if (node.Variable is not ScriptVariableGlobal { Name: var name } || node.Iterator is not { } list)
        {
            Refuse(node, "Write “{% for item in list %}”.");
            return;
        }

        _names.Check(node.Variable);
        ForOptions.Apply(node, list, window);
        _names.EnterLoop(name);
        Walk(node.Body);
        _names.LeaveLoop();
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
        if (_tokens.Negatives.Contains(node.Span.Start.Offset))
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
            if (!_names.IsInLoop)
            {
                Refuse(node, "“forloop” has a value only inside {% for %}.");
            }
        }
        else if (
            !LiquidContext.IsWord(node.Name)
            && !_names.Contains(node.Name)
            && _tokens.Names.Of(node.Name) is var name
            && Free.All(f => f.Name != name)
        )
        {
            Free.Add((name, node.Span.Start.Offset));
        }
    }

    public override void Visit(ScriptMemberExpression node)
    {
        if (node.Target is ScriptVariableGlobal { Name: "loop" } && _names.IsInLoop && !_names.Contains("loop"))
        {
            Warnings.Add(
                new LiquidException("“loop” is a variable here. Write forloop.index instead of Jinja’s loop.index.", node.Span.Start.Offset)
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
        RightToLeft.Apply(node);
        if (
            node.Operator is ScriptBinaryOperator.And or ScriptBinaryOperator.Or or ScriptBinaryOperator.RangeInclude
            || LiquidComparison.Is(node.Operator)
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
        node.To = _filters.Check(node.To, node);
    }

    public override void Visit(ScriptFunctionCall node) =>
        Refuse(node, "Unexpected word. Put a filter after a bar, as in {{ name | upcase }}.", mayBeText: true);

    public override void Visit(ScriptAssignExpression node) => Refuse(node, NoAssign);

    protected override void DefaultVisit(ScriptNode? node) => Refuse(node!, "This is not part of Liquid.", mayBeText: true);

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

    private void Refuse(ScriptNode? node, string message) => Refuse(node, message, mayBeText: false);

    private void Refuse(ScriptNode? node, string message, bool mayBeText) =>
        Mistakes.Add(new LiquidException(message, node?.Span.Start.Offset ?? 0) { MayBeText = mayBeText });
}
