namespace PromptPilot.Web.Features.Notifications;

/// <summary>The list of notifications as its address filters it, and where it begins.</summary>
public sealed record NotificationsQuery(string? State, string? After)
{
    internal bool UnreadOnly => State == "unread";
}
