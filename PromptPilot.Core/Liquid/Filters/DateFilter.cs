using System.Globalization;
using System.Text;

namespace PromptPilot.Core.Liquid.Filters;

/// <summary>
/// <c>date</c> with the strftime codes. A text that is no date comes back as it is, as in Liquid; “now” is refused, since a prompt must
/// render the same again later.
/// </summary>
internal static class DateFilter
{
    public static IEnumerable<LiquidFilter> All => [new("date", 1, 1, (value, args) => Format(value, LiquidValue.ToText(args[0])))];

    private static object? Format(object? value, string format)
    {
        if (value is "now" or "today")
        {
            throw new LiquidException("“now” would render differently each time. Pass the time in, for example run.startedAt.", 0);
        }

        if (Parse(value) is not { } date || format.Length == 0)
        {
            return value;
        }

        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var plain = format[++i] is '-' or '^' && i + 1 < format.Length ? format[i++] : ' ';
            var piece = Piece(date, format[i]);
            text.Append(
                plain switch
                {
                    '-' when piece.TrimStart('0', ' ') is { Length: > 0 } trimmed => trimmed,
                    '-' => "0",
                    '^' => piece.ToUpperInvariant(),
                    _ => piece,
                }
            );
        }

        return text.ToString();
    }

    private static DateTimeOffset? Parse(object? value) =>
        value switch
        {
            long seconds when seconds is > -62_135_596_800 and < 253_402_300_799 => DateTimeOffset.FromUnixTimeSeconds(seconds),
            string text
                when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && text.Length > 8 =>
                Parse(seconds),
            string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) =>
                date,
            _ => null,
        };

    private static string Piece(DateTimeOffset date, char code) =>
        code switch
        {
            'Y' => Net(date, "yyyy"),
            'y' => Net(date, "yy"),
            'm' => Net(date, "MM"),
            'd' => Net(date, "dd"),
            'e' => Net(date, "%d").PadLeft(2),
            'H' => Net(date, "HH"),
            'k' => Net(date, "%H").PadLeft(2),
            'I' => Net(date, "hh"),
            'l' => Net(date, "%h").PadLeft(2),
            'M' => Net(date, "mm"),
            'S' => Net(date, "ss"),
            'L' => Net(date, "fff"),
            'p' => Net(date, "tt"),
            'P' => Net(date, "tt").ToLowerInvariant(),
            'A' => Net(date, "dddd"),
            'a' => Net(date, "ddd"),
            'B' => Net(date, "MMMM"),
            'b' or 'h' => Net(date, "MMM"),
            'j' => date.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'u' => (date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)date.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'V' => ISOWeek.GetWeekOfYear(date.Date).ToString("00", CultureInfo.InvariantCulture),
            'G' => ISOWeek.GetYear(date.Date).ToString("0000", CultureInfo.InvariantCulture),
            'F' => Net(date, "yyyy-MM-dd"),
            'T' or 'X' => Net(date, "HH:mm:ss"),
            'R' => Net(date, "HH:mm"),
            'r' => Net(date, "hh:mm:ss tt"),
            'D' or 'x' => Net(date, "MM/dd/yy"),
            'c' => Net(date, "ddd MMM ") + Net(date, "%d").PadLeft(2) + Net(date, " HH:mm:ss yyyy"),
            's' => date.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'z' => Net(date, "zzz").Replace(":", "", StringComparison.Ordinal),
            'Z' => date.Offset == TimeSpan.Zero ? "UTC" : Net(date, "zzz"),
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => throw new LiquidException($"the code “%{code}” is unknown.", 0),
        };

    private static string Net(DateTimeOffset date, string format) => date.ToString(format, CultureInfo.InvariantCulture);
}
