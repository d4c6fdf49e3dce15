using static PromptPilot.Core.Workflows.Options.StepOptionRow;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>The rows of a step's review.</summary>
internal static class ReviewOptionRows
{
    public static IReadOnlyList<StepOption> All { get; } =
    [
        StepOptionRow.Of(
            "review",
            "review",
            o => o.Review is not null,
            (o, value) => o with { Review = value ? o.Review ?? new() : null }
        ) with
        {
            Description =
                "The run waits until a person approves, edits or rejects the output. true, or an object with instructions and a "
                + "timeout. Omitted or false: no review.",
            Form = new StepOptionForm(StepOptionSection.Review, "Require review") { IsWhole = true },
            Sentence = o => o.Review is null ? "no longer waits for a review." : "now waits for a review.",
            Mark = o => o.Review is { } review ? new OptionMark("review", More: Waits(review)) : null,
            FlowMark = "review",
        },
        Of("instructions", "review instructions", r => r.Instructions, (r, value) => r with { Instructions = value }) with
        {
            Description = "What the reviewer should check. At most 2,000 characters.",
            Form = Form("Instructions") with
            {
                IsWhole = true,
                Lines = (2, 2),
                Placeholder = _ => "Is it polite? Are all names right?",
                Help = _ => "What the reviewer should check.",
            },
            Check = c =>
                [
                    c.Options.Review?.Instructions?.Length > ReviewOptions.MaxInstructions
                        ? new WorkflowProblem(
                            c.Field,
                            $"Instructions can have at most {ReviewOptions.MaxInstructions:N0} characters.",
                            BlocksSaving: true
                        )
                        : null,
                ],
            Noun = "review instruction",
        },
        Of("timeoutSeconds", "review timeout", r => r.TimeoutSeconds, (r, value) => r with { TimeoutSeconds = value }) with
        {
            Description = "Seconds after which onTimeout is used as the answer, 60 to 2592000 (30 days). Omitted: no limit.",
            Form = Form("Review timeout") with { Placeholder = _ => "none", Help = _ => "e.g. 2 days" },
            Check = InRange(
                o => o.Review?.TimeoutSeconds,
                ReviewOptions.ShortestTimeoutSeconds,
                ReviewOptions.LongestTimeoutSeconds,
                "The review timeout must be from {0} to {1} seconds (30 days), or empty for no limit."
            ),
            Noun = "review timeout",
            IsDuration = true,
        },
        Of("onTimeout", "review on timeout", r => r.OnTimeout, (r, value) => r with { OnTimeout = value }) with
        {
            Description = "The verdict if no one reviews in time: approve or reject. Omitted: reject.",
            Form = Form("On timeout") with
            {
                Choices = [new(ReviewVerdict.Reject, "It is rejected"), new(ReviewVerdict.Approve, "It is approved")],
                Help = _ => "If no one answers in time.",
            },
            Check = c =>
                [
                    c.Options.Review?.OnTimeout == ReviewVerdict.Edit
                        ? new WorkflowProblem(
                            c.Field,
                            "On timeout, a review must be approved or rejected. It cannot be edited.",
                            BlocksSaving: true
                        )
                        : null,
                ],
            Sentence = o => $"is now {Answer(o.Review!)} if it is not reviewed in time.",
        },
    ];

    private static StepOption Of<T>(string key, string name, Func<ReviewOptions, T> get, Func<ReviewOptions, T, ReviewOptions> with) =>
        StepOptionRow.Of(
            $"review.{key}",
            name,
            o => get(o.Review ?? new ReviewOptions()),
            (o, value) => o with { Review = with(o.Review ?? new ReviewOptions(), value) }
        ) with
        {
            IsThere = o => o.Review is not null,
        };

    private static StepOptionForm Form(string label) => new(StepOptionSection.Review, label) { IsOffered = o => o.Review is not null };

    private static string Answer(ReviewOptions review) => review.OnTimeout == ReviewVerdict.Approve ? "approved" : "rejected";

    private static string? Waits(ReviewOptions review) =>
        review.TimeoutSeconds is { } wait ? $"{Answer(review)} after {DurationText.Of(wait)}" : null;
}
