using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>
/// A draft as it stood at one moment. Nothing in it is ever changed or handed out, so that snapshots share what did not change between
/// them.
/// </summary>
public sealed class DraftSnapshot
{
    private DraftSnapshot(
        string name,
        IReadOnlyList<string> tags,
        IReadOnlyList<InputDraft> inputs,
        IReadOnlyList<StepDraft> steps,
        WorkflowOptionsDraft options
    ) => (Name, Tags, Inputs, Steps, Options) = (name, tags, inputs, steps, options);

    public string Name { get; }

    public IReadOnlyList<string> Tags { get; }

    public IReadOnlyList<InputDraft> Inputs { get; }

    public IReadOnlyList<StepDraft> Steps { get; }

    public WorkflowOptionsDraft Options { get; }

    public static DraftSnapshot Of(WorkflowDraft draft, DraftSnapshot? earlier)
    {
        var inputs = (earlier?.Inputs ?? []).ToDictionary(input => input.Key);
        var steps = (earlier?.Steps ?? []).ToDictionary(step => step.Key);
        var options = draft.Options with { };
        return new DraftSnapshot(
            draft.Name,
            earlier is not null && earlier.Tags.SequenceEqual(draft.Tags) ? earlier.Tags : draft.Tags,
            [.. draft.Inputs.Select(input => inputs.GetValueOrDefault(input.Key) is { } same && same == input ? same : input with { })],
            [.. draft.Steps.Select(step => steps.GetValueOrDefault(step.Key) is { } same && same.IsSameAs(step) ? same : step.Copy())],
            earlier is not null && earlier.Options with { IsOpen = options.IsOpen } == options ? earlier.Options : options
        );
    }

    /// <summary>The differences from an earlier snapshot.</summary>
    public DraftChange ChangeSince(DraftSnapshot earlier)
    {
        var changes = new List<DraftChange>();
        Add(Name != earlier.Name, new DraftChange("name", "the name"));
        Add(!ReferenceEquals(Tags, earlier.Tags), new DraftChange("tags", "the tags"));
        Add(!ReferenceEquals(Options, earlier.Options), new DraftChange("limits", "the limits"));
        AddList(
            Inputs,
            earlier.Inputs,
            input => input.Key,
            (_, input, i) => new DraftChange($"input {input.Key}", $"input {i + 1}"),
            "the inputs"
        );
        AddList(Steps, earlier.Steps, step => step.Key, OfStep, "the steps");
        return changes.Count switch
        {
            0 => DraftChange.None,
            1 => changes[0],
            _ => new DraftChange(null, "the last change"),
        };

        void Add(bool differs, DraftChange change)
        {
            if (differs)
            {
                changes.Add(change);
            }
        }

        void AddList<T>(IReadOnlyList<T> now, IReadOnlyList<T> before, Func<T, string> key, Func<T, T, int, DraftChange> of, string all)
            where T : class
        {
            if (!now.Select(key).SequenceEqual(before.Select(key)))
            {
                changes.Add(new DraftChange(null, all));
                return;
            }

            changes.AddRange(
                now.Zip(before)
                    .Select((pair, i) => (pair, i))
                    .Where(at => !ReferenceEquals(at.pair.First, at.pair.Second))
                    .Select(at => of(at.pair.Second, at.pair.First, at.i))
            );
        }
    }

    private static DraftChange OfStep(StepDraft before, StepDraft now, int index)
    {
        var variables = now
            .Mapping.Keys.Union(before.Mapping.Keys)
            .Where(name => now.Mapping.GetValueOrDefault(name) != before.Mapping.GetValueOrDefault(name))
            .ToList();
        return variables.Count == 1
            ? new DraftChange($"step {now.Key} reads {variables[0]}", $"{variables[0]} of step {index + 1}")
            : new DraftChange(now.OutputKey == before.OutputKey ? $"step {now.Key}" : null, $"step {index + 1}");
    }
}

/// <summary>The differences between two snapshots.</summary>
/// <param name="Field">The one field that differs; null when it is more than one, or the order.</param>
/// <param name="Words">The same for people, such as “what step 2 reads as notes”.</param>
public sealed record DraftChange(string? Field, string Words)
{
    public static readonly DraftChange None = new(null, "");
}
