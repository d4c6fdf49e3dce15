using Microsoft.Extensions.Options;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Api;

/// <summary>Ends a long response when the caller loses access: the key was revoked, or the person was locked.</summary>
internal sealed class RevocationWatch(Access access, IOptions<UsersOptions> options, TimeProvider time)
{
    /// <summary>
    /// Runs <paramref name="answer"/> with a token that ends when <paramref name="actor"/> may no longer read, or when the given one does.
    /// </summary>
    public async Task RunAsync(Actor actor, Func<CancellationToken, Task> answer, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(actor, either);
        try
        {
            await answer(either.Token);
        }
        finally
        {
            await either.CancelAsync();
            await watching;
        }
    }

    private async Task WatchAsync(Actor actor, CancellationTokenSource either)
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.RevalidationSeconds), time);
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                if (!(await access.RequireAsync(actor, Permission.Read, either.Token)).IsOk)
                {
                    await either.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The answer has ended.
        }
    }
}
