namespace PromptPilot.Core.Liquid.Filters;

/// <summary>A number of any size and precision, to be compared: 0.<paramref name="Digits"/> · 10^<paramref name="Exponent"/>.</summary>
/// <param name="Sign">-1, 0 or 1.</param>
/// <param name="Digits">Without zeros at either end; empty for 0.</param>
internal readonly record struct ExactNumber(int Sign, string Digits, long Exponent) : IComparable<ExactNumber>
{
    /// <summary>Exponents beyond it are taken for it: no sum of lengths can reach it.</summary>
    private const long LargestExponent = long.MaxValue / 4;

    /// <param name="text">A number as JSON or .NET's invariant culture writes it.</param>
    public static ExactNumber Of(string text)
    {
        var isNegative = text.StartsWith('-');
        var mark = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = text.AsSpan(isNegative ? 1 : 0, (mark < 0 ? text.Length : mark) - (isNegative ? 1 : 0));
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = point < 0 ? mantissa.ToString() : string.Concat(whole, mantissa[(point + 1)..]);
        var digits = all.TrimStart('0');
        var exponent = (mark < 0 ? 0 : ExponentOf(text.AsSpan(mark + 1))) + whole.Length - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? new ExactNumber(0, "", 0) : new ExactNumber(isNegative ? -1 : 1, digits, exponent);
    }

    public int CompareTo(ExactNumber other)
    {
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }

        var bySize = Exponent != other.Exponent ? Exponent.CompareTo(other.Exponent) : string.CompareOrdinal(Digits, other.Digits);
        return Sign * bySize;
    }

    private static long ExponentOf(ReadOnlySpan<char> text) =>
        long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var exponent)
            ? Math.Clamp(exponent, -LargestExponent, LargestExponent)
        : text[0] == '-' ? -LargestExponent
        : LargestExponent;
}
