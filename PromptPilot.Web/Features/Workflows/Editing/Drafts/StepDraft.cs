using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>A step while it is edited.</summary>
public sealed class StepDraft
{
    /// <summary>Tells steps apart while they move; the id of a saved step is kept by the draft, under this key.</summary>
    public string Key { get; private init; } = Ids.New();

    public required PromptDetails Prompt { get; init; }

    /// <summary>An exact version; with neither version nor label, the latest.</summary>
    public string? Version { get; private set; }

    public string? Label { get; private set; }

    public string Model { get; set; } = "";

    public string OutputKey { get; set; } = "";

    /// <summary>Variable → expression as typed.</summary>
    public Dictionary<string, string> Mapping { get; } = [];

    public StepOptionsDraft Options { get; private init; } = StepOptionsDraft.New();

    /// <param name="key">Key of the same step in the draft; null: a new key.</param>
    public static StepDraft From(StepContent step, PromptDetails prompt, string? key = null)
    {
        var draft = new StepDraft
        {
            Key = key ?? Ids.New(),
            Prompt = prompt,
            Version = step.PromptVersion,
            Label = step.PromptLabel,
            Model = step.Model,
            OutputKey = step.OutputKey,
            Options = StepOptionsDraft.From(step.Options),
        };
        foreach (var (variable, expression) in step.InputMapping)
        {
            draft.Mapping[variable] = expression;
        }

        return draft;
    }

    /// <param name="key">Key of the same step in the draft; null: a new key.</param>
    public static StepDraft From(KeptStep step, PromptDetails prompt, string? key)
    {
        var draft = new StepDraft
        {
            Key = key ?? Ids.New(),
            Prompt = prompt,
            Version = step.Version,
            Label = step.Label,
            Model = step.Model,
            OutputKey = step.OutputKey,
            Options = step.Options,
        };
        foreach (var (variable, expression) in step.Mapping)
        {
            draft.Mapping[variable] = expression ?? "";
        }

        return draft;
    }

    /// <summary>Once the step runs for each item of a list, what read the whole list reads the item.</summary>
    /// <param name="listBefore">What it ran for each of until now; empty: nothing.</param>
    public void ReadItems(string listBefore)
    {
        var added = ListKeys(Options.ForEach).Except(ListKeys(listBefore)).ToHashSet();
        foreach (var (variable, _) in Mapping.Where(pair => added.Contains(pair.Value.Trim())).ToList())
        {
            Mapping[variable] = "item";
        }
    }

    /// <param name="id">Under which it is saved.</param>
    public KeptStep Keep(string? id) => new(id, Prompt.Id, Version, Label, Model, OutputKey, Mapping, Options);

    public void FollowLatest() => (Version, Label) = (null, null);

    public void FollowLabel(string label) => (Version, Label) = (null, label);

    public void PinVersion(string version) => (Version, Label) = (version, null);

    public IReadOnlyList<VariableChoice> Variables() => Prompt.VersionOf(Version, Label)?.Variables ?? [];

    /// <summary>All it reads from.</summary>
    public IEnumerable<string> Expressions() =>
        Mapping.Values.Append(Options.When).Append(Options.ForEach).Where(text => !string.IsNullOrWhiteSpace(text));

    /// <summary>Mapped variables that the chosen version does not have.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        var known = Variables().Select(variable => variable.Name).ToHashSet();
        return [.. Mapping.Where(pair => !string.IsNullOrWhiteSpace(pair.Value) && !known.Contains(pair.Key)).Select(pair => pair.Key)];
    }

    /// <summary>Fills variables without expression with the readable key of the same name.</summary>
    public void AutoMap(IReadOnlyCollection<string> readable)
    {
        foreach (
            var variable in Variables()
                .Where(v => string.IsNullOrWhiteSpace(Mapping.GetValueOrDefault(v.Name)) && readable.Contains(v.Name))
        )
        {
            Mapping[variable.Name] = variable.Name;
        }
    }

    /// <summary>A copy of the step. Changing one does not change the other.</summary>
    public StepDraft Copy() => Copy(Key);

    /// <summary>A new step that is set like this one.</summary>
    public StepDraft Duplicate(string outputKey)
    {
        var step = Copy(Ids.New());
        step.OutputKey = outputKey;
        return step;
    }

    public bool IsSameAs(StepDraft other) =>
        Key == other.Key
        && Prompt.Id == other.Prompt.Id
        && Version == other.Version
        && Label == other.Label
        && Model == other.Model
        && OutputKey == other.OutputKey
        && Options.IsSameAs(other.Options)
        && Mapping.Count == other.Mapping.Count
        && Mapping.All(pair => other.Mapping.GetValueOrDefault(pair.Key) == pair.Value);

    /// <param name="id">The id under which it was saved; null for a new step.</param>
    public StepContent ToContent(string? id = null) =>
        new(id, Prompt.Id, Version, Label, Model, new Dictionary<string, string>(Mapping), OutputKey.Trim())
        {
            Options = Options.ToOptions(),
        };

    private StepDraft Copy(string key)
    {
        var copy = new StepDraft
        {
            Key = key,
            Prompt = Prompt,
            Version = Version,
            Label = Label,
            Model = Model,
            OutputKey = OutputKey,
            Options = Options.Copy(),
        };
        foreach (var (variable, expression) in Mapping)
        {
            copy.Mapping[variable] = expression;
        }

        return copy;
    }

    private static IEnumerable<string> ListKeys(string forEach) =>
        FlowStep.ReadingsOf(new Dictionary<string, string>(), "", forEach).SelectMany(reading => reading.Keys);
}
