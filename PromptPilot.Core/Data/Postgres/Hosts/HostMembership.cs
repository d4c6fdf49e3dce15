using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// Keeps this host registered: renews its lease every second, and reopens its session when it is lost. What the host has read is trusted
/// only while the session answers, because other hosts announce their changes through it.
/// </summary>
public sealed class HostMembership(
    HostSession session,
    ClusterOptions options,
    HostReporter reporter,
    DataVersion version,
    ForeignData foreign,
    DutyLocks duties,
    IHostApplicationLifetime lifetime,
    ILogger<HostMembership> log
) : SteadyService, IAsyncDisposable
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long data is trusted after an answer of the session, so that an unnoticed cut ends the trust.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ReopenEvery = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private const int TriesToReturn = 20;

    /// <summary>The class of SQL states of a server that ends its sessions.</summary>
    private const string ServerEnds = "57P";

    private readonly BackOff _backOff = new(ReopenEvery, LongestPause);
    private bool _hasStarted;
    private bool _hasAnswered;

    protected override ILogger Logger => log;

    /// <summary>Ends the work before its session is closed: a connection that is closed while it is in use can block forever.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } work)
        {
            await work.WaitAsync(LongestEnd).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StayAsync(stoppingToken);
            }
            catch (Exception exception) when (IsLoss(exception) && !stoppingToken.IsCancellationRequested)
            {
                Leave(exception);
                await PauseAsync(stoppingToken);
                await ReturnAsync(wasCut: IsCut(exception), stoppingToken);
            }
        }
    }

    private static bool IsLoss(Exception exception) => exception is DbException or InvalidOperationException or IOException;

    /// <summary>False when the server has answered, and only refused the statement.</summary>
    private static bool IsCut(Exception exception) =>
        exception is not DbException { SqlState: { } state } || state.StartsWith(ServerEnds, StringComparison.Ordinal);

    private async Task StayAsync(CancellationToken stoppingToken)
    {
        if (!_hasStarted)
        {
            await session.ListenAsync(foreign.Channels, stoppingToken);
            await session.ExecuteAsync(PostgresLocks.EndStart, stoppingToken);
            // Changes to data that was read during the start were not received.
            foreign.HearNothing();
            _hasStarted = true;
        }

        while (true)
        {
            var began = Environment.TickCount64;
            await reporter.RenewAsync(stoppingToken);
            await HearAsync(stoppingToken);
            if (options.HasSeveralHosts)
            {
                await duties.KeepAsync(began, stoppingToken);
            }

            version.TrustUntil(began + (long)Trust.TotalMilliseconds);
            reporter.Tell(null);
            _hasAnswered = true;
            var next = began + (long)RenewEvery.TotalMilliseconds;
            while (next - Environment.TickCount64 is > 0 and var left)
            {
                await session.WaitAsync(TimeSpan.FromMilliseconds(left), stoppingToken);
                await HearAsync(stoppingToken);
            }
        }
    }

    private Task HearAsync(CancellationToken stoppingToken)
    {
        while (session.TryHear(out var channel, out var payload))
        {
            foreign.Hear(channel, payload);
        }

        return foreign.ReactAsync(isCutOff: false, stoppingToken);
    }

    private void Leave(Exception exception)
    {
        _hasStarted = true;
        version.Distrust();
        if (options.HasSeveralHosts)
        {
            duties.GiveUpAll();
        }

        session.Close();
        if (IsCut(exception))
        {
            reporter.Tell("The connection to PostgreSQL was lost. Check that PostgreSQL is running.");
            log.LogWarning("The connection to PostgreSQL was lost ({Cause}). Trying to connect again", exception.Message);
            session.ClearPool();
        }
        else
        {
            reporter.Tell("PostgreSQL refuses to register this host. The log has the details.");
            log.LogWarning(exception, "PostgreSQL refuses to register this host. Trying again");
        }
    }

    /// <summary>
    /// A session that was working is opened again at once. One that fails each time, e.g. since a table is missing, is not tried in a
    /// busy loop.
    /// </summary>
    private async Task PauseAsync(CancellationToken stoppingToken)
    {
        if (_hasAnswered)
        {
            _hasAnswered = false;
            _backOff.Reset();
        }
        else
        {
            await Task.Delay(_backOff.Next(), stoppingToken);
        }
    }

    private async Task ReturnAsync(bool wasCut, CancellationToken stoppingToken)
    {
        while (true)
        {
            // Nothing that is read meanwhile is cached: its changes would not be received.
            foreign.HearNothing();
            await foreign.ReactAsync(isCutOff: true, stoppingToken);
            try
            {
                await session.OpenAsync(stoppingToken);
                await session.ListenAsync(foreign.Channels, stoppingToken);
                await TakeLockAsync(stoppingToken);
                break;
            }
            catch (Exception exception) when (IsLoss(exception) && !stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(ReopenEvery, stoppingToken);
            }
        }

        foreign.HearNothing();
        if (wasCut)
        {
            session.ClearPool();
        }

        if (!options.HasSeveralHosts && (await session.ListOthersAsync(stoppingToken)).Any(other => other.HasSession))
        {
            log.LogCritical("Another PromptPilot took over the database while the connection was lost. This one is stopping");
            lifetime.StopApplication();
            return;
        }

        log.LogInformation("The connection to PostgreSQL is back");
    }

    /// <summary>Without the lock, other hosts detect this one by its lease.</summary>
    private async Task TakeLockAsync(CancellationToken stoppingToken)
    {
        for (var tries = 0; tries < TriesToReturn && !await session.TryReturnAsync(stoppingToken); tries++)
        {
            await Task.Delay(ReopenEvery, stoppingToken);
        }
    }
}
