using PromptPilot.Core.Runs.Retention;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>Says in one line how long runs are kept.</summary>
internal static class RetentionWords
{
    public static string Of(RetentionRule rule) =>
        rule switch
        {
            { Days: null, Runs: null } => "Ended runs are kept forever.",
            { Days: { } days, Runs: null } => $"Ended runs are kept {Format.Count(days, "day")}; {Stay}",
            { Days: null, Runs: { } runs } => $"The newest {Format.Count(runs, "ended run")} {IsOrAre(runs)} kept; {Stay}",
            { Days: { } days, Runs: { } runs } =>
                $"The newest {Format.Count(runs, "ended run")} {IsOrAre(runs)} kept {Format.Count(days, "day")}; {Stay}",
        };

    private const string Stay = "rated and pinned runs are always kept.";

    private static string IsOrAre(int runs) => runs == 1 ? "is" : "are";
}
