using PromptPilot.Core.Users;

namespace PromptPilot.Core.Audit;

/// <summary>The origin of a request or an open page.</summary>
/// <param name="Actor">The authenticated actor.</param>
public sealed record AuditOrigin(Actor Actor, string? RemoteAddress, string? UserAgent);

/// <summary>
/// Who acts and from where, along the flow of the code, so that no service has to pass it on and none can forget to. <see cref="Access"/>
/// sets the actor, which each service asks first; the host sets the origin for each request and connection.
/// A value set in an async method is lost when it returns: a service that calls another as someone else is itself again afterwards.
/// </summary>
public static class AuditScope
{
    private static readonly AsyncLocal<Actor?> Acting = new();
    private static readonly AsyncLocal<AuditOrigin?> From = new();

    internal static Actor? Actor
    {
        get => Acting.Value;
        set => Acting.Value = value;
    }

    public static AuditOrigin? Origin
    {
        get => From.Value;
        set => From.Value = value;
    }
}
