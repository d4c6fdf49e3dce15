using System.Text;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>
/// A regular expression of a schema, run in time linear in its text. It has the meaning of ECMAScript, as the standard asks: digits and
/// word characters are ASCII, and <c>$</c> is the end of the text only.
/// </summary>
internal sealed class SchemaPattern
{
    private const int MaxLength = 1000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly List<(Regex Regex, bool IsWanted)> _parts = [];

    /// <exception cref="SchemaException">It is not a regular expression, or one that could run forever.</exception>
    public SchemaPattern(string text, string place)
    {
        Text = text;
        if (text.Length > MaxLength)
        {
            throw new SchemaException($"{place} has more than {MaxLength} characters. Shorten it.");
        }

        try
        {
            var rest = text;
            while (LookAhead(rest) is { } ahead)
            {
                _parts.Add((Compile($"\\A(?:{ahead.Inner})"), ahead.IsWanted));
                rest = "^" + ahead.Behind;
            }

            _parts.Add((Compile(rest), true));
        }
        catch (NotSupportedException)
        {
            throw new SchemaException(
                $"{place} uses a lookaround, a backreference or a repetition that is too large. It could run forever. Remove it."
            );
        }
        catch (ArgumentException exception)
        {
            throw new SchemaException($"{place} is not a regular expression: {exception.Message}");
        }
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <exception cref="RegexMatchTimeoutException">The text is too long for this pattern.</exception>
    public bool IsMatch(string text) => _parts.TrueForAll(part => part.Regex.IsMatch(text) == part.IsWanted);

    private static Regex Compile(string pattern) =>
        new(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Timeout);

    /// <summary>
    /// A look-ahead at the start of the text is a second expression, which needs no backtracking. Pydantic writes decimals with one.
    /// </summary>
    private static (string Inner, bool IsWanted, string Behind)? LookAhead(string pattern)
    {
        if (!pattern.StartsWith("^(?!", StringComparison.Ordinal) && !pattern.StartsWith("^(?=", StringComparison.Ordinal))
        {
            return null;
        }

        var (depth, inClass) = (0, false);
        for (var i = 1; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    depth++;
                    break;
                case ')' when !inClass && --depth == 0:
                    // An alternative beside it would belong to the whole expression.
                    var behind = pattern[(i + 1)..];
                    return HasAlternative(behind) ? null : (pattern[4..i], pattern[3] == '=', behind);
            }
        }

        return null;
    }

    private static bool HasAlternative(string pattern)
    {
        var (depth, inClass) = (0, false);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    depth++;
                    break;
                case ')' when !inClass:
                    depth--;
                    break;
                case '|' when !inClass && depth == 0:
                    return true;
            }
        }

        return false;
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                i++;
                text.Append(
                    (pattern[i], inClass) switch
                    {
                        ('d', true) => "0-9",
                        ('d', false) => "[0-9]",
                        ('D', false) => "[^0-9]",
                        ('w', true) => "A-Za-z0-9_",
                        ('w', false) => "[A-Za-z0-9_]",
                        ('W', false) => "[^A-Za-z0-9_]",
                        ('/', _) => "/",
                        var (other, _) => "\\" + other,
                    }
                );
                continue;
            }

            text.Append(
                (c, inClass) switch
                {
                    ('$', false) => "\\z",
                    // To .NET, a bracket inside a class may take characters away from it.
                    ('[', true) => "\\[",
                    _ => c.ToString(),
                }
            );
            inClass = c == '[' || (inClass && c != ']');
        }

        return text.ToString();
    }
}
