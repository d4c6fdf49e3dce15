using Microsoft.AspNetCore.Components;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class TestSetInPlace(PageServices services, TestSetService sets) : PortalComponent(services)
{
    private string _name = "";

    /// <summary>Null for a set of a workflow.</summary>
    [Parameter]
    public string? PromptId { get; set; }

    [Parameter]
    public string? WorkflowId { get; set; }

    /// <summary>Raised once there is a set.</summary>
    [Parameter]
    public EventCallback OnMade { get; set; }

    private Task CreateAsync() =>
        OnceAsync(async () =>
        {
            var (actor, content) = (await ActorAsync(), new TestSetContent(_name, []));
            var made = PromptId is not null
                ? await sets.CreateAsync(actor, PromptId, content, Left)
                : await sets.CreateForWorkflowAsync(actor, WorkflowId!, content, Left);
            Problem = made.Problem;
            if (made.IsOk)
            {
                await OnMade.InvokeAsync();
            }
        });
}
