using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace PromptPilot.Web.Hosting;

/// <summary>The number of connected pages per user.</summary>
public sealed class OpenPages(IOptions<HttpOptions> options)
{
    private readonly ConcurrentDictionary<string, int> _open = new();

    internal int Most => options.Value.PagesPerPerson;

    /// <summary>Whether another page would exceed the limit.</summary>
    internal bool IsFull(string? userId) => userId is not null && _open.GetValueOrDefault(userId) >= Most;

    /// <returns>False when there are enough already; nothing was counted then.</returns>
    internal bool TryEnter(string userId)
    {
        while (true)
        {
            var now = _open.GetOrAdd(userId, 0);
            if (now >= Most)
            {
                return false;
            }

            if (_open.TryUpdate(userId, now + 1, now))
            {
                return true;
            }
        }
    }

    internal void Leave(string userId)
    {
        while (_open.TryGetValue(userId, out var now))
        {
            if (now > 1 ? _open.TryUpdate(userId, now - 1, now) : _open.TryRemove(new KeyValuePair<string, int>(userId, now)))
            {
                return;
            }
        }
    }
}

/// <summary>
/// Refuses a circuit above the limit of its user: each one uses memory on the server. The page that is loaded in its place explains it.
/// </summary>
internal sealed class OpenPageLimit(OpenPages pages, AuthenticationStateProvider authentication) : CircuitHandler, IDisposable
{
    private readonly Lock _lock = new();
    private string? _counted;
    private bool _isGone;

    public override async Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var state = await authentication.GetAuthenticationStateAsync();
        if (state.User.FindFirstValue(ClaimTypes.NameIdentifier) is not { } userId)
        {
            return;
        }

        lock (_lock)
        {
            if (_counted is not null || _isGone)
            {
                return;
            }

            _counted = pages.TryEnter(userId)
                ? userId
                : throw new InvalidOperationException($"This user has reached the limit of {pages.Most} open pages.");
        }
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Leave();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _isGone = true;
        Leave();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (_counted is { } userId)
            {
                _counted = null;
                pages.Leave(userId);
            }
        }
    }
}
