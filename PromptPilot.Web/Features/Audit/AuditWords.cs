using PromptPilot.Core.Audit;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Audit;

/// <summary>Texts of the audit log.</summary>
internal static class AuditWords
{
    public static StatusLook Of(AuditAction action) =>
        action switch
        {
            AuditAction.Created => new StatusLook("+", "Created", "ok"),
            AuditAction.Changed => new StatusLook("✎", "Changed", ""),
            AuditAction.Deleted => new StatusLook("✕", "Deleted", "bad"),
            AuditAction.SignedIn => new StatusLook("→", "Signed in", ""),
            AuditAction.SignInFailed => new StatusLook("!", "Sign-in failed", "warn"),
            AuditAction.LockedOut => new StatusLook("■", "Locked out", "bad"),
            AuditAction.SignedOut => new StatusLook("←", "Signed out", ""),
            AuditAction.FirstUsed => new StatusLook("◔", "First used", ""),
            AuditAction.Exported => new StatusLook("↓", "Exported", ""),
        };

    /// <summary>The person, with the key or trigger that acted for them.</summary>
    public static string Actor(AuditItem item) =>
        item.ActorKind switch
        {
            AuditActorKind.Person => item.ActorName,
            AuditActorKind.ApiKey => $"{item.ActorName}, with API key “{item.ApiKeyName}”",
            AuditActorKind.Trigger => $"{item.ActorName}, through a trigger",
            AuditActorKind.System => item.ActorName,
            AuditActorKind.Nobody => "Not signed in",
        };

    /// <summary>A one-line summary of an entry's details.</summary>
    public static string Summary(AuditItem item) =>
        item.Changes.Count == 0
            ? ""
            : string.Join(", ", item.Changes.Take(3).Select(change => change.Field))
                + (item.Changes.Count > 3 ? $" and {item.Changes.Count - 3} more" : "");

    /// <summary>The browser and its system, of what browsers say of themselves; the whole text is in the tooltip.</summary>
    public static string Browser(string? agent)
    {
        if (string.IsNullOrEmpty(agent))
        {
            return "unknown program";
        }

        var browser = First(
            agent,
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl")
        );
        var system = First(
            agent,
            ("Windows", "Windows"),
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("macOS", "macOS"),
            ("Linux", "Linux")
        );
        return browser is null ? agent.Split('/', ' ')[0]
            : system is null ? browser
            : $"{browser} on {system}";
    }

    private static string? First(string text, params (string Mark, string Name)[] known) =>
        known.FirstOrDefault(entry => text.Contains(entry.Mark, StringComparison.Ordinal)).Name;
}
