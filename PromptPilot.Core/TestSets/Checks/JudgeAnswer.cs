using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.TestSets.Checks;

/// <summary>Reads what a judge answered. Only a clear yes is passed.</summary>
internal static class JudgeAnswer
{
    /// <summary>The required answer of a judge. Sent to providers that support schemas.</summary>
    public static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(
        """
        {
          "type": "object",
          "properties": {
            "pass": { "type": "boolean" },
            "score": { "type": "number" },
            "reason": { "type": "string" }
          },
          "required": ["pass", "reason"]
        }
        """
    );

    /// <param name="attempts">The judge's calls for one output.</param>
    public static CheckVerdict Verdict(Check check, IReadOnlyList<ExecutionLog> attempts)
    {
        var (outcome, reason) = Read(attempts);
        return new CheckVerdict(CheckText.NameOf(check), outcome, reason);
    }

    private static (CheckOutcome, string) Read(IReadOnlyList<ExecutionLog> attempts)
    {
        if (attempts.FirstOrDefault(attempt => attempt.Status == ExecutionStatus.Success) is not { } success)
        {
            return (
                CheckOutcome.Error,
                attempts.Count == 0 ? "The judge was not called." : $"The judge gave no verdict: {attempts[^1].ErrorMessage}"
            );
        }

        var read = JsonOutput.Read(success.Output, Schema);
        if (!read.IsOk)
        {
            return (CheckOutcome.Error, $"The judge gave no verdict: {read.Problem.Message}");
        }

        var reason = read.Value.GetProperty("reason").GetString() ?? "";
        return (
            read.Value.GetProperty("pass").ValueKind == JsonValueKind.True ? CheckOutcome.Passed : CheckOutcome.Failed,
            reason.Length == 0 ? "The judge gave no reason." : reason
        );
    }
}
