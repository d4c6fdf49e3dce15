using PromptPilot.Core.Data;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Whether the portal can do its work now: its writes get through, the disk has room and the key ring is there. It checks on request, at
/// most every <see cref="KeepFor"/>, so that a portal on SQLite that is not monitored writes nothing. It is ready again as soon as the
/// cause is gone.
/// </summary>
internal sealed class Readiness(
    ReadyGate gate,
    FirstAdmin firstAdmin,
    DatabaseProbe database,
    KeyRingProbe keys,
    DataDirectory directory,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<Readiness> log
)
{
    public const string Stopping = "The portal is stopping.";

    private const long LeastDiskSpace = 1024 * 1024;

    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(2);

    /// <summary>A check that takes longer is not awaited: the previous result is used, until writes have waited too long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<string?> _look = Task.FromResult<string?>(null);
    private long? _lookedAt;
    private string? _found;
    private bool _isTold;

    /// <returns>Null when it is ready, or why it is not.</returns>
    public async Task<string?> FindReasonAsync()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Stopping;
        }

        if (!gate.IsOpen || !firstAdmin.Following.IsCompleted)
        {
            return "The portal is starting.";
        }

        var look = Look();
        await Task.WhenAny(look, Task.Delay(Patience, time));
        var reason = database.FindFault();
        if (reason is null)
        {
            reason = look.IsCompleted ? await look : Late() ?? _found;
        }

        LogChange(reason);
        return reason;
    }

    /// <summary>One check at a time, for all callers.</summary>
    private Task<string?> Look()
    {
        lock (_lock)
        {
            if (_look.IsCompleted && (_lookedAt is not { } at || time.GetElapsedTime(at) > KeepFor))
            {
                _found = _look.Result;
                _lookedAt = time.GetTimestamp();
                _look = Task.Run(LookAsync);
            }

            return _look;
        }
    }

    private async Task<string?> LookAsync()
    {
        try
        {
            return keys.Find() ?? FullDisk() ?? await database.TryWriteAsync(lifetime.ApplicationStopping);
        }
        catch (Exception exception)
        {
            return $"The check failed: {exception.Message}";
        }
    }

    private string? FullDisk() =>
        new DriveInfo(directory.Path).AvailableFreeSpace is var free && free < LeastDiskSpace
            ? $"The disk that holds {directory.Path} is full: {free / 1024} KB left."
            : null;

    /// <summary>The disk itself may hang, with no write waiting behind the check.</summary>
    private string? Late() =>
        _lookedAt is { } at && time.GetElapsedTime(at) is var late && late > DatabaseProbe.LongestWait
            ? $"The check has been running for {late.TotalSeconds:0} s: the database or its disk does not respond."
            : null;

    private void LogChange(string? reason)
    {
        lock (_lock)
        {
            if (_isTold == reason is not null)
            {
                return;
            }

            _isTold = reason is not null;
        }

        if (reason is null)
        {
            log.LogInformation("The portal is ready again");
        }
        else
        {
            log.LogError("The portal is not ready: {Reason}", reason);
        }
    }
}
