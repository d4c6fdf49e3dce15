using System.Globalization;
using System.Text;
using CsvHelper;

namespace PromptPilot.Core.Shared.Texts;

/// <summary>
/// Tables as CSV in UTF-8. A cell that a spreadsheet would take for a formula gets an apostrophe before it: most cells are anyone's text.
/// </summary>
internal static class CsvText
{
    public static byte[] Write(IReadOnlyList<string> head, IEnumerable<string?[]> rows)
    {
        using var memory = new MemoryStream();
        using (var writer = new StreamWriter(memory, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true))
        using (
            var csv = CsvWriter.Create(writer, new CsvWriterOptions { Injection = CsvInjection.Escape, HasHeader = false }, leaveOpen: true)
        )
        {
            csv.WriteRecord(head.ToArray());
            foreach (var row in rows)
            {
                csv.WriteRecord(Array.ConvertAll(row, Escape));
            }
        }

        return memory.ToArray();
    }

    /// <summary>A cell as it was before <see cref="Write"/> kept a spreadsheet from reading it as a formula.</summary>
    public static string Unescape(string cell) => IsEscaped(cell) ? cell[1..] : cell;

    /// <summary>An instant in UTC, to the millisecond.</summary>
    public static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// What looks escaped already gets one more, so that <see cref="Unescape"/> takes off no apostrophe of the text itself.
    /// </summary>
    private static string? Escape(string? cell) => cell is not null && IsEscaped(cell) ? "'" + cell : cell;

    private static bool IsEscaped(string cell) =>
        cell is ['\'', ..] && cell.AsSpan().TrimStart('\'') is ['=' or '+' or '-' or '@' or '\t' or '\r', ..];
}
