using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Audit;

/// <summary>The log as CSV.</summary>
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
    public static byte[] Write(IEnumerable<AuditItem> items) =>
        CsvText.Write(
            Head,
            from item in items
            from change in item.Changes.Cast<AuditChange?>().DefaultIfEmpty()
            select (string?[])
                [
                    CsvText.Time(item.At),
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

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
