using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PromptPilot.Core.Exchange.Yaml;

/// <summary>
/// Reads one YAML document as a tree of texts, lists and maps, from the parser's events.
/// Anchors, aliases and tags are refused, so that a small file stays small in memory; depth and number of values are bounded while reading.
/// </summary>
internal sealed class YamlReader
{
    private readonly Parser _parser;
    private readonly int _firstLine;
    private int _values;

    private YamlReader(string text, int firstLine)
    {
        _parser = new Parser(new StringReader(text));
        _firstLine = firstLine;
    }

    /// <summary>The document's map.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="firstLine">The line of the file on which the text begins, from 1.</param>
    /// <returns>The map, or the error with its line of the file.</returns>
    public static Result<YamlMap> Read(string text, int firstLine)
    {
        try
        {
            return new YamlReader(text, firstLine).ReadDocument();
        }
        catch (RefusedException refused)
        {
            return Problem.Invalid(refused.Message);
        }
        catch (YamlException error)
        {
            return Problem.Invalid($"Line {Line(error.Start, firstLine)}: this is not YAML. {FirstSentence(error.Message)}");
        }
        catch (Exception error)
            when (error
                    is ArgumentException
                        or InvalidOperationException
                        or FormatException
                        or OverflowException
                        or IndexOutOfRangeException
            )
        {
            // The parser's own slips over garbage; what it was reading is refused all the same.
            return Problem.Invalid("This is not YAML.");
        }
    }

    private Result<YamlMap> ReadDocument()
    {
        Next<StreamStart>();
        if (!_parser.MoveNext() || _parser.Current is not DocumentStart)
        {
            return Problem.Invalid("The file is empty. Add at least a name.");
        }

        _parser.MoveNext();
        var value = ReadValue(0);
        _parser.MoveNext();
        Next<DocumentEnd>();
        if (_parser.Current is not StreamEnd)
        {
            throw Refuse(_parser.Current!, "a second document starts here. Put each document in its own file.");
        }

        return value is YamlMap map
            ? map
            : Problem.Invalid($"Line {value.Line}: this must be fields such as “name: …”, not {(value is YamlList ? "a list" : "text")}.");
    }

    /// <summary>The value that begins at the current event; ends on its last event.</summary>
    private YamlValue ReadValue(int depth)
    {
        var start = _parser.Current!;
        if (depth > ExchangeLimits.Depth)
        {
            throw Refuse(start, $"lists and fields are nested more than {ExchangeLimits.Depth} deep. Use fewer levels.");
        }

        if (++_values > ExchangeLimits.Values)
        {
            throw Refuse(start, $"there are more than {ExchangeLimits.Values:N0} values. Split the file.");
        }

        if (start is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
        {
            throw Refuse(start, "anchors and aliases (& and *) are not supported. Repeat the value instead.");
        }

        if (start is NodeEvent { Tag.IsEmpty: false })
        {
            throw Refuse(start, "tags (!) are not supported. Write the value without the tag.");
        }

        return start switch
        {
            Scalar scalar when Unicode.Fault(scalar.Value) is { } fault => throw Refuse(start, fault),
            Scalar scalar => new YamlScalar(LineOf(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(start, depth),
            MappingStart => ReadMap(start, depth),
            _ => throw Refuse(start, "a value is missing."),
        };
    }

    private YamlList ReadList(ParsingEvent start, int depth)
    {
        var items = new List<YamlValue>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            items.Add(ReadValue(depth + 1));
        }

        return new YamlList(LineOf(start), items);
    }

    private YamlMap ReadMap(ParsingEvent start, int depth)
    {
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var at = _parser.Current!;
            if (ReadValue(depth + 1) is not YamlScalar key)
            {
                throw Refuse(at, "a field name must be text.");
            }

            if (!keys.Add(key.Text))
            {
                throw Refuse(at, $"“{Short(key.Text)}” appears twice. Keep one of them.");
            }

            _parser.MoveNext();
            entries.Add(new YamlEntry(key.Text, key.Line, ReadValue(depth + 1)));
        }

        return new YamlMap(LineOf(start), entries);
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null)
        {
            _parser.MoveNext();
        }

        if (_parser.Current is not T)
        {
            throw new RefusedException("This is not YAML.");
        }

        if (_parser.Current is not StreamStart)
        {
            _parser.MoveNext();
        }
    }

    internal static string Short(string text) => Shorten.Text(text, 61);

    private int LineOf(ParsingEvent at) => Line(at.Start, _firstLine);

    private static int Line(Mark mark, int firstLine) => (int)Math.Max(mark.Line, 1) + firstLine - 1;

    private RefusedException Refuse(ParsingEvent at, string why) => new($"Line {LineOf(at)}: {why}");

    /// <summary>The parser's messages begin with the position, in its own format.</summary>
    private static string FirstSentence(string message)
    {
        var at = message.LastIndexOf("): ", StringComparison.Ordinal);
        return Short(at < 0 ? message : message[(at + 3)..]);
    }

    private sealed class RefusedException(string message) : Exception(message);
}
