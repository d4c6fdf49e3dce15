namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which Python writes into JSON although JSON has no such numbers: mostly log
/// probabilities, which are not used here.
/// </summary>
internal static class NonFiniteNumbers
{
    /// <summary>The event with a zero in the place of each; the event itself if it has none outside its texts.</summary>
    public static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return json;
        }

        var changed = json.ToArray();
        var isText = false;
        for (var at = 0; at < changed.Length; at++)
        {
            if (changed[at] == (byte)'"')
            {
                isText = !isText;
            }
            else if (isText)
            {
                at += changed[at] == (byte)'\\' ? 1 : 0;
            }
            else if (LengthAt(changed.AsSpan(at)) is > 0 and var length)
            {
                changed.AsSpan(at, length).Fill((byte)' ');
                changed[at] = (byte)'0';
                at += length - 1;
            }
        }

        return changed;
    }

    private static int LengthAt(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8) ? 3
        : json.StartsWith("Infinity"u8) ? 8
        : 0;
}
