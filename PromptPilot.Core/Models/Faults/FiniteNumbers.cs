namespace PromptPilot.Core.Models.Faults;

/// <summary>
/// Puts a zero in the place of <c>NaN</c> and <c>Infinity</c> in a stream of JSON lines or events, whatever its pieces are. Outside of its
/// texts JSON has no capital letters but the E of a number.
/// </summary>
internal sealed class FiniteNumbers
{
    private bool _isText;
    private bool _isEscaped;
    private bool _isWord;

    /// <summary>Changes a piece in place; its length stays.</summary>
    public void Replace(Span<byte> piece)
    {
        for (var at = 0; at < piece.Length; at++)
        {
            var letter = piece[at];
            if (letter == (byte)'\n')
            {
                // No JSON string spans a line end, so every line starts in a known state.
                (_isText, _isEscaped, _isWord) = (false, false, false);
            }
            else if (_isText)
            {
                _isText = _isEscaped || letter != (byte)'"';
                _isEscaped = !_isEscaped && letter == (byte)'\\';
            }
            else if (letter == (byte)'"')
            {
                (_isText, _isWord) = (true, false);
            }
            else if (_isWord && char.IsAsciiLetter((char)letter))
            {
                piece[at] = (byte)' ';
            }
            else
            {
                _isWord = letter is (byte)'N' or (byte)'I';
                piece[at] = _isWord ? (byte)'0' : letter;
            }
        }
    }
}
