using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>A key that may be read at a step, and where it comes from in words.</summary>
/// <param name="Sample">Its value in the last run.</param>
public sealed record ReadableKey(string Name, string Source, string? Sample = null);

/// <summary>A workflow while it is edited: what the form binds to, without anything of the page.</summary>
public sealed partial class WorkflowDraft
{
    private readonly Dictionary<string, string> _ids = [];
    private string _saved = "";

    /// <summary>Null until it is saved for the first time.</summary>
    public string? Id { get; private set; }

    /// <summary>The revision the edits started from.</summary>
    public int? Revision { get; private set; }

    public string Name { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    public List<InputDraft> Inputs { get; } = [];

    public List<StepDraft> Steps { get; } = [];

    public WorkflowOptionsDraft Options { get; private set; } = new();

    /// <summary>There is something that would be lost.</summary>
    public bool IsDirty => Fingerprint() != _saved;

    /// <summary>A new workflow with one text input, ready for its first step.</summary>
    public static WorkflowDraft New()
    {
        var draft = new WorkflowDraft();
        draft.Inputs.Add(new InputDraft { Name = "text", Description = "The text to work on" });
        draft._saved = draft.Fingerprint();
        return draft;
    }

    /// <param name="view">The workflow as saved.</param>
    /// <param name="prompts">Details of each prompt its steps use, by id.</param>
    public static WorkflowDraft From(WorkflowView view, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        var draft = new WorkflowDraft();
        draft.TakeContent(view.Content(), prompts);
        draft.TakeSaved(view);
        return draft;
    }

    public WorkflowContent ToContent() =>
        new(
            Name.Trim(),
            Tags,
            [.. Inputs.Select(input => input.ToInput())],
            [.. Steps.Select(step => step.ToContent(_ids.GetValueOrDefault(step.Key)))]
        )
        {
            Options = Options.ToOptions(),
            Limits = Options.ToLimits(),
        };

    /// <summary>
    /// What a step's mapping may read: its item where it has one, the inputs, then what earlier steps write, then what every run has.
    /// </summary>
    public IReadOnlyList<ReadableKey> KeysAt(StepDraft step) =>
        step.Options.RunsForEach
            ? [new ReadableKey("item", "one item of the list"), new ReadableKey("index", "its position, from 0"), .. KeysBefore(step)]
            : KeysBefore(step);

    /// <summary>The same with what the last run had: a sample of each key, and paths into those that were objects.</summary>
    public IReadOnlyList<ReadableKey> KeysAt(StepDraft step, LastRunValues lastRun)
    {
        return
        [
            .. KeysAt(step)
                .SelectMany(key =>
                    lastRun
                        .Paths.Where(path => path.StartsWith(key.Name + ".", StringComparison.Ordinal))
                        .Select(path => new ReadableKey(path, "from the last run", lastRun.Of(path)))
                        .Prepend(key with { Sample = lastRun.Of(key.Name) })
                ),
        ];
    }

    /// <summary>The keys that the condition and the list of a step can read.</summary>
    public IReadOnlyList<ReadableKey> KeysBefore(StepDraft step) =>
        [
            .. Inputs.Where(input => input.Name != "").Select(input => new ReadableKey(input.Name, "input")),
            .. Steps
                .TakeWhile(other => other != step)
                .Select((other, i) => (other, i))
                .Where(s => s.other.OutputKey != "")
                .Select(s => new ReadableKey(s.other.OutputKey, $"step {s.i + 1}, {s.other.Prompt.Name}")),
            new ReadableKey("run.id", "the run"),
            new ReadableKey("trigger.payload", "what started it"),
        ];

    /// <summary>
    /// Puts a whole state in the place of what is here: a version, or what someone else saved. Steps that are in both keep their keys, and
    /// so what belongs to them on the page.
    /// </summary>
    /// <param name="content">Its steps have the ids under which they are saved.</param>
    /// <param name="prompts">Details of each prompt its steps use, by id.</param>
    public void TakeContent(WorkflowContent content, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        var keys = _ids.ToDictionary(pair => pair.Value, pair => pair.Key);
        (Name, Tags, Options) = (content.Name, content.Tags, WorkflowOptionsDraft.From(content.Options, content.Limits));
        Inputs.Clear();
        Inputs.AddRange(content.Inputs.Select(InputDraft.From));
        Steps.Clear();
        Steps.AddRange(
            content.Steps.Select(step =>
                StepDraft.From(step, prompts[step.PromptId], step.Id is null ? null : keys.GetValueOrDefault(step.Id))
            )
        );
    }

    /// <summary>The id under which a step is saved; null for a new one.</summary>
    public string? IdOf(StepDraft step) => _ids.GetValueOrDefault(step.Key);

    /// <summary>All that is typed, to be kept outside.</summary>
    public KeptWorkflow Keep() => new(Name, Tags, Inputs, [.. Steps.Select(step => step.Keep(_ids.GetValueOrDefault(step.Key)))], Options);

    /// <summary>Puts what was kept in the place of what is here. Steps that are in both keep their keys.</summary>
    /// <param name="prompts">Details of each prompt its steps use, by id.</param>
    public void TakeKept(KeptWorkflow kept, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        var keys = _ids.ToDictionary(pair => pair.Value, pair => pair.Key);
        (Name, Tags, Options) = (kept.Name, kept.Tags, kept.Options);
        Inputs.Clear();
        Inputs.AddRange(kept.Inputs);
        Steps.Clear();
        foreach (var step in kept.Steps)
        {
            // Each key is used once, even if the kept draft has it twice.
            Steps.Add(StepDraft.From(step, prompts[step.PromptId], step.Id is not null && keys.Remove(step.Id, out var key) ? key : null));
        }
    }

    /// <summary>
    /// What is saved is now this, by someone else; what is here stays, as a change of it. A step that they deleted becomes a new one.
    /// </summary>
    public void RebaseOn(WorkflowView theirs)
    {
        (Id, Revision) = (theirs.Id, theirs.Revision);
        var there = theirs.Steps.Select(step => step.Id).ToHashSet();
        foreach (var key in _ids.Where(pair => !there.Contains(pair.Value)).Select(pair => pair.Key).ToList())
        {
            _ids.Remove(key);
        }

        _saved = "";
    }

    /// <summary>Marks the saved state as published. Later edits remain changes.</summary>
    public void TakePublished(WorkflowView view) => Revision = view.Revision;

    /// <summary>Marks the draft as saved, as the start for later edits. Steps keep their ids through undo.</summary>
    /// <param name="sent">The saved state, if edits are possible since; null: the current state.</param>
    public void TakeSaved(WorkflowView view, DraftSent? sent = null)
    {
        sent ??= Send();
        (Id, Revision) = (view.Id, view.Revision);
        _ids.Clear();
        foreach (var (key, saved) in sent.Keys.Zip(view.Steps))
        {
            _ids[key] = saved.Id;
        }

        _saved = sent.Fingerprint;
    }

    /// <summary>The current state, to be saved.</summary>
    public DraftSent Send() => new(ToContent(), [.. Steps.Select(step => step.Key)], Fingerprint());

    /// <summary>A snapshot of all inputs, to return to.</summary>
    /// <param name="earlier">An earlier snapshot, with which unchanged parts are shared.</param>
    public DraftSnapshot Snapshot(DraftSnapshot? earlier = null) => DraftSnapshot.Of(this, earlier);

    /// <summary>Returns to a snapshot. The workflow's identity and saved state stay.</summary>
    public void Restore(DraftSnapshot snapshot)
    {
        (Name, Tags, Options) = (snapshot.Name, snapshot.Tags, snapshot.Options with { });
        Inputs.Clear();
        Inputs.AddRange(snapshot.Inputs.Select(input => input with { }));
        Steps.Clear();
        Steps.AddRange(snapshot.Steps.Select(step => step.Copy()));
    }

    /// <summary>Adds a step at the end, with a free output key from the prompt's name, mapped where names are equal.</summary>
    public StepDraft AddStep(PromptDetails prompt, string? model) => InsertStep(prompt, model, Steps.Count);

    /// <summary>Adds a step at a place, counted from 0.</summary>
    public StepDraft InsertStep(PromptDetails prompt, string? model, int index)
    {
        var step = new StepDraft
        {
            Prompt = prompt,
            Model = model ?? "",
            OutputKey = FreeKey(prompt.Name),
        };
        Steps.Insert(Math.Clamp(index, 0, Steps.Count), step);
        step.AutoMap([.. KeysAt(step).Select(key => key.Name)]);
        return step;
    }

    /// <summary>Adds a step at a place that reads exactly what is given.</summary>
    /// <param name="mapping">Variable → expression.</param>
    public StepDraft InsertStep(PromptDetails prompt, string? model, int index, IReadOnlyDictionary<string, string> mapping)
    {
        var step = new StepDraft
        {
            Prompt = prompt,
            Model = model ?? "",
            OutputKey = FreeKey(prompt.Name),
        };
        foreach (var (variable, expression) in mapping)
        {
            step.Mapping[variable] = expression;
        }

        Steps.Insert(Math.Clamp(index, 0, Steps.Count), step);
        return step;
    }

    /// <summary>Adds the same step once more below it, under a free output key.</summary>
    public StepDraft Duplicate(StepDraft step)
    {
        var copy = step.Duplicate(FreeKey(step.OutputKey));
        Steps.Insert(Steps.IndexOf(step) + 1, copy);
        return copy;
    }

    /// <summary>Moves a step by places, up (−1) or down (+1); at the end it stays.</summary>
    public void Move(StepDraft step, int by)
    {
        var to = Steps.IndexOf(step) + by;
        if (to >= 0 && to < Steps.Count)
        {
            MoveTo(step, to);
        }
    }

    /// <summary>
    /// Moves a step to a place, counted from 0. Only the order changes: what it can no longer read there is a problem to solve, not ours to
    /// rewrite.
    /// </summary>
    public void MoveTo(StepDraft step, int index)
    {
        if (Steps.Remove(step))
        {
            Steps.Insert(Math.Clamp(index, 0, Steps.Count), step);
        }
    }

    public void RenameInput(InputDraft input, string name)
    {
        Follow(input.Name, name);
        if (name != "" && input.Name != "" && Options.ChatInput == input.Name)
        {
            Options.ChatInput = name;
        }

        input.Name = name;
    }

    public void RenameOutput(StepDraft step, string key)
    {
        Follow(step.OutputKey, key);
        step.OutputKey = key;
    }

    /// <summary>Errors that only the form can detect.</summary>
    public IReadOnlyList<WorkflowProblem> FormProblems() =>
        [
            .. Inputs
                .Select((input, i) => (problem: input.DefaultProblem(), i))
                .Where(p => p.problem is not null)
                .Select(p => new WorkflowProblem($"inputs[{p.i}].default", p.problem!, BlocksSaving: true)),
            .. Options.Problems(),
            .. Steps.SelectMany((step, i) => step.Options.Problems($"steps[{i}].")),
        ];

    /// <summary>Shows what is folded away around a field.</summary>
    public void Unfold(string field)
    {
        if (FieldIds.IsOption(field))
        {
            Options.IsOpen = true;
        }
        else if (FieldIds.StepOfOption(field) is { } index && index < Steps.Count)
        {
            var options = Steps[index].Options;
            if (StepOptionSection.Of(FieldIds.InStep(field)) is { } row)
            {
                options.Open = options.Open.Add(row.Key);
            }
        }
    }

    /// <summary>
    /// The numbers of the steps that may be skipped and take this step with them, by what an expression reads; none where it has a default.
    /// </summary>
    public IReadOnlyList<int> SkippedWith(StepDraft step, string expression)
    {
        var skippable = new Dictionary<string, int>();
        foreach (var (other, number) in Steps.TakeWhile(other => other != step).Select((other, i) => (other, i + 1)))
        {
            if (
                !string.IsNullOrWhiteSpace(other.Options.When)
                || other.Expressions().Any(text => Unguarded(text).Any(skippable.ContainsKey))
            )
            {
                skippable[other.OutputKey] = number;
            }
        }

        return [.. Unguarded(expression).Where(skippable.ContainsKey).Select(key => skippable[key])];
    }

    /// <summary>Plain readings of a renamed key follow it; longer expressions are the author's to change.</summary>
    private void Follow(string from, string to)
    {
        var owners = Inputs.Count(input => input.Name == from) + Steps.Count(step => step.OutputKey == from);
        if (from == "" || to == "" || owners != 1)
        {
            return;
        }

        foreach (var step in Steps)
        {
            step.Options.When = step.Options.When.Trim() == from ? to : step.Options.When;
            step.Options.ForEach = step.Options.ForEach.Trim() == from ? to : step.Options.ForEach;
            foreach (var variable in step.Mapping.Where(pair => pair.Value.Trim() == from).Select(pair => pair.Key).ToList())
            {
                step.Mapping[variable] = to;
            }
        }
    }

    /// <summary>A key for the output of a prompt that nothing here has yet.</summary>
    public string FreeKey(string promptName)
    {
        var key = NotLetters().Replace(Unicode.Normalized(promptName).ToLowerInvariant(), "_").Trim('_');
        key = key == "" ? "output" : Shorten.Cut(key, KeyNames.MaxLength - 4);
        if (KeyNames.Problem(key, LiquidFilters.IsFilter) is not null)
        {
            key = "output_" + key;
        }

        var taken = Inputs.Select(input => input.Name).Concat(Steps.Select(step => step.OutputKey)).ToHashSet();
        return taken.Contains(key)
            ? Enumerable.Range(2, taken.Count + 1).Select(n => $"{key}_{n}").First(candidate => !taken.Contains(candidate))
            : key;
    }

    private static IReadOnlyList<string> Unguarded(string expression) =>
        LiquidExpression.Parse(expression) is { HasDefault: false } parsed ? parsed.Reads : [];

    /// <summary>
    /// Without the ids of steps: what is typed is the same whether it was saved or not. With the options as typed, since what cannot be
    /// read is not in the content.
    /// </summary>
    private string Fingerprint() =>
        JsonSerializer.Serialize(
            new
            {
                Content = ToContent() with
                {
                    Steps = [.. Steps.Select(step => step.ToContent(step.Key))],
                },
                Options,
                Steps = Steps.Select(step => step.Options),
            },
            AppJson.Options
        );

    [GeneratedRegex(@"[^\p{L}\p{M}\p{Nd}]+")]
    private static partial Regex NotLetters();
}

/// <summary>A draft as it was sent to be saved. What is typed while it is on its way is not in it.</summary>
/// <param name="Keys">Keys of its steps, in order.</param>
/// <param name="Fingerprint">A hash that shows if something has changed since.</param>
public sealed record DraftSent(WorkflowContent Content, IReadOnlyList<string> Keys, string Fingerprint);
