using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>A call that an application made itself, with a version of a prompt.</summary>
/// <param name="Id">A UUID that the application chose, so that it can repeat the report; null: a new one.</param>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="Timestamp">The start of the call, UTC; null: now, less its duration.</param>
/// <param name="Cost">In USD.</param>
public sealed record CallReport(
    string? Id,
    string PromptVersionId,
    string Model,
    IReadOnlyDictionary<string, JsonElement> Input,
    string Output,
    ExecutionStatus Status,
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    DateTime? Timestamp,
    long DurationMs,
    long? FirstTokenMs,
    int InputTokens,
    int OutputTokens,
    decimal Cost
);

/// <summary>Records calls that applications made themselves. Their cost is part of insights, never of a budget.</summary>
public sealed class CallReportService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    PromptVersions versions,
    RunJournal journal,
    TimeProvider time
)
{
    public const int MaxOutput = 1_000_000;
    public const int MaxInput = 1_000_000;
    public const int MaxModel = 200;
    public const int MaxMessage = 4_000;

    /// <summary>In USD; more than any call costs. The sum of a year must fit into a long of nano-USD.</summary>
    public const decimal MaxCost = 1_000;

    /// <summary>Reports may be about calls of the last so many days.</summary>
    public const int MaxAgeDays = 30;

    /// <summary>Clocks of other machines may be ahead by so much.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>Records one call. The same id again returns what was recorded.</summary>
    /// <returns>The log; or a problem at each field that is wrong; a conflict when the id is that of another log.</returns>
    public Task<Result<ExecutionLog>> ReportAsync(Actor actor, CallReport report, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ExecutionLog>(
            actor,
            Permission.Report,
            async principal =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                var wrong = Check(report, now).ToList();
                var version = await versions.FindAsync(report.PromptVersionId, cancellationToken);
                if (version is null)
                {
                    wrong.Add(new FieldError("promptVersionId", "There is no such prompt version. Send the id from GET /prompts/by-name."));
                }

                if (wrong.Count > 0)
                {
                    return Problem.Invalid("The call was not recorded.", wrong);
                }

                if (report.Id is { } id && await FindAsync(id, cancellationToken) is { } known)
                {
                    return Repeated(known, report, principal);
                }

                var log = Log(report, version!, principal, now);
                try
                {
                    await journal.RecordCallAsync(log);
                }
                catch (DbUpdateException) when (report.Id is not null)
                {
                    // Reported by two at the same time: the other one was first.
                    if (await FindAsync(log.Id, cancellationToken) is { } first)
                    {
                        return Repeated(first, report, principal);
                    }

                    throw;
                }

                return log;
            },
            cancellationToken
        );

    private static Result<ExecutionLog> Repeated(ExecutionLog known, CallReport report, Principal principal) =>
        known.Source == CallSource.Reported && known.UserId == principal.UserId && known.PromptVersionId == report.PromptVersionId
            ? known
            : Problem.Conflict("There is another log with this id. Choose a new UUID for each call.");

    private static ExecutionLog Log(CallReport report, PromptVersion version, Principal principal, DateTime now)
    {
        var log = new ExecutionLog
        {
            PromptId = version.PromptId,
            PromptVersionId = version.Id,
            ModelProfileId = "",
            ModelUsed = report.Model.Trim(),
            Source = CallSource.Reported,
            Input = report.Input.ToDictionary(),
            Output = Unicode.WellFormed(report.Output),
            Status = report.Status,
            ErrorCode = report.ErrorCode,
            ErrorMessage = report.ErrorMessage is { } message ? Unicode.WellFormed(message) : null,
            Timestamp = report.Timestamp ?? now.AddMilliseconds(-report.DurationMs),
            DurationMs = report.DurationMs,
            FirstTokenMs = report.FirstTokenMs,
            InputTokens = report.InputTokens,
            OutputTokens = report.OutputTokens,
            Cost = Money.ToNanos(report.Cost),
            UserId = principal.UserId,
        };
        log.Id = report.Id ?? log.Id;
        return log;
    }

    private async Task<ExecutionLog?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ExecutionLogs.AsNoTracking().SingleOrDefaultAsync(log => log.Id == id, cancellationToken);
    }

    private static IEnumerable<FieldError> Check(CallReport report, DateTime now)
    {
        const long Day = 24 * 60 * 60 * 1000;
        var isFailed = report.Status != ExecutionStatus.Success;
        (string Field, bool IsWrong, string Message)[] rules =
        [
            ("id", report.Id is { } id && !IsId(id), "The id must be a UUID in lower case, or left out."),
            ("model", string.IsNullOrWhiteSpace(report.Model), "Send the model name that the provider uses."),
            ("model", report.Model.Length > MaxModel, $"The model's name can have at most {MaxModel} characters."),
            ("output", report.Output.Length > MaxOutput, "The output can have at most 1,000,000 characters."),
            ("errorCode", !isFailed && report.ErrorCode is not null, "A successful call has no error code. Leave it out."),
            ("errorCode", isFailed && report.ErrorCode is null, "A failed call needs an error code, e.g. provider_error."),
            ("errorMessage", report.ErrorMessage?.Length > MaxMessage, "The error message can have at most 4,000 characters."),
            ("timestamp", report.Timestamp > now + Ahead, "The timestamp is in the future."),
            ("timestamp", report.Timestamp < now.AddDays(-MaxAgeDays), $"The timestamp is more than {MaxAgeDays} days ago."),
            ("durationMs", report.DurationMs is < 0 or > Day, "The duration must be from 0 to 86,400,000 ms."),
            ("firstTokenMs", report.FirstTokenMs is < 0 or > Day, "The time to the first token must be from 0 to 86,400,000 ms."),
            ("inputTokens", report.InputTokens < 0, "The number of tokens cannot be negative."),
            ("outputTokens", report.OutputTokens < 0, "The number of tokens cannot be negative."),
            ("cost", report.Cost is < 0 or > MaxCost, "The cost must be from 0 to 1,000 USD."),
            (
                "input",
                report.Input.Sum(value => value.Key.Length + (long)value.Value.GetRawText().Length) > MaxInput,
                "The input can have at most 1,000,000 characters, including names."
            ),
        ];
        return rules
            .Where(rule => rule.IsWrong)
            .Select(rule => new FieldError(rule.Field, rule.Message))
            .Concat(
                report
                    .Input.Select(value => (value.Key, Message: InputValues.Unusable(value.Value)))
                    .Where(value => value.Message is not null)
                    .Select(value => new FieldError($"input.{value.Key}", value.Message!))
            );
    }

    private static bool IsId(string id) => Guid.TryParseExact(id, "D", out var guid) && guid.ToString("D") == id;
}
