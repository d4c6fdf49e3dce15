using PromptPilot.Core.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Events as they are in the file, where those of one commit share a row.</summary>
internal static class StoredEvents
{
    /// <summary>SQL that counts a run's events of a type.</summary>
    public static string Count(string runId, RunEventType type)
    {
        var word = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(type.ToString());
        var following = PostgresDatabase.IsUsed
            ? $"""(SELECT count(*) FROM json_array_elements("Following"::json) f WHERE f."value" ->> 'type' = '{word}')"""
            : $"""(SELECT count(*) FROM json_each("Following") f WHERE f."value" ->> 'type' = '{word}')""";
        return $"""
            SELECT count(*) FILTER (WHERE "Type" = '{type}')
                + CAST(coalesce(sum({following}), 0) AS bigint)
            FROM "RunEvents" WHERE "RunId" = '{runId}'
            """;
    }
}
