using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Files;

namespace PromptPilot.Web.Features.Prompts.Playground;

public sealed partial class PlaygroundPanel(
    PageServices services,
    PlaygroundService playground,
    ExampleService exampleService,
    TestCaseService testCaseService,
    ExecutionLogService executionLogService
) : PortalComponent(services)
{
    private const int OfferedLogs = 15;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    private readonly Uploads _uploads = new();
    private IReadOnlyList<SavedExample> _examples = [];
    private IReadOnlyList<ExecutionLog> _logs = [];
    private SavedExample? _filledFrom;
    private string _exampleName = "";
    private string? _exampleProblem;
    private string _exampleSaid = "";
    private ITimer? _frames;

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<PromptVersion> Versions { get; set; } = [];

    [Parameter]
    public ModelChoices Models { get; set; } = new([], null);

    [Parameter]
    public bool CanWrite { get; set; }

    [Parameter, EditorRequired]
    public PlaygroundModel Model { get; set; } = default!;

    private IReadOnlyList<WorkflowInput> Inputs => Model.Inputs(Versions);

    /// <summary>Errors at fields: unreadable values here, or those that a lane was refused for.</summary>
    private Problem? Unreadable =>
        Model.Problem
        ?? Model
            .Lanes.Select(lane => lane.Problem)
            .FirstOrDefault(problem => problem?.Errors.Any(error => error.Field.StartsWith("values.", StringComparison.Ordinal)) is true);

    protected override ValueTask LeaveAsync()
    {
        _frames?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task OnInitializedAsync()
    {
        _frames = Time.CreateTimer(_ => ShowFrame(), null, Frame, Frame);
        await LoadAsync();
    }

    /// <summary>Each frame renders what came since the last one.</summary>
    private void ShowFrame()
    {
        if (Model.IsRunning)
        {
            Dispatch(() => Task.CompletedTask);
        }
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        _examples = await exampleService.ListAsync(actor, PromptId, Left) is { IsOk: true } examples ? examples.Value : [];
        _logs = await executionLogService.ListAsync(
            actor,
            new ExecutionLogFilter(PromptId: PromptId),
            new PageRequest(Limit: OfferedLogs),
            Left
        )
            is { IsOk: true } logs
            ? logs.Value.Items
            : [];
    }

    private Task FillAsync(string? from)
    {
        var id = from?.Split(':') is [_, var given] ? given : "";
        _filledFrom = _examples.FirstOrDefault(example => example.Id == id);
        if ((_filledFrom?.Values ?? _logs.FirstOrDefault(log => log.Id == id)?.Input) is { } values)
        {
            Model.Fill(values);
        }

        return Task.CompletedTask;
    }

    private void AddLane()
    {
        var last = Model.Lanes[^1];
        var other = Models.Models.FirstOrDefault(model => model.CanChoose && Model.Lanes.All(lane => lane.ProfileId != model.Id));
        Model.Lanes.Add(new PlaygroundLane { Version = last.Version, ProfileId = other?.Id ?? last.ProfileId });
    }

    private async Task RunAsync()
    {
        if (Model.IsRunning || _uploads.Any || Model.Read(Inputs) is not { } values)
        {
            return;
        }

        var actor = await ActorAsync();
        await Model.RunAsync(
            Time.GetUtcNow().UtcDateTime,
            (lane, text, stop) =>
                playground.CallAsync(actor, new PlaygroundCall(PromptId, lane.Version, lane.ProfileId, values), text, stop)
        );
        if (!Left.IsCancellationRequested)
        {
            await LoadAsync();
        }
    }

    private Task SaveExampleAsync() =>
        OnceAsync(async () =>
        {
            (_exampleProblem, _exampleSaid) = (null, "");
            if (Model.Read(Inputs) is not { } values)
            {
                return;
            }

            var saved = await exampleService.SaveAsync(await ActorAsync(), PromptId, _exampleName, values, Left);
            if (!saved.IsOk)
            {
                _exampleProblem = saved.Problem.Errors.Count > 0 ? saved.Problem.Errors[0].Message : saved.Problem.Message;
                return;
            }

            (_exampleSaid, _exampleName) = ($"Saved “{saved.Value.Name}”.", "");
            await LoadAsync();
        });

    private Task DeleteExampleAsync(SavedExample example) =>
        OnceAsync(async () =>
        {
            var result = await testCaseService.DeleteAsync(await ActorAsync(), example.TestSetId, example.Id, Left);
            (_exampleProblem, _exampleSaid) = (result.Problem?.Message, result.IsOk ? $"Deleted “{example.Name}”." : "");
            await LoadAsync();
        });
}
