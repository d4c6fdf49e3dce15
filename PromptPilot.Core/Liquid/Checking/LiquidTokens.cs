using System.Text.RegularExpressions;
using PromptPilot.Core.Liquid.Hints;
using Scriban.Parsing;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary>
/// Reads a template's tokens with Scriban's lexer before Scriban's parser sees it, for what the parser cannot see: unknown tags (<c>{% foo
/// %}</c> and <c>{{ foo }}</c> give the same tree), blocks that do not fit together,
/// signs that mean something to Scriban alone. <see cref="Text"/> is the template with each character in its place, but line breaks inside
/// braces as blanks (Scriban would end the expression there),
/// a leading minus as a zero (Scriban would subtract; <see cref="Negatives"/> remembers where), and <c>&lt;&gt;</c> as <c>!=</c>.
/// </summary>
internal sealed class LiquidTokens
{
    /// <summary>
    /// A raw or comment block with its inner dashes, which trim nothing, and the white space that the last one trims behind it. In linear
    /// time: a template may be a megabyte of openings.
    /// </summary>
    private static readonly Regex Verbatim = new(
        @"\{%-?[ \t]*raw[ \t]*(-%\}|%\}).*?(\{%-|\{%)[ \t]*endraw[ \t]*(-%\}\s*|%\})|\{%-?[ \t]*comment[ \t]*(-%\}|%\}).*?(\{%-|\{%)[ \t]*endcomment[ \t]*(-%\}\s*|%\})",
        RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant
    );

    private readonly char[] _text;
    private readonly OpenBlocks _blocks = new();
    private readonly List<int> _starts = [];
    private readonly List<string> _tags = [];

    /// <exception cref="LiquidException">A mistake, with its place.</exception>
    private LiquidTokens(string text, bool isExpression)
    {
        text = Verbatim.Replace(text, Untrimmed);
        Names = LiquidNames.Read(text, Verbatim);
        _text = Names.Text.ToCharArray();
        var lexer = new Lexer(Names.Text, options: LiquidSyntax.LexerOptions);
        var before = TokenType.Raw;
        var tag = "";
        var entered = 0;
        var end = -1;
        var isInside = false;
        Warnings = [.. LiquidHints.Find(text, Verbatim)];
        foreach (var token in lexer)
        {
            var at = token.Start.Offset;
            switch (token.Type)
            {
                case TokenType.CodeEnter
                or TokenType.LiquidTagEnter when isExpression && (token.Type == TokenType.LiquidTagEnter || at > 0):
                    throw new LiquidException("Write exactly one expression here.", at);
                case TokenType.CodeEnter or TokenType.LiquidTagEnter:
                    (isInside, entered, tag) = (true, at, "");
                    Enter(at, tag);
                    break;
                case TokenType.CodeExit
                or TokenType.LiquidTagExit when before == TokenType.CodeEnter || (IsLiquid(before) && !EndsValue(before)):
                    throw NotLiquid("An expression is missing here.", at);
                case TokenType.LiquidTagExit when before == TokenType.LiquidTagEnter:
                    throw NotLiquid("The name of a tag is missing.", at);
                case TokenType.LiquidTagExit
                    when tag
                        is "if"
                            or "unless"
                            or "elsif"
                            or "case"
                            or "when"
                            or "for"
                            or "assign"
                            or "capture"
                            or "cycle"
                            or "increment"
                            or "decrement"
                            or "echo"
                        && before == TokenType.IdentifierSpecial:
                    throw new LiquidException($"“{{% {tag} %}}” is incomplete: something is missing here.", at);
                case TokenType.CodeExit or TokenType.LiquidTagExit:
                    isInside = false;
                    break;
                case TokenType.Raw when isExpression:
                    throw new LiquidException("Write exactly one expression here.", at);
                case TokenType.Raw
                or TokenType.Escape
                or TokenType.EscapeEnter
                or TokenType.EscapeExit
                or TokenType.Comment
                or TokenType.CommentMulti
                or TokenType.Eof:
                    break;
                case TokenType.WhitespaceFull:
                    continue;
                case TokenType.NewLine or TokenType.Whitespace or TokenType.Invalid when char.IsWhiteSpace(text[at]):
                    _text[at] = ' ';
                    continue;
                case TokenType.Identifier when before == TokenType.LiquidTagEnter:
                    tag = token.GetText(text);
                    _blocks.Add(tag, at);
                    Enter(at, tag);
                    if (tag == "include")
                    {
                        Includes.Add(LiquidIncludeTag.Read(text, at, _text, Includes.Count));
                    }

                    before = TokenType.IdentifierSpecial;
                    continue;
                case TokenType.Identifier when token.GetText(text) is var name && name.Contains('-', StringComparison.Ordinal):
                    throw NotLiquid("Use underscores in names, not hyphens.", at);
                case TokenType.Identifier when before != TokenType.Dot && token.GetText(text) is "func" or "do" && isInside:
                    throw new LiquidException($"“{token.GetText(text)}” is a reserved word. Choose another name.", at);
                case TokenType.Minus when IsNegative(text, at, before):
                    Negatives.Add(at);
                    _text[at] = '0';
                    continue;
                case TokenType.Minus when EndsValue(before):
                    throw new LiquidException("“-” is not allowed in an expression. Use the filter “minus” to subtract.", at);
                case TokenType.Invalid when lexer.HasErrors && text.AsSpan(end + 1).IndexOfAny('\'', '"') is >= 0 and var quote:
                    throw NotLiquid("This quote is never closed.", end + 1 + quote);
                case TokenType.Invalid when tag.Length == 0 && before == TokenType.LiquidTagEnter && text[at] == '#':
                    throw new LiquidException("Write comments as “{% comment %} … {% endcomment %}”.", at);
                case TokenType.Greater when before == TokenType.Less && at == end + 1:
                    "!=".CopyTo(0, _text, at - 1, 2);
                    break;
                default:
                    if (!IsLiquid(token.Type))
                    {
                        throw NotLiquid($"“{token.GetText(text)}” is not allowed in an expression.", at);
                    }

                    break;
            }

            if (isInside && token.End.Offset - entered > LiquidLimits.Tag)
            {
                throw new LiquidException($"The text between the braces can have at most {LiquidLimits.Tag} characters.", entered);
            }

            (before, end) = (token.Type, token.End.Offset);
        }

        if (isInside)
        {
            var word = text.AsSpan(entered + 2).TrimStart(" -\t");
            throw word.StartsWith("raw") || word.StartsWith("comment")
                ? OpenBlocks.Unclosed(word[0] == 'r' ? "raw" : "comment", text.Length - word.Length)
                : NotLiquid(text[entered + 1] == '%' ? "“{%” is never closed by “%}”." : "“{{” is never closed by “}}”.", entered);
        }

        _blocks.End();

        if (lexer.HasErrors)
        {
            throw ParserMessages.Plain(lexer.Errors.First());
        }
    }

