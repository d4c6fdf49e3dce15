using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>A person, as the database has them now.</summary>
internal sealed record GatePerson(string Id, Role Role, bool IsLocked)
{
    public bool MayApprove => !IsLocked && Access.Allows(Role, Permission.Write);
}

/// <summary>What an experiment says about a change.</summary>
/// <param name="Problem">Why it says nothing; null when it does.</param>
/// <param name="Regressions">Cases that come out worse than with what is there now.</param>
internal sealed record GateOutcome(string? Problem, int Passed = 0, int Count = 0, int Regressions = 0);

/// <summary>What decides about a change request.</summary>
/// <param name="Requester">Null when the account was deleted.</param>
/// <param name="Approvers">All who approved.</param>
/// <param name="Outcome">Null when the protection names no test set.</param>
internal sealed record GateFacts(GatePerson? Requester, IReadOnlyList<GatePerson> Approvers, GateOutcome? Outcome);

/// <summary>When a change request may be applied. Pure.</summary>
internal static class GateRule
{
    public const string Changed = "Something changed after this was requested, so it can no longer be applied. Withdraw it and ask again.";

    /// <summary>Why a person cannot approve; null when they can.</summary>
    public static string? WhyNot(ChangeRequest request, string? userId) =>
        userId is null ? "Only people can approve a change."
        : userId == request.RequestedBy ? "You asked for this change, so another person has to approve it."
        : userId == request.AuthorId ? "You made this version, so another person has to approve it."
        : null;

    /// <summary>Approvals of people who may still give them, and who neither made the version nor asked for the change.</summary>
    public static int Count(ChangeRequest request, IReadOnlyList<GatePerson> approvers) =>
        approvers.Where(person => person.MayApprove && WhyNot(request, person.Id) is null).DistinctBy(person => person.Id).Count();

    /// <summary>What the experiment lacks; empty when none is needed, or it is good enough.</summary>
    public static IReadOnlyList<string> MissingInExperiment(Protection protection, GateOutcome? outcome) =>
        outcome switch
        {
            null => [],
            { Problem: { } problem } => [problem],
            _ => [.. TooFew(protection, outcome), .. TooManyWorse(protection, outcome)],
        };

    /// <summary>All that is missing before the request may be applied.</summary>
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
                : ["The person who asked for this change may no longer do so. Someone else has to ask for it."],
            .. MissingInExperiment(protection, facts.Outcome),
            .. approvals >= protection.Approvals ? Array.Empty<string>() : [$"{approvals} of {protection.Approvals} approvals."],
        ];
    }

    private static IEnumerable<string> TooFew(Protection protection, GateOutcome outcome) =>
        outcome.Count == 0
            ? ["No check of the test set applies to any case, so the experiment shows nothing. Add checks, then run it again."]
        : outcome.Passed * 100L < protection.MinPassPercent * (long)outcome.Count
            ? [$"{outcome.Passed} of {outcome.Count} calls passed; at least {protection.MinPassPercent} % must."]
        : [];

    private static IEnumerable<string> TooManyWorse(Protection protection, GateOutcome outcome) =>
        outcome.Regressions > protection.MaxRegressions
            ? [$"{Cases(outcome.Regressions)} worse than now; at most {protection.MaxRegressions} may be."]
            : [];

    private static string Cases(int count) => count == 1 ? "1 case is" : $"{count} cases are";
}
