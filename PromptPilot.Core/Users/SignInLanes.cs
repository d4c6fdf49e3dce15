using Microsoft.AspNetCore.Identity;

namespace PromptPilot.Core.Users;

/// <summary>
/// Lets one sign-in at a time through for each account, and does the work of checking a password where there is none to check.
/// </summary>
public sealed class SignInLanes(IPasswordHasher<User> hasher) : IDisposable
{
    private readonly SemaphoreSlim[] _lanes = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly User _nobody = new();
    private readonly Lazy<string> _hash = new(() => hasher.HashPassword(new User(), Guid.NewGuid().ToString()));

    internal async Task<IDisposable> EnterAsync(string email, CancellationToken cancellationToken)
    {
        var lane = _lanes[(uint)StringComparer.OrdinalIgnoreCase.GetHashCode(email) % _lanes.Length];
        await lane.WaitAsync(cancellationToken);
        return new Held(lane);
    }

    internal void Pretend(string password) => hasher.VerifyHashedPassword(_nobody, _hash.Value, password);

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
