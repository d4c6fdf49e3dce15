using System.Globalization;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Experiments;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>Texts and signs of change requests.</summary>
internal static class ChangeWords
{
    public static (string Word, string Sign, string Tone) Of(ChangeStatus status) =>
        status switch
        {
            ChangeStatus.Open => ("Open", "○", "run"),
            ChangeStatus.Applied => ("Applied", "✓", "ok"),
            ChangeStatus.Rejected => ("Rejected", "✕", "bad"),
            ChangeStatus.Withdrawn => ("Withdrawn", "–", ""),
            ChangeStatus.Overridden => ("Overridden", "!", "warn"),
            ChangeStatus.Outdated => ("Outdated", "–", ""),
        };

    /// <summary>The requested change: “production: 1.0.0 → 1.1.0”, “Publish version 3”.</summary>
    public static string Of(ChangeListItem change) =>
        change.Label is { } label ? $"{label}: {change.FromVersion ?? "new"} → {change.ToVersion}"
        : change.ToVersion is { } version ? $"Publish version {version}"
        : change.FromVersion is { } published ? $"Publish the draft, after version {published}"
        : "Publish the draft";

    /// <summary>“requested by Ann”.</summary>
    public static string By(string verb, string? name) => name is null ? verb : $"{verb} by {name}";

    /// <summary>The requirements of a protection, in one sentence.</summary>
    public static string Of(ProtectionView protection)
    {
        var approvals = $"{Format.Count(protection.Approvals, "approval")} from others";
        var worse = protection.MaxRegressions == 0 ? "no regressions" : $"at most {Format.Count(protection.MaxRegressions, "regression")}";
        return protection.TestSetName is { } set
            ? $"At least {protection.MinPassPercent}% of “{set}” on {protection.ModelProfileName ?? "a deleted profile"} passing, "
                + $"{worse}, and {approvals}."
            : $"{char.ToUpperInvariant(approvals[0])}{approvals[1..]}.";
    }

    /// <summary>The address of the page of a protection.</summary>
    public static string PageOf(ProtectionView protection) =>
        protection.PromptId is { } promptId ? $"prompts/{promptId}/protection" : $"workflows/{protection.WorkflowId}/protection";

    /// <summary>The change in cost: “$0.002 more per call”. Null until both costs are known.</summary>
    public static string? CostChange(ExperimentView view)
    {
        if (view.Variants is not [{ MeanCost: { } before }, .., { MeanCost: { } after }])
        {
            return null;
        }

        var change = after - before;
        var amount = string.Create(CultureInfo.InvariantCulture, $"${Math.Abs(change):0.######}");
        return change == 0 ? "Same cost per call." : $"{amount} {(change > 0 ? "more" : "less")} per call.";
    }
}
