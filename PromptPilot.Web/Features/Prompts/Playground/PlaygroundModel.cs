using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Start;

namespace PromptPilot.Web.Features.Prompts.Playground;

/// <summary>One version on one model profile, beside others.</summary>
public sealed class PlaygroundLane
{
    public string Version { get; set; } = "";

    public string ProfileId { get; set; } = "";

    /// <summary>The answer while it comes; null before the first call.</summary>
    public LiveText? Text { get; private set; }

    public ExecutionLog? Log { get; private set; }

    /// <summary>Why no call was made.</summary>
    public Problem? Problem { get; private set; }

    public DateTime StartedAt { get; private set; }

    public bool IsRunning { get; private set; }

    public LiveText Begin(DateTime now)
    {
        (Text, Log, Problem, StartedAt, IsRunning) = (new LiveText(), null, null, now, true);
        return Text;
    }

    public void End(Result<ExecutionLog> result) => (Log, Problem, IsRunning) = (result.IsOk ? result.Value : null, result.Problem, false);

    /// <summary>Cancelled before the call was made.</summary>
    public void GiveUp() => (Text, IsRunning) = (null, false);
}

/// <summary>
/// The playground of a prompt: its lanes and the values that all of them get. It lives as long as the page, so that another tab does not
/// end it.
/// </summary>
public sealed class PlaygroundModel : IDisposable
{
    public const int MostLanes = 4;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private CancellationTokenSource? _stop;

    public PlaygroundModel(string version, string? profileId) =>
        Lanes = [new PlaygroundLane { Version = version, ProfileId = profileId ?? "" }];

    public List<PlaygroundLane> Lanes { get; }

    public bool IsRunning => Lanes.Any(lane => lane.IsRunning);

    /// <summary>Values that are unreadable or were refused, at <c>inputs.NAME</c>.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>The variables of all chosen versions; where they differ, the first lane's definition counts.</summary>
    public IReadOnlyList<WorkflowInput> Inputs(IReadOnlyList<PromptVersion> versions) =>
        [
            .. Lanes
                .Select(lane => versions.FirstOrDefault(v => v.Version == lane.Version))
                .OfType<PromptVersion>()
                .SelectMany(version => version.Variables.Select(name => Input(name, version.VariableDefinitions.Find(d => d.Name == name))))
                .DistinctBy(input => input.Name),
        ];

    /// <summary>The value of a field: the typed text, otherwise the example or default.</summary>
    public string TextOf(WorkflowInput input) => _texts.GetValueOrDefault(input.Name) ?? (input.Default is { } value ? Words(value) : "");

    public void Set(string name, string text) => _texts[name] = text;

    /// <summary>Fills the fields from an example or an execution.</summary>
    public void Fill(IReadOnlyDictionary<string, JsonElement> values)
    {
        Problem = null;
        foreach (var (name, value) in values)
        {
            _texts[name] = Words(value);
        }
    }

    /// <summary>The values as JSON; null, and a problem, when some cannot be read.</summary>
    public Dictionary<string, JsonElement>? Read(IReadOnlyList<WorkflowInput> inputs)
    {
        var form = new RunFormModel([.. inputs]);
        foreach (var input in inputs)
        {
            form[input.Name] = TextOf(input);
        }

        var values = form.Read();
        Problem = values.Problem;
        return values.IsOk ? values.Value : null;
    }

    /// <summary>Calls all lanes at the same time.</summary>
    public async Task RunAsync(DateTime now, Func<PlaygroundLane, LiveText, CancellationToken, Task<Result<ExecutionLog>>> call)
    {
        _stop?.Dispose();
        _stop = new CancellationTokenSource();
        var token = _stop.Token;
        await Task.WhenAll(
            Lanes
                .ToList()
                .Select(async lane =>
                {
                    var text = lane.Begin(now);
                    try
                    {
                        lane.End(await call(lane, text, token));
                    }
                    catch (OperationCanceledException)
                    {
                        lane.GiveUp();
                    }
                })
        );
    }

    public void Cancel() => _stop?.Cancel();

    public void Dispose()
    {
        _stop?.Cancel();
        _stop?.Dispose();
        _stop = null;
    }

    private static WorkflowInput Input(string name, VariableDefinition? definition) =>
        new()
        {
            Name = name,
            Type = definition?.Type ?? VariableType.Text,
            Required = definition?.IsOptional() != true,
            Default = definition?.Example ?? definition?.Default,
            Description = definition?.Description,
            Choices = definition?.Choices ?? [],
        };

    private static string Words(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => value.GetRawText(),
        };
}
