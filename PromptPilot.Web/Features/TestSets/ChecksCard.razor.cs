using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class ChecksCard(PageServices services, TestSetService sets, StepPickerService prompts, ModelProfileService profiles)
    : PortalComponent(services)
{
    private IReadOnlyList<(string Id, string Name)> _prompts = [];
    private IReadOnlyList<(string Id, string Name)> _models = [];
    private List<CheckDraft> _drafts = [];
    private FieldErrors _errors = FieldErrors.None;
    private string _output = "";
    private string _said = "";

    [Parameter, EditorRequired]
    public TestSetView Set { get; set; } = default!;

    [Parameter]
    public bool CanEdit { get; set; }

    [Parameter]
    public EventCallback<TestSetView> OnSaved { get; set; }

    private List<string> Shown => [.. _drafts.SelectMany((_, i) => CheckDraft.Fields.Select(name => $"checks[{i}].{name}")), "outputKey"];

    /// <summary>What only older versions of the workflow have stays a choice.</summary>
    private IEnumerable<string> Outputs => Set.OutputKey is { } key && !Set.Outputs.Contains(key) ? Set.Outputs.Append(key) : Set.Outputs;

    protected override void OnInitialized() => (_drafts, _output) = ([.. Set.Checks.Select(CheckDraft.Of)], Set.OutputKey ?? "");

    protected override async Task OnInitializedAsync()
    {
        var actor = await ActorAsync();
        var found = await prompts.ListPromptsAsync(actor, null, Left);
        var named = await profiles.ListNamesAsync(actor, Left);
        _prompts = found.IsOk ? [.. found.Value.Select(prompt => (prompt.Id, prompt.Name))] : [];
        _models = named.IsOk ? [.. named.Value.Where(model => model.MayUse).Select(model => (model.Id, model.Name))] : [];
    }

    private Task SaveAsync() =>
        OnceAsync(async () =>
        {
            var content = new TestSetContent(Set.Name, [.. _drafts.Select(draft => draft.ToCheck())]) { OutputKey = _output };
            var saved = await sets.UpdateAsync(await ActorAsync(), Set.Id, content, Set.Revision, Left);
            (Problem, _errors, _said) = (saved.Problem, new FieldErrors(saved.Problem), saved.IsOk ? "Saved" : "");
            if (saved.IsOk)
            {
                await OnSaved.InvokeAsync(saved.Value);
            }
        });
}
