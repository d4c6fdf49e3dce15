using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Start;

public sealed partial class RunWorkflowPage(PageServices services, WorkflowService workflowService, RunService runs) : PortalPage(services)
{
    private WorkflowView? _workflow;
    private Problem? _refused;
    private string? _rememberAs;

    [Parameter]
    public string Id { get; set; } = "";

    private string Why =>
        _workflow switch
        {
            { Status: WorkflowStatus.Archived } => "It is archived. Unarchive it and publish it again.",
            { Published: null } => "It has not been published yet. Publish its draft first.",
            _ => "Manual runs are paused.",
        };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();

        // By person: the next user of this browser must not see what the previous one typed.
        _rememberAs = actor is Actor.Person person ? $"{person.UserId}-{Id}" : null;
        var result = await workflowService.FindAsync(actor, Id, Left);
        (_workflow, Problem) = (result.IsOk ? result.Value : null, result.Problem);
    }

    private Task RunAsync(IReadOnlyDictionary<string, JsonElement> inputs) =>
        OnceAsync(async () =>
        {
            var started = await runs.StartAsync(await ActorAsync(), new StartRunRequest(Id, inputs), Left);
            _refused = started.Problem;
            if (started.IsOk)
            {
                LeaveFor($"runs/{started.Value.Id}");
            }
        });
}