    /// <summary>The names that Scriban does not recognize.</summary>
    public LiquidNames Names { get; }

    /// <summary>Parts that are included, in order of place.</summary>
    public List<LiquidInclude> Includes { get; } = [];

    /// <summary>Valid code that probably means something else.</summary>
    public IReadOnlyList<LiquidException> Warnings { get; }

    /// <summary>The text for Scriban's parser.</summary>
    public string Text => new(_text);

    /// <summary>The positions of negative numbers.</summary>
    public HashSet<int> Negatives { get; } = [];

    /// <exception cref="LiquidException">A mistake, with its place.</exception>
    public static LiquidTokens Read(string text, bool isExpression) => new(text, isExpression);

    /// <summary>The tag around a place; empty inside <c>{{ }}</c>.</summary>
    public string TagAt(int offset)
    {
        var index = _starts.BinarySearch(offset);
        return _tags[index >= 0 ? index : ~index - 1];
    }

    /// <summary>True when the word that ends at a place has a colon behind it.</summary>
    public bool IsOption(int end) => _text.AsSpan(Math.Min(_text.Length, end + 1)).TrimStart().StartsWith(":");

    private void Enter(int at, string tag)
    {
        _starts.Add(at);
        _tags.Add(tag);
    }

    /// <summary>Braces that were perhaps never meant for Liquid: JSON, LaTeX, another template language.</summary>
    private static LiquidException NotLiquid(string message, int at) => new(message, at) { MayBeText = true };

    private static bool IsNegative(string text, int at, TokenType before) =>
        at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]) && !EndsValue(before);

    private static bool EndsValue(TokenType type) =>
        type
            is TokenType.Identifier
                or TokenType.Integer
                or TokenType.Float
                or TokenType.String
                or TokenType.CloseParen
                or TokenType.CloseBracket;

    /// <summary>
    /// Scriban knows no dashes at the inner side of raw and comment and does not trim after them: dashes become blanks, and the white space
    /// behind moves into the tag, where it does no harm.
    /// </summary>
    private static string Untrimmed(Match block)
    {
        var text = block.Value.ToCharArray();
        foreach (var edge in block.Groups.Values.Skip(1).Where(g => g.Success && g.Length > 2))
        {
            var at = edge.Index - block.Index;
            var isOpening = edge.Value.Contains('{', StringComparison.Ordinal);
            Array.Fill(text, ' ', at, edge.Length);
            (isOpening ? "{%" : "%}").CopyTo(0, text, isOpening ? at : at + edge.Length - 2, 2);
        }

        return new string(text);
    }

    private static bool IsLiquid(TokenType type) =>
        type
            is TokenType.Identifier
                or TokenType.Integer
                or TokenType.Float
                or TokenType.String
                or TokenType.Colon
                or TokenType.Comma
                or TokenType.Dot
                or TokenType.DoubleDot
                or TokenType.VerticalBar
                or TokenType.Equal
                or TokenType.DoubleEqual
                or TokenType.ExclamationEqual
                or TokenType.Less
                or TokenType.Greater
                or TokenType.LessEqual
                or TokenType.GreaterEqual
                or TokenType.OpenParen
                or TokenType.CloseParen
                or TokenType.OpenBracket
                or TokenType.CloseBracket;
}
