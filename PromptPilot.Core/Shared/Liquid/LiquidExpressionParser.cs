using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace PromptPilot.Core.Shared.Liquid;

/// <summary>
/// Turns the text of one expression into <see cref="ValueNode"/>s. Scriban's Liquid parser reads the syntax; only the few kinds of node listed here are taken over, and Scriban's own evaluation, with its built-in objects, is never used:
/// what a template can reach is exactly what these nodes do.
/// </summary>
/// <param name="onRead">Told of each variable that is read: name and place.</param>
/// <param name="inLoop">Whether <c>forloop</c> means something here.</param>
internal sealed class LiquidExpressionParser(Action<string, int> onRead, Func<bool> inLoop)
{
    private const int Opening = 3;

    /// <summary>Whether a <c>default</c> filter was met.</summary>
    public bool HasDefault { get; private set; }

    /// <exception cref="LiquidException">It is not exactly one expression, or uses something unknown.</exception>
    public ValueNode Parse(string text, int offset)
    {
        if (text.Length > LiquidLimits.Tag)
        {
            throw new LiquidException($"An expression has at most {LiquidLimits.Tag} characters.", offset);
        }

        if (text.AsSpan().Trim().IsEmpty)
        {
            throw new LiquidException("An expression is missing here.", offset);
        }

        var (line, marks) = Prepare(text, offset);
        var template = Template.ParseLiquid("{{ " + line + " }}");
        foreach (var message in template.Messages)
        {
            throw new LiquidException(Plain(message.Message), offset + Math.Clamp(message.Span.Start.Offset - Opening, 0, text.Length));
        }

        var statements = template.Page?.Body?.Statements.Where(s => s is not ScriptEscapeStatement).ToList() ?? [];
        if (statements is not [ScriptExpressionStatement { Expression: { } expression }])
        {
            throw new LiquidException("Exactly one expression belongs here.", offset);
        }

        return new Reading(this, text, offset, marks).Value(expression);
    }

