using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>The protections of a prompt's labels or of a workflow's publishing. Only admins can edit them.</summary>
public sealed partial class ProtectionPage(
    PageServices services,
    ProtectionService protections,
    PromptService prompts,
    WorkflowService workflows,
    TestSetService sets,
    ModelProfileService profiles
) : PortalPage(services)
{
    private static readonly string[] Fields = ["label", "testSetId", "modelProfileId", "minPassPercent", "maxRegressions", "approvals"];

    private IReadOnlyList<ProtectionView>? _protections;
    private IReadOnlyList<(string Id, string Name)> _sets = [];
    private IReadOnlyList<(string Id, string Name)> _models = [];
    private string? _name;
    private Problem? _refusal;
    private string _label = "production";
    private string _setId = "";
    private string _modelId = "";
    private string _pass = "90";
    private string _worse = "0";
    private string _approvals = "1";

    [Parameter]
    public string? PromptId { get; set; }

    [Parameter]
    public string? WorkflowId { get; set; }

    private FieldErrors Errors => new(_refusal);

    private IReadOnlyList<(string, string?)> Path =>
        PromptId is null
            ? [("Workflows", "workflows"), (_name ?? "Workflow", $"workflows/{WorkflowId}"), ("Protection", null)]
            : [("Prompts", "prompts"), (_name ?? "Prompt", $"prompts/{PromptId}"), ("Protection", null)];

    protected override async Task OnInitializedAsync()
    {
        var actor = await ActorAsync();
        var found = await sets.ListAsync(actor, PromptId, WorkflowId, new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _sets = found.IsOk ? [.. found.Value.Items.Select(set => (set.Id, set.Name))] : [];
        if (PromptId is { } promptId)
        {
            var prompt = await prompts.FindAsync(actor, promptId, Left);
            var models = await profiles.ListNamesAsync(actor, Left);
            (_name, Problem) = (prompt.IsOk ? prompt.Value.Name : null, prompt.Problem);
            _models = models.IsOk ? [.. models.Value.Where(model => model.Enabled).Select(model => (model.Id, model.Name))] : [];
        }
        else
        {
            var workflow = await workflows.FindAsync(actor, WorkflowId!, Left);
            (_name, Problem) = (workflow.IsOk ? workflow.Value.Name : null, workflow.Problem);
        }

        if (Problem is null)
        {
            await LoadAsync();
            Edit(_protections is [var first, ..] ? first : null);
        }
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        if (PromptId is { } promptId)
        {
            var found = await protections.ListAsync(actor, promptId, Left);
            (_protections, Problem) = (found.IsOk ? found.Value : _protections, found.Problem);
            return;
        }

        var one = await protections.FindOfWorkflowAsync(actor, WorkflowId!, Left);
        _protections = one.IsOk ? [one.Value] : [];
    }

    private void Edit(ProtectionView? protection)
    {
        _refusal = null;
        if (protection is null)
        {
            return;
        }

        (_label, _setId, _modelId) = (protection.Label ?? "", protection.TestSetId ?? "", protection.ModelProfileId ?? "");
        (_pass, _worse, _approvals) = (Text(protection.MinPassPercent), Text(protection.MaxRegressions), Text(protection.Approvals));
    }

    private Task SaveAsync()
    {
        var content = new ProtectionContent(_setId, _modelId, Number(_pass), Number(_worse), Number(_approvals));
        return ActAsync(async actor =>
            PromptId is { } promptId
                ? (await protections.ProtectLabelAsync(actor, promptId, _label.Trim(), content, Left)).Problem
                : (await protections.ProtectWorkflowAsync(actor, WorkflowId!, content, Left)).Problem
        );
    }

    private Task RemoveAsync(ProtectionView protection) =>
        ActAsync(async actor =>
            PromptId is { } promptId
                ? (await protections.UnprotectLabelAsync(actor, promptId, protection.Label!, Left)).Problem
                : (await protections.UnprotectWorkflowAsync(actor, WorkflowId!, Left)).Problem
        );

    private Task ActAsync(Func<Actor, Task<Problem?>> act) =>
        OnceAsync(async () =>
        {
            _refusal = await act(await ActorAsync());
            await LoadAsync();
        });

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Anything but a number becomes −1, which the service refuses with the allowed range.</summary>
    private static int Number(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
