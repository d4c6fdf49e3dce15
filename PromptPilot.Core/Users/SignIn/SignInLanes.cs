using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>
/// Lets one sign-in at a time through for each account, and does the work of checking a password where there is none to check.
/// </summary>
public sealed class SignInLanes(IPasswordHasher<User> hasher, IDbContextFactory<PromptPilotDbContext> contexts) : IDisposable
{
    private readonly SemaphoreSlim[] _lanes = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>A sign-in needs a second connection for its work, so the lanes must leave some free.</summary>
    private readonly SemaphoreSlim _connections = new(8, 8);

    private readonly User _nobody = new();
    private readonly Lazy<string> _hash = new(() => hasher.HashPassword(new User(), Guid.NewGuid().ToString()));

    /// <summary>Waits until no other sign-in of the same account is under way.</summary>
    /// <param name="account">The user's id; of an address without an account, the address as Identity normalizes it. Never what was typed:
    /// one account can be spelled in many ways.</param>
    internal async Task<IDisposable> EnterAsync(string account, CancellationToken cancellationToken)
    {
        var lane = _lanes[(uint)StringComparer.Ordinal.GetHashCode(account) % _lanes.Length];
        await lane.WaitAsync(cancellationToken);
        try
        {
            return new Held(lane, await EnterEverywhereAsync(account, cancellationToken));
        }
        catch
        {
            lane.Release();
            throw;
        }
    }

    internal void VerifyUnknown(string password) => hasher.VerifyHashedPassword(_nobody, _hash.Value, password);

    public void Dispose()
    {
        _connections.Dispose();
        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    /// <summary>Waits until no other host is signing the same account in either. On a single host, the lane is enough.</summary>
    private async Task<IDisposable?> EnterEverywhereAsync(string account, CancellationToken cancellationToken)
    {
        var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (db.HasOneWriter)
        {
            await db.DisposeAsync();
            return null;
        }

        try
        {
            await _connections.WaitAsync(cancellationToken);
            try
            {
                // Ends with the context.
                await db.Database.BeginTransactionAsync(cancellationToken);
                await db.LockAccountAsync(account, cancellationToken);
                return new Connection(_connections, db);
            }
            catch
            {
                _connections.Release();
                throw;
            }
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    private sealed class Held(SemaphoreSlim lane, IDisposable? everywhere) : IDisposable
    {
        public void Dispose()
        {
            everywhere?.Dispose();
            lane.Release();
        }
    }

    private sealed class Connection(SemaphoreSlim connections, PromptPilotDbContext db) : IDisposable
    {
        public void Dispose()
        {
            db.Dispose();
            connections.Release();
        }
    }
}

/// <summary>A request's way into the lane of an account.</summary>
/// <param name="db">Of Identity's stores: what it read before the lane was free may have changed since, and is read again.</param>
public sealed class SignInLane(SignInLanes lanes, PromptPilotDbContext db)
{
    /// <inheritdoc cref="SignInLanes.EnterAsync"/>
    internal async Task<IDisposable> EnterAsync(string account, CancellationToken cancellationToken)
    {
        var lane = await lanes.EnterAsync(account, cancellationToken);
        db.ChangeTracker.Clear();
        return lane;
    }

    /// <inheritdoc cref="SignInLanes.VerifyUnknown"/>
    internal void VerifyUnknown(string password) => lanes.VerifyUnknown(password);
}
