using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>
/// A run as server-sent events: first <c>snapshot</c>, partial texts included, then <c>run</c>, <c>step</c> and <c>delta</c> as they come,
/// and <c>end</c>.
/// The id of an event is the RunEvent seq it shows; deltas have none. Every (re)connection starts with a snapshot, so nothing has to be
/// replayed.
/// </summary>
internal sealed class RunEventStream(RunWatch watch, TimeProvider time)
{
    /// <summary>Deltas that arrive within this time go out together.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// What a viewer is behind goes out in pieces of at most so many characters, each once the one before is on its way: it is never held
    /// whole for one who reads slowly.
    /// </summary>
    internal const int LongestDelta = 16 * 1024;

    private readonly Dictionary<(string StepId, int? ItemIndex, int Attempt), int> _offsets = [];

    public async IAsyncEnumerable<SseItem<object>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var shown = watch.Snapshot();
        foreach (var (key, attempt) in OpenAttempts(shown))
        {
            _offsets[key] = attempt.Text.Length;
        }

        yield return Item("snapshot", RunResponse.From(shown), shown.LastSeq);
        while (await watch.NextAsync(cancellationToken))
        {
            foreach (var delta in Deltas(shown))
            {
                yield return Item("delta", delta, null);
            }

            var next = watch.State;
            foreach (var delta in Deltas(next))
            {
                yield return Item("delta", delta, null);
            }

            foreach (var item in Changes(shown, next))
            {
                yield return item;
            }

            shown = next;
            if (!next.IsFinished)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }

        yield return Item("end", RunResponse.From(watch.State), watch.State.LastSeq);
    }

    private static IEnumerable<((string StepId, int? ItemIndex, int Attempt) Key, AttemptState Attempt)> OpenAttempts(RunState view) =>
        from step in view.Steps
        where step.Status == StepStatus.Running
        from attempt in step.OpenAttempts
        select ((step.StepId, attempt.ItemIndex, attempt.Attempt), attempt);

    private static SseItem<object> Item(string type, object data, int? seq) =>
        new(data, type) { EventId = seq?.ToString(CultureInfo.InvariantCulture) };

    private static IEnumerable<SseItem<object>> Changes(RunState before, RunState after)
    {
        if (after.LastSeq == before.LastSeq && after.Pinned == before.Pinned)
        {
            yield break;
        }

        for (var i = 0; i < after.Steps.Count; i++)
        {
            if (!ReferenceEquals(before.Steps[i], after.Steps[i]))
            {
                yield return Item("step", StepResponse.Change(before.Steps[i], after.Steps[i]), after.LastSeq);
            }
        }

        yield return Item("run", RunResponse.From(after, withSteps: false), after.LastSeq);
    }

    /// <summary>Sends text of open attempts. The last text of an attempt is sent before its end.</summary>
    private IEnumerable<DeltaResponse> Deltas(RunState view)
    {
        foreach (var (key, _) in OpenAttempts(view))
        {
            while (NextDelta(key) is { } delta)
            {
                yield return delta;
            }
        }
    }

    private DeltaResponse? NextDelta((string StepId, int? ItemIndex, int Attempt) key)
    {
        var offset = _offsets.GetValueOrDefault(key);
        var text = watch.TextOf(key.StepId, key.ItemIndex, key.Attempt)?.Slice(offset, LongestDelta) ?? "";

        // A pair split between two pieces waits for its second half: half a character cannot be written as UTF-8.
        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            text = text[..^1];
        }

        if (text.Length == 0)
        {
            return null;
        }

        _offsets[key] = offset + text.Length;
        return new DeltaResponse(key.StepId, key.ItemIndex, key.Attempt, offset, text);
    }
}
