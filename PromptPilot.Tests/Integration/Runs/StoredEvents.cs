using PromptPilot.Core.Runs;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Events as they are in the file, where those of one commit share a row.</summary>
internal static class StoredEvents
{
    /// <summary>SQL that counts a run's events of a type.</summary>
    public static string Count(string runId, RunEventType type)
    {
        var word = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(type.ToString());
        return $"""
            SELECT count(*) FILTER (WHERE "Type" = '{type}')
                + coalesce(sum((SELECT count(*) FROM json_each("Following") f WHERE f."value" ->> 'type' = '{word}')), 0)
            FROM "RunEvents" WHERE "RunId" = '{runId}'
            """;
    }
}
