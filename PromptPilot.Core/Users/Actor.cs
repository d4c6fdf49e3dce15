namespace PromptPilot.Core.Users;

/// <summary>
/// Who acts. The first argument of each public service method; what it may is looked up in the database at that moment
/// (<see cref="Access"/>), never taken from a cookie.
/// </summary>
public abstract record Actor
{
    private Actor() { }

    /// <summary>A signed-in person.</summary>
    /// <param name="SessionId">Of the browser they act on; when that session ends, so does what they may. Null: as themself, wherever they
    /// are.</param>
    public sealed record Person(string UserId, string? SessionId = null) : Actor;

    /// <summary>A program with an API key: its owner's role, cut down to the key's scope.</summary>
    public sealed record KeyHolder(string ApiKeyId, string UserId, Permission Scope) : Actor;

    /// <summary>A trigger acts as its workflow's owner, checked at each firing.</summary>
    public sealed record Firing(string TriggerId, string OwnerId) : Actor;

    /// <summary>The host itself: resuming, sweeping, cleaning up.</summary>
    public sealed record Host : Actor;

    /// <summary>Nobody is signed in.</summary>
    public sealed record Anonymous : Actor;

    public static readonly Actor System = new Host();

    public static readonly Actor Nobody = new Anonymous();
}
