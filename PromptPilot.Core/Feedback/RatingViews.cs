using PromptPilot.Core.Runs;

namespace PromptPilot.Core.Feedback;

/// <summary>Which outputs a queue offers.</summary>
public enum RatingSource
{
    /// <summary>Outputs of runs of published workflows.</summary>
    Runs,

    /// <summary>Outputs of test runs from the designer.</summary>
    Drafts,

    /// <summary>Outputs of playground calls.</summary>
    Playground,

    /// <summary>Outputs of applications' calls.</summary>
    Applications,

    /// <summary>Outputs of experiments. People's ratings of them show the quality of a judge.</summary>
    Experiments,
}

/// <summary>Filter of the outputs to rate; null means any.</summary>
public sealed record RatingFilter(
    string? PromptId = null,
    string? WorkflowId = null,
    string? ModelProfileId = null,
    RatingSource Source = RatingSource.Runs
);

/// <summary>The outputs to rate.</summary>
/// <param name="Items">The first of them, in order.</param>
/// <param name="Count">The number of such outputs among the newest <see cref="RatingQueueService.Window"/> outputs.</param>
/// <param name="IsMore">There are older ones that were not looked at.</param>
/// <param name="Open">The output that is kept for the actor; null: nothing is left to rate.</param>
public sealed record RatingQueue(IReadOnlyList<RatingItem> Items, int Count, bool IsMore, string? Open, RatingFacts Facts);

/// <param name="RatedByYou">The number of outputs the actor rated in the last 24 hours.</param>
/// <param name="Average">Mean of all ratings of the last 30 days; null: none.</param>
public sealed record RatingFacts(int RatedByYou, double? Average);

/// <summary>An output in the queue.</summary>
/// <param name="WorkflowName">Null for a call outside of workflows.</param>
/// <param name="Source">Null unless an application made the call.</param>
/// <param name="PromptName">Its name in the version that was used; null when the version is gone.</param>
/// <param name="ProfileName">Null when the profile is gone, or the application called the model itself.</param>
/// <param name="Ratings">The number of people who have rated it.</param>
public sealed record RatingItem(
    string LogId,
    DateTime At,
    string? RunId,
    string? WorkflowName,
    string? OutputKey,
    string PromptId,
    string? PromptName,
    string? PromptVersion,
    string? ProfileName,
    string ModelUsed,
    int Ratings,
    CallSource? Source
);

/// <summary>An output, with what is needed to judge it.</summary>
/// <param name="Own">The actor's own feedback so far.</param>
/// <param name="RatedNowBy">The name of another person who is rating it now.</param>
public sealed record OutputToRate(RatingItem Item, ExecutionLog Log, FeedbackInput? Own, string? RatedNowBy);
