using MudBlazor;
using PromptPilot.Core.Notifications;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Notifications;

/// <summary>Labels and icons of the kinds of notifications.</summary>
internal static class NotificationWords
{
    private const string RunPath = "/runs/";

    public static string Icon(NotificationKind kind) =>
        kind switch
        {
            NotificationKind.Review => Icons.Material.Outlined.RateReview,
            NotificationKind.RunFailed => Icons.Material.Outlined.ErrorOutline,
            NotificationKind.ScheduleBroken => Icons.Material.Outlined.EventBusy,
            NotificationKind.HookDisabled => Icons.Material.Outlined.LinkOff,
            NotificationKind.ModelEnding => Icons.Material.Outlined.EventBusy,
            NotificationKind.ModelOutage => Icons.Material.Outlined.CloudOff,
            NotificationKind.Imported => Icons.Material.Outlined.Download,
            NotificationKind.Approval or NotificationKind.ChangeDecided => Icons.Material.Outlined.FactCheck,
        };

    /// <summary>The address in this portal, relative to where it is hosted.</summary>
    public static string Address(NotificationItem item) => item.Link.TrimStart('/');

    /// <summary>The cause, and the run that the notification leads to: others of the same workflow have the same title.</summary>
    public static string Details(NotificationItem item) =>
        item.Link.StartsWith(RunPath, StringComparison.Ordinal)
            ? $"{item.Cause} Run {Format.ShortId(item.Link[RunPath.Length..])}".TrimStart()
            : item.Cause;

    public static string Word(NotificationKind kind) =>
        kind switch
        {
            NotificationKind.Review => "Review",
            NotificationKind.RunFailed => "Failed run",
            NotificationKind.ScheduleBroken => "Schedule",
            NotificationKind.HookDisabled => "Hook",
            NotificationKind.ModelOutage or NotificationKind.ModelEnding => "Model",
            NotificationKind.Imported => "Import",
            NotificationKind.Approval => "Approval",
            NotificationKind.ChangeDecided => "Change",
        };
}
