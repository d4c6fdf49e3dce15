using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>Reads the requests of other hosts and sends them to the runs that this host executes.</summary>
internal sealed class SignalReader(
    IDbContextFactory<PromptPilotDbContext> contexts,
    RunExecutions executions,
    HostIdentity identity,
    ReadyGate ready,
    TimeProvider time,
    ILogger<SignalReader> log
) : PollingService
{
    private const string Query = """
        SELECT s."Id", s."RunId", CASE WHEN s."Id" = ANY({1}) THEN '' ELSE s."Body" END AS "Body"
        FROM "RunSignals" s JOIN "WorkflowRuns" r ON r."Id" = s."RunId"
        WHERE r."LeaseOwner" = {0} AND NOT s."IsLate" ORDER BY s."Id"
        """;

    /// <summary>Requests that a run has received. Their rows remain until its next commit.</summary>
    private readonly HashSet<long> _sent = [];

    private sealed record SignalRow(long Id, string RunId, string Body);

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override TimeSpan PollInterval => TimeSpan.FromMilliseconds(250);

    protected override async Task PrepareAsync(CancellationToken stoppingToken)
    {
        await ready.WaitAsync(stoppingToken);
        await using var db = await contexts.CreateDbContextAsync(stoppingToken);
        await db.EnsureTablesAsync(stoppingToken);
    }

    protected override Func<CancellationToken, Task> Listen() => token => Task.Delay(Timeout.InfiniteTimeSpan, token);

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        long[] sent;
        lock (_sent)
        {
            sent = [.. _sent];
        }

        // The bodies of those that were sent are not read again.
        var rows = await db.Database.SqlQueryRaw<SignalRow>(Query, identity.Id, sent).ToListAsync(cancellationToken);
        lock (_sent)
        {
            _sent.IntersectWith(rows.Select(row => row.Id));
        }

        foreach (var row in rows.Where(row => row.Body.Length > 0))
        {
            lock (_sent)
            {
                if (!_sent.Add(row.Id))
                {
                    continue;
                }
            }

            var request = SignalBody.Read(row.Body, row.Id);
            var isSent = executions.SendAsync(row.RunId, request);
            _ = FollowAsync(row.Id, request, isSent);
        }

        return null;
    }

    /// <summary>A request that a run did not commit is sent again, to the host that then executes the run.</summary>
    private async Task FollowAsync(long id, RunMessage.Request request, Task<bool> sending)
    {
        try
        {
            if (await sending)
            {
                return;
            }

            if (request.IsLate)
            {
                await using var db = await contexts.CreateDbContextAsync();
                const string SetLate = """UPDATE "RunSignals" SET "IsLate" = true WHERE "Id" = @id""";
                await db.ExecuteUncachedAsync(SetLate, [("@id", id)], CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "The outcome of a request to a run is not known; it will be sent again");
        }

        lock (_sent)
        {
            _sent.Remove(id);
        }
    }
}
