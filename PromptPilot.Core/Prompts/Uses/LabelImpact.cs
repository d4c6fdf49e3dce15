using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Prompts.Uses;

/// <summary>A step that follows a label, and what moving the label would do to it.</summary>
/// <param name="IsPublished">The step runs: it is part of a published workflow. Else it is in a draft only.</param>
/// <param name="IsArchived">The workflow is archived, so nothing starts it.</param>
/// <param name="Step">Its output key.</param>
/// <param name="Missing">Variables that the version needs and the step does not map: each of its runs would fail there.</param>
/// <param name="Vanishing">Variables that the step maps and the version no longer has: what they map is no longer sent.</param>
/// <param name="Triggers">Enabled triggers of the workflow.</param>
public sealed record LabelFollower(
    string WorkflowId,
    string WorkflowName,
    bool IsPublished,
    bool IsArchived,
    string Step,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Vanishing,
    IReadOnlyList<TriggerType> Triggers
)
{
    /// <summary>Its prompt, where that includes what moves instead of being it.</summary>
    public string? Through { get; init; }

    public bool Breaks => Missing.Count > 0;
}

/// <summary>A prompt that would send something else when a label moves.</summary>
/// <param name="Missing">Variables that it would need besides its own: each run without a value for them would fail.</param>
public sealed record LabelPrompt(string PromptId, string Name, string Version, IReadOnlyList<string> Missing);

/// <summary>
/// The effects of moving a label. Existing runs keep the version that the label was on when they were created.
/// </summary>
/// <param name="From">The version that has the label; null when it is new.</param>
/// <param name="Followers">Published ones first, then by workflow and step.</param>
public sealed record LabelImpact(string Label, PromptVersion? From, PromptVersion To, IReadOnlyList<LabelFollower> Followers)
{
    /// <summary>
    /// Prompts whose newest version includes this one by the label, itself or by way of others: they send something else then.
    /// </summary>
    public IReadOnlyList<LabelPrompt> Prompts { get; init; } = [];

    /// <summary>A published workflow would fail from its next run on.</summary>
    public bool Breaks => Followers.Any(follower => follower is { IsPublished: true, IsArchived: false, Breaks: true });

    /// <param name="steps">All steps that use the prompt; those that do not name the label are left out.</param>
    internal static LabelImpact Of(string label, PromptVersion? from, PromptVersion to, IEnumerable<PromptStep> steps)
    {
        var optional = PromptText.Optional(to.VariableDefinitions);
        var needed = to.Variables.Where(variable => !optional.Contains(variable)).ToList();
        var followers = steps
            .Where(step => step.Label == label && step.IsCurrent)
            .Select(step => new LabelFollower(
                step.WorkflowId,
                step.WorkflowName,
                step.IsPublished,
                step.IsArchived,
                step.OutputKey,
                [.. needed.Except(step.Mapped)],
                [.. step.Mapped.Except(to.Variables).Order(StringComparer.Ordinal)],
                step.Triggers
            ))
            .OrderBy(follower => !follower.IsPublished)
            .ThenBy(follower => follower.WorkflowName, StringComparer.OrdinalIgnoreCase)
            .ThenBy(follower => follower.Step, StringComparer.Ordinal);
        return new LabelImpact(label, from, to, [.. followers]);
    }
}
