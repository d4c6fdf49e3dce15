using System.Text.Json;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>A request to a run as JSON.</summary>
internal sealed record SignalBody(
    string Kind,
    string? By,
    string? StepId = null,
    ReviewVerdict? Verdict = null,
    JsonElement? Output = null,
    string? Reason = null,
    bool IsPinned = false
)
{
    public static string Write(RunMessage.Request request) =>
        JsonSerializer.Serialize(
            request switch
            {
                RunMessage.Cancel cancel => new SignalBody(nameof(RunMessage.Cancel), cancel.By),
                RunMessage.Pin pin => new SignalBody(nameof(RunMessage.Pin), pin.By, IsPinned: pin.IsPinned),
                RunMessage.Answer answer => new SignalBody(
                    nameof(RunMessage.Answer),
                    answer.By,
                    answer.StepId,
                    answer.Verdict,
                    answer.Output,
                    answer.Reason
                ),
                _ => throw new NotSupportedException($"A {request.GetType().Name} cannot be sent to another host."),
            }
        );

    public static RunMessage.Request Read(string json, long id)
    {
        var body = JsonSerializer.Deserialize<SignalBody>(json)!;
        return body.Kind switch
        {
            nameof(RunMessage.Cancel) => new RunMessage.Cancel(body.By) { SignalId = id },
            nameof(RunMessage.Pin) => new RunMessage.Pin(body.IsPinned, body.By) { SignalId = id },
            _ => new RunMessage.Answer(body.StepId!, body.Verdict!.Value, body.Output, body.Reason, body.By) { SignalId = id },
        };
    }
}
