using System.Globalization;
using System.Text;
using CsvHelper;

namespace PromptPilot.Core.Audit;

/// <summary>
/// The log as CSV. A cell that a spreadsheet would take for a formula gets an apostrophe before it: names and addresses are anyone's text.
/// </summary>
internal static class AuditCsv
{
    private static readonly string[] Head =
    [
        "at",
        "actor",
        "actorId",
        "actorKind",
        "apiKey",
        "action",
        "kind",
        "subject",
        "subjectId",
        "field",
        "before",
        "after",
        "address",
        "userAgent",
    ];

    /// <summary>A line for each changed field, or one for an entry without any.</summary>
    public static byte[] Write(IEnumerable<AuditItem> items)
    {
        using var memory = new MemoryStream();
        using (var writer = new StreamWriter(memory, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true))
        using (
            var csv = CsvWriter.Create(writer, new CsvWriterOptions { Injection = CsvInjection.Escape, HasHeader = false }, leaveOpen: true)
        )
        {
            csv.WriteRecord(Head);
            foreach (var item in items)
            {
                foreach (var change in item.Changes.Cast<AuditChange?>().DefaultIfEmpty())
                {
                    csv.WriteRecord(
                        (string?[])
                            [
                                item.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                                item.ActorName,
                                item.ActorId,
                                Word(item.ActorKind),
                                item.ApiKeyName,
                                Word(item.Action),
                                item.Kind,
                                item.SubjectName,
                                item.SubjectId,
                                change?.Field,
                                change?.Before,
                                change?.After,
                                item.RemoteAddress,
                                item.UserAgent,
                            ]
                    );
                }
            }
        }

        return memory.ToArray();
    }

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
