using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>
/// Imports and previews, one after the other: a small archive can unpack to much more, and its texts are in memory several times.
/// Thread-safe.
/// </summary>
public sealed class ImportTurns : IDisposable
{
    /// <summary>More are refused at once, since each waits with its files in memory.</summary>
    internal const int MostWaiting = 8;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private int _inside;

    /// <summary>Runs it when it is its turn.</summary>
    /// <returns>Its result, or a problem of the kind <see cref="ProblemKind.Unavailable"/> if too many wait.</returns>
    public async Task<Result<T>> RunAsync<T>(Func<Task<Result<T>>> import, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > MostWaiting + 1 || !await _turn.WaitAsync(LongestWait, cancellationToken))
            {
                return new Problem(ProblemKind.Unavailable, "Too many imports are running. Try again in a minute.", []);
            }

            try
            {
                return await import();
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose() => _turn.Dispose();
}
