using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments;

public sealed partial class NewExperiment(
    PageServices services,
    ExperimentService experiments,
    PromptService prompts,
    PromptLabelService labels,
    ModelProfileService profiles,
    WorkflowVersionService workflowVersions
) : PortalComponent(services)
{
    /// <summary>Stands for the draft among versions. No version or label is named so.</summary>
    private const string DraftValue = "(draft)";

    /// <summary>The form starts one experiment, however often it is sent.</summary>
    private readonly string _key = Ids.New();
    private readonly List<VariantDraft> _variants = [new(), new()];
    private IReadOnlyList<(string Value, string Name)> _versions = [];
    private IReadOnlyList<ModelProfileName> _models = [];
    private ExperimentPreview? _preview;
    private FieldErrors _errors = FieldErrors.None;
    private int _repetitions = 1;
    private bool _reuse;

    [Parameter, EditorRequired]
    public string TestSetId { get; set; } = "";

    /// <summary>Null: the set tests a workflow.</summary>
    [Parameter]
    public string? PromptId { get; set; }

    /// <summary>Null: the set tests a prompt.</summary>
    [Parameter]
    public string? WorkflowId { get; set; }

    /// <summary>The text in the prompt's editor, saved or not; null: saved versions only.</summary>
    [Parameter]
    public Func<PromptDraft>? Draft { get; set; }

    private List<string> Shown =>
        [.. _variants.SelectMany((_, i) => new[] { $"variants[{i}].version", $"variants[{i}].modelProfileId" }), .. DraftFields];

    private IEnumerable<string> DraftFields =>
        Problem?.Errors.Select(error => error.Field).Where(name => name.Contains("].draft.", StringComparison.Ordinal)) ?? [];

    /// <summary>Begins with what is most often asked: the newest version against the one before, or against production.</summary>
    protected override async Task OnInitializedAsync()
    {
        var actor = await ActorAsync();
        if (WorkflowId is { } workflowId)
        {
            await LoadWorkflowAsync(actor, workflowId);
            return;
        }

        var versions = await prompts.ListVersionsAsync(actor, PromptId!, new PageRequest(), Left);
        var named = await labels.ListLabelsAsync(actor, PromptId!, Left);
        var models = await profiles.ListNamesAsync(actor, Left);
        if ((versions.Problem ?? named.Problem ?? models.Problem) is { } problem)
        {
            Problem = problem;
            return;
        }

        _versions =
        [
            .. named.Value.Select(label => (label.Name, $"{label.Name} ({label.Version})")),
            .. versions.Value.Items.Select(version => (version.Version, version.Version)),
        ];
        _models = [.. models.Value.Where(model => model is { Enabled: true, MayUse: true })];
        var newest = versions.Value.Items[0].Version;
        _variants[0].Version = named.Value.FirstOrDefault(label => label.Version != newest)?.Name ?? versions.Value.Items[^1].Version;
        _variants[1].Version = Draft is null ? newest : DraftValue;
        foreach (var variant in _variants)
        {
            variant.Model = _models is [var only] ? only.Id : "";
        }

        await PreviewAsync();
    }

    /// <summary>Begins with the draft against the newest version.</summary>
    private async Task LoadWorkflowAsync(Actor actor, string workflowId)
    {
        var found = await workflowVersions.ListAsync(actor, workflowId, new PageRequest(), Left);
        Problem = found.Problem;
        if (!found.IsOk)
        {
            return;
        }

        var numbers = found.Value.Items.Select(version => version.Number.ToString(CultureInfo.InvariantCulture)).ToList();
        _versions = [(WorkflowVariants.Draft, "Draft"), .. numbers.Select(number => (number, $"Version {number}"))];
        _variants[0].Version = numbers.Count > 0 ? numbers[0] : WorkflowVariants.Draft;
        _variants[1].Version = WorkflowVariants.Draft;
        if (numbers.Count == 0)
        {
            _variants.RemoveAt(1);
        }

        await PreviewAsync();
    }

    private static string Text(ChangeEventArgs change) => change.Value as string ?? "";

    private void AddVariant() => _variants.Add(new VariantDraft { Version = _variants[^1].Version, Model = _variants[^1].Model });

    /// <summary>Variants without a model follow: mostly versions are compared on one.</summary>
    private void ChooseModel(VariantDraft chosen, string model)
    {
        chosen.Model = model;
        foreach (var other in _variants.Where(variant => variant.Model.Length == 0))
        {
            other.Model = model;
        }
    }

    private Task SetAsync(Action change)
    {
        change();
        return PreviewAsync();
    }

    private ExperimentRequest Request() => new(TestSetId, "", [.. _variants.Select(ToRequest)], _repetitions, _reuse, _key);

    private VariantRequest ToRequest(VariantDraft variant) =>
        new(
            variant.Version == DraftValue ? null : variant.Version,
            variant.Model,
            double.TryParse(variant.Temperature, NumberStyles.Float, CultureInfo.InvariantCulture, out var temperature)
                ? new ParameterChanges(Temperature: temperature)
                : null,
            variant.Version == DraftValue ? Draft!() : null
        );

    /// <summary>The first error of the draft that a variant runs.</summary>
    private string? DraftError(int variant) =>
        Problem?.Errors.FirstOrDefault(error => error.Field.StartsWith($"variants[{variant}].draft.", StringComparison.Ordinal))
            is { } error
            ? $"The text in the editor has an error: {error.Message}"
            : null;

    private async Task PreviewAsync()
    {
        if (WorkflowId is null && _variants.Exists(variant => variant.Model.Length == 0))
        {
            (_preview, Problem, _errors) = (null, null, FieldErrors.None);
            return;
        }

        var preview = await experiments.PreviewAsync(await ActorAsync(), Request(), Left);
        (_preview, Problem, _errors) = (preview.IsOk ? preview.Value : null, preview.Problem, new FieldErrors(preview.Problem));
    }

    private Task StartAsync() =>
        OnceAsync(async () =>
        {
            var started = await experiments.StartAsync(await ActorAsync(), Request(), Left);
            (Problem, _errors) = (started.Problem, new FieldErrors(started.Problem));
            if (started.IsOk)
            {
                Navigation.NavigateTo($"experiments/{started.Value}");
            }
        });

    private sealed class VariantDraft
    {
        public string Version { get; set; } = "";

        public string Model { get; set; } = "";

        public string Temperature { get; set; } = "";
    }
}
