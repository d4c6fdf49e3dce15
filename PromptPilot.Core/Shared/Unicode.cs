namespace PromptPilot.Core.Shared;

/// <summary>Text as every part of the product can carry it.</summary>
public static class Unicode
{
    /// <summary>
    /// The text with U+FFFD for each half of a surrogate pair that is alone: UTF-8 cannot write one, so that page, database and API
    /// would differ.
    /// </summary>
    public static string WellFormed(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        return string.Create(
            text.Length,
            text,
            static (target, source) =>
            {
                for (var i = 0; i < source.Length; i++)
                {
                    if (char.IsHighSurrogate(source[i]) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]))
                    {
                        target[i] = source[i];
                        target[++i] = source[i];
                    }
                    else
                    {
                        target[i] = char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
                    }
                }
            }
        );
    }
}
