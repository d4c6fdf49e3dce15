using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>A user's current role and lock.</summary>
internal sealed record GatePerson(string Id, Role Role, bool IsLocked)
{
    public bool MayApprove => !IsLocked && Access.Allows(Role, Permission.Write);
}

/// <summary>The outcome of an experiment for a change.</summary>
/// <param name="Problem">Why there is no outcome; null if there is one.</param>
/// <param name="Regressions">Cases with a worse result than with the current version.</param>
internal sealed record GateOutcome(string? Problem, int Passed = 0, int Count = 0, int Regressions = 0);

/// <summary>The facts that decide about a change request.</summary>
/// <param name="Requester">Null if the account was deleted.</param>
/// <param name="Approvers">Everyone who approved.</param>
/// <param name="Outcome">Null if the protection has no test set.</param>
internal sealed record GateFacts(GatePerson? Requester, IReadOnlyList<GatePerson> Approvers, GateOutcome? Outcome);

/// <summary>Decides if a change request may be applied. Pure.</summary>
internal static class GateRule
{
    public const string Changed = "The target has changed since this was requested. Withdraw it and request it again.";

    /// <summary>Why a person cannot approve; null if they can.</summary>
    public static string? WhyNot(ChangeRequest request, string? userId) =>
        userId is null ? "Only people can approve a change."
        : userId == request.RequestedBy ? "You requested this change, so someone else has to approve it."
        : userId == request.AuthorId ? "You made this version, so someone else has to approve it."
        : null;

    /// <summary>Counts approvals by people who may still approve, and who neither made the version nor requested the change.</summary>
    public static int Count(ChangeRequest request, IReadOnlyList<GatePerson> approvers) =>
        approvers.Where(person => person.MayApprove && WhyNot(request, person.Id) is null).DistinctBy(person => person.Id).Count();

    /// <summary>What the experiment lacks; empty if none is required or it meets the protection.</summary>
    public static IReadOnlyList<string> MissingInExperiment(Protection protection, GateOutcome? outcome) =>
        outcome switch
        {
            null => [],
            { Problem: { } problem } => [problem],
            _ => [.. TooFew(protection, outcome), .. TooManyWorse(protection, outcome)],
        };

    /// <summary>Everything that is missing before the request may be applied.</summary>
    public static IReadOnlyList<string> Missing(Protection protection, ChangeRequest request, GateFacts facts)
    {
        if (request.Status != ChangeStatus.Open)
        {
            return ["This change request is closed."];
        }

        var approvals = Count(request, facts.Approvers);
        return
        [
            .. facts.Requester is { MayApprove: true }
                ? Array.Empty<string>()
                : ["The requester is no longer allowed to make this change. Someone else has to request it."],
            .. MissingInExperiment(protection, facts.Outcome),
            .. approvals >= protection.Approvals ? Array.Empty<string>() : [$"{approvals} of {protection.Approvals} approvals."],
        ];
    }

    private static IEnumerable<string> TooFew(Protection protection, GateOutcome outcome) =>
        outcome.Count == 0
            ? ["No check of the test set applies to any case, so the experiment proves nothing. Add checks, then run it again."]
        : outcome.Passed * 100L < protection.MinPassPercent * (long)outcome.Count
            ? [$"{outcome.Passed} of {outcome.Count} calls passed; at least {protection.MinPassPercent}% must pass."]
        : [];

    private static IEnumerable<string> TooManyWorse(Protection protection, GateOutcome outcome) =>
        outcome.Regressions > protection.MaxRegressions
            ? [$"{Cases(outcome.Regressions)} worse than with the current version; at most {protection.MaxRegressions} can be."]
            : [];

    private static string Cases(int count) => count == 1 ? "1 case is" : $"{count} cases are";
}
