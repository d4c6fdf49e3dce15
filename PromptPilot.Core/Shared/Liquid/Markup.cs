namespace PromptPilot.Core.Shared.Liquid;

/// <summary>What follows the name of a tag, being read from left to right. Quotes are respected everywhere.</summary>
internal sealed class Markup
{
    private readonly string _text;
    private readonly int _start;
    private readonly int _end;
    private int _at;

    public Markup(string text, int offset, int from)
        : this(text, offset, from, text.Length)
    {
    }

    private Markup(string text, int offset, int from, int end)
    {
        _text = text;
        _start = offset;
        _end = end;
        _at = from;
        SkipBlanks();
    }

    /// <summary>What has not been read yet.</summary>
    public string Rest => _text[_at.._end].TrimEnd();

    /// <summary>Where <see cref="Rest"/> begins in the template.</summary>
    public int Offset => _start + _at;

    /// <summary>Where the last word began in the template.</summary>
    public int WordOffset { get; private set; }

    /// <summary>The next name, or null when something else comes.</summary>
    public string? Word()
    {
        var from = _at;
        WordOffset = Offset;
        while (_at < _end && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        var word = _text[from.._at];
        SkipBlanks();
        return word.Length > 0 && !char.IsAsciiDigit(word[0]) ? word : null;
    }

    public bool Take(char wanted)
    {
        if (_at >= _end || _text[_at] != wanted)
        {
            return false;
        }

        _at++;
        SkipBlanks();
        return true;
    }

    /// <summary>Cuts <c>list limit: 2 reversed</c> into the list and its options.</summary>
    public (Markup Before, List<(string Name, Markup Value)> Options) SplitAtOptions(params string[] names)
    {
        var found = new List<(string Name, int Start, int ValueStart)>();
        foreach (var at in Outside())
        {
            if (at > _at && !char.IsWhiteSpace(_text[at - 1]) && _text[at - 1] != ',')
            {
                continue;
            }

            var name = names.FirstOrDefault(n => at > _at && string.CompareOrdinal(_text, at, n, 0, n.Length) == 0 && !IsWordPart(at + n.Length));
            if (name is null)
            {
                continue;
            }

            var colon = at + name.Length;
            while (colon < _end && char.IsWhiteSpace(_text[colon]))
            {
                colon++;
            }

            var hasColon = colon < _end && _text[colon] == ':';
            if (hasColon == (name != "reversed"))
            {
                found.Add((name, at, hasColon ? colon + 1 : at + name.Length));
            }
        }

        var options = new List<(string, Markup)>();
        for (var i = 0; i < found.Count; i++)
        {
            options.Add((found[i].Name, Part(found[i].ValueStart, i + 1 < found.Count ? found[i + 1].Start : _end)));
        }

        return (Part(_at, found.Count > 0 ? found[0].Start : _end), options);
    }

    /// <summary>Cuts <c>group: a, b</c>; without colon there is no group.</summary>
    public (Markup? Before, Markup After) SplitAtColon()
    {
        foreach (var at in Outside())
        {
            if (_text[at] == ':')
            {
                return (Part(_at, at), Part(at + 1, _end));
            }
        }

        return (null, this);
    }

    /// <summary>Cuts at commas and at the word <c>or</c>.</summary>
    public List<Markup> SplitAtCommas()
    {
        var parts = new List<Markup>();
        var from = _at;
        foreach (var at in Outside())
        {
            var isOr = at > from && char.IsWhiteSpace(_text[at - 1]) && string.CompareOrdinal(_text, at, "or", 0, 2) == 0 && !IsWordPart(at + 2);
            if (_text[at] == ',' || isOr)
            {
                parts.Add(Part(from, at));
                from = at + (isOr ? 2 : 1);
            }
        }

        parts.Add(Part(from, _end));
        return parts;
    }

    private Markup Part(int from, int end)
    {
        while (end > from && (char.IsWhiteSpace(_text[end - 1]) || _text[end - 1] == ','))
        {
            end--;
        }

        return new Markup(_text, _start, Math.Min(from, end), end);
    }

    private bool IsWordPart(int at) => at < _end && (char.IsAsciiLetterOrDigit(_text[at]) || _text[at] == '_');

    /// <summary>Positions that are not inside quotes.</summary>
    private IEnumerable<int> Outside()
    {
        var quote = '\0';
        for (var i = _at; i < _end; i++)
        {
            if (quote != '\0')
            {
                quote = _text[i] == quote ? '\0' : quote;
            }
            else if (_text[i] is '\'' or '"')
            {
                quote = _text[i];
            }
            else
            {
                yield return i;
            }
        }
    }

    private void SkipBlanks()
    {
        while (_at < _end && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
