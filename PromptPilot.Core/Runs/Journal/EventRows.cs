namespace PromptPilot.Core.Runs.Journal;

/// <summary>Stores events: those of one commit share a row, since every row costs as much as a short log.</summary>
internal static class EventRows
{
    /// <summary>The rows for the events of one commit, in order. A row has the seq of its first event.</summary>
    public static IEnumerable<RunEvent> Pack(IReadOnlyList<RunEvent> events)
    {
        for (var first = 0; first < events.Count; )
        {
            var next = first + 1;
            while (next < events.Count && MayFollow(events[next]))
            {
                next++;
            }

            yield return next == first + 1 ? events[first] : With(events[first], events.Skip(first + 1).Take(next - first - 1));
            first = next;
        }
    }

    /// <summary>The events in stored rows, each with its own seq.</summary>
    public static IEnumerable<RunEvent> Unpack(IEnumerable<RunEvent> rows)
    {
        foreach (var row in rows)
        {
            yield return row;
            var seq = row.Seq;
            foreach (var next in row.Following ?? [])
            {
                yield return new RunEvent
                {
                    RunId = row.RunId,
                    Seq = ++seq,
                    Type = next.Type,
                    StepId = next.StepId,
                    ItemIndex = next.ItemIndex,
                    Attempt = next.Attempt,
                    Payload = next.Payload,
                    At = next.At,
                };
            }
        }
    }

    /// <summary>
    /// Review requests are found by the row's type. An output must stay in a payload: nested deeper, it could exceed the depth limit.
    /// </summary>
    private static bool MayFollow(RunEvent runEvent) => runEvent.Type != RunEventType.ReviewAsked && runEvent.Payload?.Output is null;

    private static RunEvent With(RunEvent first, IEnumerable<RunEvent> following) =>
        new()
        {
            RunId = first.RunId,
            Seq = first.Seq,
            Type = first.Type,
            StepId = first.StepId,
            ItemIndex = first.ItemIndex,
            Attempt = first.Attempt,
            Payload = first.Payload,
            At = first.At,
            Following =
            [
                .. following.Select(next => new FollowingEvent(
                    next.Type,
                    next.StepId,
                    next.ItemIndex,
                    next.Attempt,
                    next.Payload,
                    next.At
                )),
            ],
        };
}
