using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Fallback;

/// <summary>The fallback profile that an attempt calls.</summary>
/// <param name="Reason">Which profile failed, how, and which one is called instead.</param>
internal sealed record FallbackChoice(FallbackProfile Profile, string Reason)
{
    /// <summary>The fallback for the next attempt of an item; null: the step's own profile is called.</summary>
    /// <param name="last">The item's newest attempt; null before the first.</param>
    public static FallbackChoice? For(PlannedStep step, AttemptState? last, ProfileLimiters limiters)
    {
        if (last?.NextProfileId is { } next)
        {
            var failed = last.ProfileId ?? step.ProfileId;
            return Of(step, failed, last.ErrorCode ?? ErrorCode.Internal, new FallbackProfile(next, step.NameOf(next)));
        }

        if (last?.ProfileId is { } current)
        {
            return new FallbackChoice(new FallbackProfile(current, last.ProfileName ?? step.NameOf(current)), last.FallbackReason ?? "");
        }

        // Other steps have just found that the profile fails: this step does not try it too.
        return
            step.Fallbacks.Count > 0
            && limiters.OutageOf(step.ProfileId) is { } outage
            && !limiters.MayTry(step.ProfileId)
            && step.Fallbacks.FirstOrDefault(other => limiters.OutageOf(other.Id) is null) is { } working
            ? Of(step, step.ProfileId, outage.Code, working)
            : null;
    }

    /// <summary>The fallback to try after a failed attempt, preferably one that works; null if there is none.</summary>
    public static FallbackProfile? After(PlannedStep step, ExecutionLog failed, ProfileLimiters limiters)
    {
        var rest = step.FallbacksAfter(failed.ModelProfileId).ToList();
        return rest.Find(other => limiters.OutageOf(other.Id) is null) ?? rest.FirstOrDefault();
    }

    private static FallbackChoice Of(PlannedStep step, string failed, ErrorCode code, FallbackProfile instead) =>
        new(
            instead,
            $"“{step.NameOf(failed)}” failed ({JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString())}), so its fallback "
                + $"“{instead.Name}” was called."
        );
}
