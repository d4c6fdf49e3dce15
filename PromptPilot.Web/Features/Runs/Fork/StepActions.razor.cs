using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Fork;

public sealed partial class StepActions(PageServices services, RunReplayService replays) : PortalComponent(services)
{
    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;

    /// <summary>A sentence with the steps that run again from here and those whose results are kept.</summary>
    private string Plan
    {
        get
        {
            var replay = Run.Replay(Step.StepId);
            var kept = replay.Kept.Select(step => step.OutputKey).ToList();
            return $"Runs {Shorten.Names([.. replay.Again.Select(step => step.OutputKey)])} again"
                + (kept.Count == 0 ? "" : $" and keeps {Shorten.Names(kept)}");
        }
    }

    private Task RunAgainAsync() =>
        OnceAsync(async () =>
        {
            var result = await replays.ForkAsync(await ActorAsync(), Run.Id, new ForkRequest(Step.StepId), Left);
            Problem = result.Problem;
            if (result.IsOk)
            {
                Navigation.NavigateTo($"runs/{result.Value.Id}");
            }
        });
}
