using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>
/// Lets one sign-in at a time through for each account, and does the work of checking a password where there is none to check.
/// </summary>
public sealed class SignInLanes(IPasswordHasher<User> hasher) : IDisposable
{
    private readonly SemaphoreSlim[] _lanes = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly User _nobody = new();
    private readonly Lazy<string> _hash = new(() => hasher.HashPassword(new User(), Guid.NewGuid().ToString()));

    /// <summary>Waits until no other sign-in of the same account is under way.</summary>
    /// <param name="account">The user's id; of an address without an account, the address as Identity normalizes it. Never what was typed:
    /// one account can be spelled in many ways.</param>
    internal async Task<IDisposable> EnterAsync(string account, CancellationToken cancellationToken)
    {
        var lane = _lanes[(uint)StringComparer.Ordinal.GetHashCode(account) % _lanes.Length];
        await lane.WaitAsync(cancellationToken);
        return new Held(lane);
    }

    internal void VerifyUnknown(string password) => hasher.VerifyHashedPassword(_nobody, _hash.Value, password);

    public void Dispose()
    {
        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private sealed class Held(SemaphoreSlim lane) : IDisposable
    {
        public void Dispose() => lane.Release();
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
