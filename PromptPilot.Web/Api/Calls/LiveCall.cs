using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Api.Calls;

/// <summary>
/// Makes a call for a client and passes its text on as it comes. The call ends with the connection, with the caller's access, and with the
/// host.
/// </summary>
internal sealed class LiveCall(RevocationWatch revocation, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <param name="call">Makes the call, with the text to write to.</param>
    /// <param name="onText">Gets each piece of the text; a character is never split.</param>
    /// <param name="onSilence">Nothing came for a while.</param>
    public async Task<T> MakeAsync<T>(
        Actor actor,
        Func<LiveText, CancellationToken, Task<T>> call,
        Func<string, CancellationToken, Task> onText,
        Func<CancellationToken, Task> onSilence,
        CancellationToken cancellationToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var result = default(T)!;
        await revocation.RunAsync(
            actor,
            async allowed =>
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(allowed);
                var text = new LiveText();
                var running = call(text, stop.Token);
                try
                {
                    result = await FollowAsync(running, text, onText, onSilence, stop.Token);
                }
                finally
                {
                    // The client went away in the middle: nobody waits for the rest.
                    await stop.CancelAsync();
                    await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            },
            either.Token
        );
        return result;
    }

    private async Task<T> FollowAsync<T>(
        Task<T> running,
        LiveText text,
        Func<string, CancellationToken, Task> onText,
        Func<CancellationToken, Task> onSilence,
        CancellationToken cancellationToken
    )
    {
        var (offset, last) = (0, time.GetTimestamp());
        while (true)
        {
            // Looked at before the text: what comes before the end is passed on before it.
            var hasEnded = running.IsCompleted;
            while (LivePieces.Next(text, offset, hasEnded) is { Length: > 0 } piece)
            {
                offset += piece.Length;
                last = time.GetTimestamp();
                await onText(piece, cancellationToken);
            }

            if (hasEnded)
            {
                return await running;
            }

            if (time.GetElapsedTime(last) >= LivePieces.Silence)
            {
                last = time.GetTimestamp();
                await onSilence(cancellationToken);
            }

            await Task.WhenAny(running, Task.Delay(LivePieces.Pause, time, cancellationToken));

            // A cancelled delay ends at once: without this, the loop would spin until the call has been recorded.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
