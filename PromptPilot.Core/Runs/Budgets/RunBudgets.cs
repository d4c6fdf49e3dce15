using System.Collections.Concurrent;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs.Budgets;

/// <summary>
/// Stops calls before they are made when they could exceed a budget: of the run, of its workflow in the day or month, of the model profile
/// in the day or month (UTC).
/// Spending plus the upper bounds of all open calls never exceeds a limit, even with concurrent requests. Sums are read once from
/// the logs and then kept here; what has no budget is not counted at all.
/// </summary>
public sealed class RunBudgets(
    ModelProfiles profiles,
    LiveLimits limits,
    IDbContextFactory<PromptPilotDbContext> contexts,
    BudgetHolds holds,
    TimeProvider time
)
{
    /// <summary>Tokens of a message beyond its text: its role, its delimiters, and the model's template.</summary>
    private const int TokensPerMessage = 64;

    /// <summary>Above this many, runs without open calls are forgotten; what they spent comes with the next question.</summary>
    private const int MaxRuns = 10_000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, Spend> _profiles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Spend> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunSpend> _runs = new(StringComparer.Ordinal);

    /// <summary>Asks for one call.</summary>
    /// <param name="runId">Null for a call outside of a run.</param>
    /// <param name="upperBound">The most the call can cost, see <see cref="UpperBoundAsync"/>; in nano-USD.</param>
    /// <param name="runSpent">Cost of the run's logs so far, in nano-USD.</param>
    /// <returns>A problem that says which budget stopped it, and what to do.</returns>
    internal async ValueTask<Result<BudgetReservation>> ReserveAsync(
        string? runId,
        string? workflowId,
        string profileId,
        long upperBound,
        long runSpent,
        CancellationToken cancellationToken
    )
    {
        workflowId = workflowId is null ? null : await limits.OwnerOfAsync(workflowId, cancellationToken);
        var profile = await profiles.FindAsync(profileId, cancellationToken);
        var workflow = workflowId is null ? null : await limits.ForAsync(workflowId, cancellationToken);
        var period = Period.Of(time.GetUtcNow().UtcDateTime);
        var hasProfileBudget = profile?.Budgets is { Day: not null } or { Month: not null };
        var hasWorkflowBudget = workflow is { DayBudget: not null } or { MonthBudget: not null };
        var hasRunBudget = runId is not null && workflow?.RunBudget is not null;
        if (upperBound == 0 || !(hasProfileBudget || hasWorkflowBudget || hasRunBudget))
        {
            return new BudgetReservation(this, profileId, workflowId, period, 0, null, null, null);
        }

        if (holds.AreShared)
        {
            var question = new BudgetQuestion(hasProfileBudget ? profileId : null, hasWorkflowBudget ? workflowId : null, upperBound);
            return await ReserveSharedAsync(question, profile, workflow, hasRunBudget ? runId : null, runSpent, cancellationToken);
        }

        var ofProfile = hasProfileBudget ? await LoadAsync(_profiles, profileId, isProfile: true, cancellationToken) : null;
        var ofWorkflow = hasWorkflowBudget ? await LoadAsync(_workflows, workflowId!, isProfile: false, cancellationToken) : null;
        lock (_lock)
        {
            // Read again: the day may have ended while sums were read or the lock was waited for.
            period = Period.Of(time.GetUtcNow().UtcDateTime);
            ofProfile?.RollOver(period);
            ofWorkflow?.RollOver(period);
            var ofRun = hasRunBudget ? RunOf(runId!, runSpent) : null;
            var refusal = BudgetWords.Refusal(upperBound, period, workflow, ofRun, ofWorkflow, profile, ofProfile);
            return refusal is null
                ? Open(new BudgetReservation(this, profileId, workflowId, period, upperBound, ofRun, ofWorkflow, ofProfile))
                : Problem.Conflict(refusal);
        }
    }

    /// <summary>A run is executed by one host, so its own budget is kept in memory. The others are asked in the rows.</summary>
    private async Task<Result<BudgetReservation>> ReserveSharedAsync(
        BudgetQuestion question,
        ModelProfile? profile,
        WorkflowLimits? workflow,
        string? runId,
        long runSpent,
        CancellationToken cancellationToken
    )
    {
        RunSpend? ofRun = null;
        if (runId is not null)
        {
            lock (_lock)
            {
                ofRun = RunOf(runId, runSpent);
                if (BudgetWords.Refusal(question.Amount, default, workflow, ofRun, null, null, null) is { } tooMuch)
                {
                    return Problem.Conflict(tooMuch);
                }

                ofRun.Open += question.Amount;
            }
        }

        if (question is { ProfileId: null, WorkflowId: null })
        {
            return new BudgetReservation(this, "", null, default, question.Amount, ofRun, null, null);
        }

        string? id = null;
        try
        {
            (id, var refusal) = await holds.TryAddAsync(
                question,
                (period, ofWorkflow, ofProfile) =>
                    BudgetWords.Refusal(question.Amount, period, workflow, null, ofWorkflow, profile, ofProfile),
                cancellationToken
            );
            return id is null
                ? Problem.Conflict(refusal!)
                : new BudgetReservation(this, "", null, default, question.Amount, ofRun, null, null) { HoldId = id };
        }
        finally
        {
            if (id is null && ofRun is not null)
            {
                lock (_lock)
                {
                    ofRun.Open -= question.Amount;
                }
            }
        }
    }

    /// <summary>The most that a call can cost, in nano-USD; 0 when the profile has no prices.</summary>
    internal async ValueTask<long> UpperBoundAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        if (
            await profiles.FindAsync(request.ProfileId, cancellationToken) is not { } profile
            || profile.Prices is { InputPerMillion: 0, OutputPerMillion: 0 }
        )
        {
            return 0;
        }

        // The model gets the schema too, in the provider's own form.
        var schema =
            request is { AsJson: true, JsonSchema: { } wanted } && profile.StructuredOutput
                ? 2L * Encoding.UTF8.GetByteCount(wanted.GetRawText())
                : 0;
        var text = request.Messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text));
        var pictures = request.UsedPictures.Sum(picture => (long)PictureRule.TokensOf(profile, picture).Most);
        return UpperBound(
            profile.Prices,
            text + schema + pictures + Encoding.UTF8.GetByteCount(profile.ExtraBody ?? ""),
            request.Parameters?.MaxTokens ?? profile.Parameters.MaxTokens,
            request.Messages.Count
        );
    }

    /// <summary>
    /// The most that a call can cost, in nano-USD. No byte-pair encoding makes more tokens of a text than it has bytes, since each token
    /// stands for at least one; the rest is for what is around the messages.
    /// An answer ends at <paramref name="maxTokens"/>. A server that ignores that can cost more than was reserved; it is counted
    /// in full afterwards.
    /// </summary>
    /// <param name="textBytes">UTF-8 bytes of all messages.</param>
    internal static long UpperBound(ModelPrices prices, long textBytes, int maxTokens, int messages = 2) =>
        // All of the input may be written to the provider's cache, which can cost more.
        new ModelPrices
        {
            InputPerMillion = Math.Max(prices.InputPerMillion, prices.CacheWritePerMillion ?? 0),
            OutputPerMillion = prices.OutputPerMillion,
        }.Cost((int)Math.Min(int.MaxValue, textBytes + (Math.Max(2, messages) * TokensPerMessage)), maxTokens);

    /// <summary>Spending of a profile, in nano-USD.</summary>
    internal Task<(long Day, long Month, long Open)> SpentByProfileAsync(string profileId, CancellationToken cancellationToken) =>
        SpentAsync(_profiles, profileId, isProfile: true, cancellationToken);

    /// <summary>Spending of a workflow, in nano-USD.</summary>
    internal Task<(long Day, long Month, long Open)> SpentByWorkflowAsync(string workflowId, CancellationToken cancellationToken) =>
        SpentAsync(_workflows, workflowId, isProfile: false, cancellationToken);

    internal void Close(BudgetReservation reservation, long actualCost)
    {
        if (reservation.HoldId is { } holdId)
        {
            holds.Remove(holdId);
        }

        // A call that began before its scope had a budget counts from now on: the sum may have been read before its log was
        // there.
        var ofProfile = reservation.Profile ?? _profiles.GetValueOrDefault(reservation.ProfileId);
        var ofWorkflow = reservation.Workflow ?? (reservation.WorkflowId is { } id ? _workflows.GetValueOrDefault(id) : null);
        if (ofProfile is null && ofWorkflow is null && reservation.Run is null)
        {
            return;
        }

        var now = Period.Of(time.GetUtcNow().UtcDateTime);
        lock (_lock)
        {
            Close(ofProfile, now, reservation.Profile is null ? 0 : reservation.UpperBound, reservation.Period, actualCost);
            Close(ofWorkflow, now, reservation.Workflow is null ? 0 : reservation.UpperBound, reservation.Period, actualCost);
            if (reservation.Run is { } run)
            {
                run.Open -= reservation.UpperBound;
                run.Settled += actualCost;
            }
        }
    }

    private async Task<(long Day, long Month, long Open)> SpentAsync(
        ConcurrentDictionary<string, Spend> scopes,
        string id,
        bool isProfile,
        CancellationToken cancellationToken
    )
    {
        var spend = holds.AreShared
            ? await holds.ReadAsync(id, isProfile, cancellationToken)
            : await LoadAsync(scopes, id, isProfile, cancellationToken);
        lock (_lock)
        {
            spend.RollOver(Period.Of(time.GetUtcNow().UtcDateTime));
            return (spend.Day, spend.Month, spend.Open);
        }
    }

    private static void Close(Spend? spend, Period now, long held, Period period, long actualCost)
    {
        if (spend is not null)
        {
            spend.RollOver(now);
            spend.Open -= held;
            spend.Add(period, actualCost, actualCost);
        }
    }

    private static BudgetReservation Open(BudgetReservation reservation)
    {
        if (reservation.Run is { } run)
        {
            run.Open += reservation.UpperBound;
        }

        if (reservation.Workflow is { } workflow)
        {
            workflow.Open += reservation.UpperBound;
        }

        if (reservation.Profile is { } profile)
        {
            profile.Open += reservation.UpperBound;
        }

        return reservation;
    }

    /// <summary>
    /// The run's spending is the sum of its logs or of what was settled here, whichever is more: a log may be settled just after the caller
    /// looked.
    /// </summary>
    private RunSpend RunOf(string runId, long runSpent)
    {
        if (!_runs.TryGetValue(runId, out var run))
        {
            if (_runs.Count >= MaxRuns)
            {
                foreach (var (id, _) in _runs.Where(entry => entry.Value.Open == 0).ToList())
                {
                    _runs.Remove(id);
                }
            }

            _runs[runId] = run = new RunSpend();
        }

        run.Settled = Math.Max(run.Settled, runSpent);
        return run;
    }

    private async ValueTask<Spend> LoadAsync(
        ConcurrentDictionary<string, Spend> scopes,
        string id,
        bool isProfile,
        CancellationToken cancellationToken
    )
    {
        if (!scopes.TryGetValue(id, out var spend))
        {
            // Added to the dictionary before the sum is read, so that a call settled in between is not lost.
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var made = new Spend { Loaded = read.Task };
            spend = scopes.GetOrAdd(id, made);
            if (spend == made)
            {
                await ReadAsync(scopes, id, made, isProfile, read);
            }
        }

        await spend.Loaded.WaitAsync(cancellationToken);
        return spend;
    }

    private async Task ReadAsync(
        ConcurrentDictionary<string, Spend> scopes,
        string id,
        Spend spend,
        bool isProfile,
        TaskCompletionSource read
    )
    {
        try
        {
            var period = Period.Of(time.GetUtcNow().UtcDateTime);
            lock (_lock)
            {
                spend.RollOver(period);
            }

            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            var (day, month) = await SpentSums.ReadAsync(db, id, isProfile, period, CancellationToken.None);
            lock (_lock)
            {
                spend.Add(period, day, month);
            }

            read.SetResult();
        }
        catch (Exception exception)
        {
            // The next request reads it again.
            scopes.TryRemove(new KeyValuePair<string, Spend>(id, spend));
            read.SetException(exception);
        }
    }
}
