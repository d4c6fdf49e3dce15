using PromptPilot.Core.Approvals;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations.Bodies;

/// <summary>Messages of each kind, whose texts would break JSON that is put together by hand.</summary>
internal static class SamplePayloads
{
    private const string Hard = "She said: \"No\\yes\"\r\n\t{{ x }} {% y %} </script> '🙂' \u2028 end,";

    private static readonly DateTime At = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    public static IEnumerable<HookPayload> Of(IReadOnlyCollection<string> outputs)
    {
        var run = new HookPayload
        {
            At = At,
            RunId = "1",
            WorkflowId = "1",
            WorkflowName = Hard,
            WorkflowVersion = 1,
            StartedAt = At,
            FinishedAt = At,
            DurationMs = 1234,
            Outputs = outputs.ToDictionary(key => key, _ => AppJson.Text(Hard)),
        };
        yield return run with
        {
            Event = HookEvent.Succeeded,
            Status = RunStatus.Succeeded,
        };
        yield return run with
        {
            Event = HookEvent.Failed,
            Status = RunStatus.Failed,
            Outputs = [],
            OmittedOutputs = [.. outputs],
            Error = new RunError(ErrorCode.Internal, Hard, null),
        };
        yield return run with
        {
            Event = HookEvent.Waiting,
            Status = RunStatus.Waiting,
            FinishedAt = null,
            DurationMs = null,
            Reviews = [new HookReview("1", "a", Hard, At), new HookReview("2", "b", null, null)],
        };
        yield return HookPayload.Test("1", Hard, At) with
        {
            Event = HookEvent.ChangeRequested,
            Change = new HookChange("1", ChangeStatus.Open, "1", "production", Hard, null, "1.0.0", Hard, Hard, Hard, null),
        };
        yield return HookPayload.Test("1", Hard, At);
    }
}
