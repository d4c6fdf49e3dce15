using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// The notification of the user who started an import; written in its transaction, so that neither exists without the other.
/// </summary>
internal static class ImportFacts
{
    public static Notification Done(string userId, int prompts, int workflows, int testSets, DateTime at)
    {
        var id = Ids.New();
        return new Notification
        {
            Id = id,
            UserId = userId,
            Kind = NotificationKind.Imported,
            Title =
                testSets == 0
                    ? $"Imported: {Count(prompts, "prompt")} and {Count(workflows, "workflow")}"
                    : $"Imported: {Count(prompts, "prompt")}, {Count(workflows, "workflow")} and {Count(testSets, "test set")}",
            Link =
                prompts > 0 || workflows + testSets == 0 ? "/prompts"
                : workflows > 0 ? "/workflows"
                : "/test-sets",
            CreatedAt = at,
            FactKey = $"import:{id}",
        };
    }

    private static string Count(int count, string what) => $"{count:N0} {what}{(count == 1 ? "" : "s")}";
}
