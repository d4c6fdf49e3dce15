namespace PromptPilot.Core.Shared;

/// <summary>Ids are UUIDv7 strings. Two made in the same millisecond are unordered: order by sequence or time, never by id.</summary>
public static class Ids
{
    public static string New() => Guid.CreateVersion7().ToString();
}