    /// <summary>
    /// Writes an expression so that Scriban reads it as Liquid means it, each character in its place. Scriban ends an expression at a line break, takes a minus before an argument for a subtraction and knows no forloop.parentloop:
    /// so breaks become blanks, a leading minus becomes a zero and forloop another word, both remembered by place. Signs that mean something to Scriban alone are refused.
    /// </summary>
    private static (string Line, HashSet<int> Marks) Prepare(string text, int offset)
    {
        var marks = new HashSet<int>();
        var quote = '\0';
        var line = text.ToCharArray();
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                quote = line[i] == quote ? '\0' : quote;
            }
            else if (line[i] is '\'' or '"')
            {
                quote = line[i];
            }
            else if (line[i] is '\r' or '\n' or '\t')
            {
                line[i] = ' ';
            }
            else if (line[i] is '{' or '}' or ';' or '@' or '^' or '\\' or '`' or '$')
            {
                throw new LiquidException($"“{line[i]}” does not belong into an expression.", offset + i);
            }
            else if (line[i] == '-' && i + 1 < line.Length && char.IsAsciiDigit(line[i + 1]) && StartsValue(text.AsSpan(0, i).TrimEnd()))
            {
                marks.Add(i);
                line[i] = '0';
            }
            else if (IsForLoop(text, i))
            {
                marks.Add(i);
                "xorloop".CopyTo(line.AsSpan(i));
                i += "forloop".Length - 1;
            }
        }

        return quote == '\0' ? (new string(line), marks) : throw new LiquidException("This quote is never closed.", offset + text.LastIndexOf(quote));
    }

    /// <summary>Whether a value may come after what stands before.</summary>
    private static bool StartsValue(ReadOnlySpan<char> before) =>
        before.IsEmpty || before[^1] is ':' or ',' or '(' or '[' or '=' or '<' or '>' or '.' || EndsWithWord(before, "and") || EndsWithWord(before, "or") || EndsWithWord(before, "contains");

    private static bool EndsWithWord(ReadOnlySpan<char> before, string word) => before.EndsWith(word, StringComparison.Ordinal) && (before.Length == word.Length || char.IsWhiteSpace(before[^(word.Length + 1)]));

    private static bool IsForLoop(string text, int at) =>
        string.CompareOrdinal(text, at, "forloop", 0, 7) == 0 && (at == 0 || !IsNamePart(text[at - 1])) && (at + 7 >= text.Length || text[at + 7] == '.' || !IsNamePart(text[at + 7]));

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

    private static string Plain(string message) => message
        .Replace(" Expecting <EOL>/end of line.", " An operator or filter bar may be missing before it.", StringComparison.Ordinal)
        .Replace("Error while parsing ", "Cannot read this ", StringComparison.Ordinal)
        .Replace(" instead of `}}`", "", StringComparison.Ordinal);

    /// <summary>One text being read.</summary>
    private sealed class Reading(LiquidExpressionParser parser, string text, int offset, HashSet<int> marks)
    {
        public ValueNode Value(ScriptExpression? node) => node switch
        {
            ScriptLiteral literal => Literal(literal),
            ScriptVariableGlobal variable => Variable(variable),
            ScriptMemberExpression { Target: { } target, Member: ScriptVariableGlobal member } => new IndexNode(Value(target), new LiteralNode(member.Name, At(member)), At(node)),
            ScriptIndexerExpression { Target: ScriptThisExpression } => throw Refused(node, "Names have underscores, not hyphens."),
            ScriptIndexerExpression { Target: { } target, Index: { } index } => new IndexNode(Value(target), Value(index), At(node)),
            ScriptNestedExpression { Expression: ScriptMemberExpression or ScriptVariableGlobal } nested => Value(nested.Expression),
            ScriptNestedExpression { Expression: ScriptBinaryExpression { Operator: ScriptBinaryOperator.RangeInclude } range } => new RangeNode(Value(range.Left), Value(range.Right), At(node)),
            ScriptBinaryExpression { Operator: ScriptBinaryOperator.And or ScriptBinaryOperator.Or } => Logic(node),
            ScriptBinaryExpression binary when ComparisonOf(binary.Operator) is { } comparison => new ComparisonNode(comparison, Value(binary.Left), Value(binary.Right), At(node)),
            ScriptPipeCall pipe => Pipe(pipe),
            ScriptFunctionCall => throw Refused(node, "A word too many: a filter is put behind a bar, as in {{ name | upcase }}."),
            ScriptAssignExpression => throw Refused(node, "An expression cannot assign. Compare with “==”, or use {% assign %} in a prompt."),
            null => throw new LiquidException("An expression is missing here.", offset),
            _ => throw Refused(node, "This is not part of Liquid."),
        };

        private static Comparison? ComparisonOf(ScriptBinaryOperator operation) => operation switch
        {
            ScriptBinaryOperator.CompareEqual => Comparison.Equal,
            ScriptBinaryOperator.CompareNotEqual => Comparison.NotEqual,
            ScriptBinaryOperator.CompareLess => Comparison.Less,
            ScriptBinaryOperator.CompareLessOrEqual => Comparison.LessOrEqual,
            ScriptBinaryOperator.CompareGreater => Comparison.Greater,
            ScriptBinaryOperator.CompareGreaterOrEqual => Comparison.GreaterOrEqual,
            ScriptBinaryOperator.LiquidContains => Comparison.Contains,
            _ => null,
        };

        private int At(ScriptNode node) => offset + Math.Clamp(node.Span.Start.Offset - Opening, 0, text.Length);

        private LiquidException Refused(ScriptNode node, string message) => new(message, At(node));

        private bool IsMarked(ScriptNode node) => marks.Contains(At(node) - offset);

        private LiteralNode Literal(ScriptLiteral literal) => IsMarked(literal) ? Negative(literal) : Plain(literal);

        private LiteralNode Plain(ScriptLiteral literal) => new(
            literal.Value switch
            {
                null or bool or string => literal.Value,
                int number => (long)number,
                long number => number,
                double number when Math.Abs(number) < 1e15 => (decimal)number,
                double number => number,
                decimal number => number,
                _ => throw Refused(literal, "This number is too large."),
            },
            At(literal));

        private LiteralNode Negative(ScriptLiteral literal) => new(
            Plain(literal).Value switch
            {
                long number => -number,
                decimal number => -number,
                double number => -number,
                _ => throw Refused(literal, "Only a number can be negative."),
            },
            At(literal));

        private ValueNode Variable(ScriptVariableGlobal variable)
        {
            switch (IsMarked(variable) ? "forloop" : variable.Name)
            {
                case "nil" or "null":
                    return new LiteralNode(null, At(variable));
                case "empty":
                    return new LiteralNode(Emptiness.Empty, At(variable));
                case "blank":
                    return new LiteralNode(Emptiness.Blank, At(variable));
                case "forloop" when parser._inLoop():
                    return new ForLoopNode(At(variable));
                case "forloop":
                    throw Refused(variable, "“forloop” has a value only inside {% for %}.");
                default:
                    parser._onRead(variable.Name, At(variable));
                    return new VariableNode(variable.Name, At(variable));
            }
        }

        private ValueNode Logic(ScriptExpression node)
        {
            var operands = new List<ValueNode>();
            var isAnd = new List<bool>();
            Flatten(node);
            var result = operands[^1];
            for (var i = operands.Count - 2; i >= 0; i--)
            {
                result = new LogicNode(operands[i], isAnd[i], result, operands[i].Offset);
            }

            return result;

            void Flatten(ScriptExpression? part)
            {
                if (part is ScriptBinaryExpression { Operator: ScriptBinaryOperator.And or ScriptBinaryOperator.Or } binary)
                {
                    Flatten(binary.Left);
                    isAnd.Add(binary.Operator == ScriptBinaryOperator.And);
                    Flatten(binary.Right);
                }
                else
                {
                    operands.Add(Value(part));
                }
            }
        }

        private ValueNode Pipe(ScriptPipeCall pipe)
        {
            var parts = new List<ScriptExpression>();
            Flatten(pipe);
            if (parts.Count > LiquidLimits.Filters)
            {
                throw Refused(pipe, $"An expression has at most {LiquidLimits.Filters} filters.");
            }

            var value = Value(parts[0]);
            foreach (var part in parts.Skip(1))
            {
                value = Filter(value, part);
            }

            return value;

            void Flatten(ScriptExpression? part)
            {
                if (part is ScriptPipeCall inner)
                {
                    Flatten(inner.From);
                    Flatten(inner.To);
                }
                else
                {
                    parts.Add(part ?? throw Refused(pipe, "The name of a filter is missing."));
                }
            }
        }

        private FilterNode Filter(ValueNode input, ScriptExpression part)
        {
            var (name, given) = part switch
            {
                ScriptVariableGlobal variable => (variable.Name, []),
                ScriptFunctionCall { Target: ScriptVariableGlobal variable, ExplicitCall: false } call => (variable.Name, call.Arguments.ToList()),
                ScriptBinaryExpression => throw Refused(part, "A filtered value cannot be compared here. Give it a name with {% assign %} first."),
                _ => throw Refused(part, "This is not the name of a filter."),
            };
            var filter = LiquidFilters.Find(name) ?? throw Refused(part, $"There is no filter “{name}”.");
            var allowFalse = false;
            var arguments = new List<ValueNode>();
            for (var i = 0; i < given.Count; i++)
            {
                if (given[i] is ScriptVariableGlobal option && IsNamed(option))
                {
                    if (name != "default" || option.Name != "allow_false" || i + 1 >= given.Count)
                    {
                        throw Refused(option, $"The filter “{name}” has no option “{option.Name}”.");
                    }

                    allowFalse = Value(given[++i]) is LiteralNode { Value: true };
                    continue;
                }

                arguments.Add(Value(given[i]));
            }

            parser.HasDefault |= name == "default";
            return arguments.Count >= filter.Minimum && arguments.Count <= filter.Maximum
                ? new FilterNode(input, filter, arguments, allowFalse, At(part))
                : throw Refused(part, filter.Usage(arguments.Count));
        }

        private bool IsNamed(ScriptVariableGlobal option)
        {
            var after = text.AsSpan(Math.Min(text.Length, At(option) - offset + option.Name.Length)).TrimStart();
            return after.StartsWith(":");
        }
    }

    private readonly Action<string, int> _onRead = onRead;
    private readonly Func<bool> _inLoop = inLoop;
}
