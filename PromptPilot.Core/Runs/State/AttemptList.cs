using System.Collections;
using System.Collections.Immutable;
using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.State;

/// <summary>
/// The attempts of a step in the order they started, and what decisions ask of them, kept up to date with each event: a list of ten
/// thousand items is neither copied nor searched for one of them. Immutable.
/// </summary>
internal sealed class AttemptList : IReadOnlyList<AttemptState>
{
    public static readonly AttemptList Empty = new();

    private ImmutableList<AttemptState> _attempts = [];

    /// <summary>By item, or <see cref="StepState.WholeStep"/>.</summary>
    private ImmutableDictionary<int, ItemAttempts> _items = ImmutableDictionary<int, ItemAttempts>.Empty;

    /// <summary>Places of the attempts in flight.</summary>
    private ImmutableSortedSet<int> _open = [];

    /// <summary>Items whose last attempt failed and is retried, by time.</summary>
    private ImmutableSortedSet<(DateTime At, int Item)> _retries = [];

    /// <summary>Place of the last attempt of each item that failed for good and has no outcome.</summary>
    private ImmutableDictionary<int, int> _failures = ImmutableDictionary<int, int>.Empty;

    private AttemptList() { }

    private AttemptList(AttemptList other) =>
        (_attempts, _items, _open, _retries, _failures) = (other._attempts, other._items, other._open, other._retries, other._failures);

    /// <param name="Last">Place of its newest attempt.</param>
    /// <param name="Count">Number of its attempts.</param>
    /// <param name="Tries">Without those interrupted by a stop of the host.</param>
    private readonly record struct ItemAttempts(int Last, int Count, int Tries);

    public int Count => _attempts.Count;

    public int OpenCount => _open.Count;

    /// <summary>The attempts in flight, in the order they started.</summary>
    public IEnumerable<AttemptState> Open => _open.Select(place => _attempts[place]);

    /// <summary>The last attempt whose item failed for good; null if none did.</summary>
    public AttemptState? LastFailure => _failures.IsEmpty ? null : _attempts[_failures.Values.Max()];

    public AttemptState this[int index] => _attempts[index];

    public static AttemptList Of(IReadOnlyList<AttemptState> attempts) =>
        attempts as AttemptList ?? attempts.Aggregate(Empty, (list, attempt) => list.Add(attempt));

    /// <summary>True when an item was attempted.</summary>
    public bool Has(int item) => _items.ContainsKey(item);

    /// <summary>Number of attempts of an item.</summary>
    public int CountOf(int item) => _items.TryGetValue(item, out var attempts) ? attempts.Count : 0;

    /// <summary>Number of attempts of an item, without those interrupted by a stop of the host.</summary>
    public int TriesOf(int item) => _items.TryGetValue(item, out var attempts) ? attempts.Tries : 0;

    /// <summary>An attempt; null if it is not there.</summary>
    public AttemptState? Find(int item, int attempt) => PlaceOf(item, attempt) is { } place ? _attempts[place] : null;

    /// <summary>The item whose retry has been due for longest; null if none is due.</summary>
    /// <param name="now">UTC.</param>
    public int? DueRetry(DateTime now) => !_retries.IsEmpty && _retries.Min.At <= now ? _retries.Min.Item : null;

    /// <summary>The first retry after a time; null if there is none.</summary>
    public DateTime? NextRetry(DateTime after)
    {
        var place = _retries.IndexOf((after, int.MaxValue));
        place = place < 0 ? ~place : place + 1;
        return place < _retries.Count ? _retries[place].At : null;
    }

    /// <summary>Adds an attempt, which is the newest of its item.</summary>
    public AttemptList Add(AttemptState attempt)
    {
        var item = StepState.KeyOf(attempt.ItemIndex);
        var known = _items.GetValueOrDefault(item);
        var next = new AttemptList(this) { _attempts = _attempts.Add(attempt) };
        if (known.Count > 0 && _attempts[known.Last].RetryAt is { } retry)
        {
            next._retries = _retries.Remove((retry, item));
        }

        next._items = _items.SetItem(item, new ItemAttempts(_attempts.Count, known.Count + 1, known.Tries + TryOf(attempt)));
        next.Note(attempt, item, _attempts.Count);
        return next;
    }

    /// <summary>Replaces an attempt that has ended. One that is not there changes nothing.</summary>
    public AttemptList End(int item, int attempt, Func<AttemptState, AttemptState> change)
    {
        if (PlaceOf(item, attempt) is not { } place)
        {
            return this;
        }

        var before = _attempts[place];
        var ended = change(before);
        var known = _items[item];
        var next = new AttemptList(this)
        {
            _attempts = _attempts.SetItem(place, ended),
            _items = _items.SetItem(item, known with { Tries = known.Tries - TryOf(before) + TryOf(ended) }),
            _open = _open.Remove(place),
        };
        next.Note(ended, item, place);
        return next;
    }

    /// <summary>An item has an outcome: no failure of it ends the step.</summary>
    public AttemptList Resolve(int item) => _failures.ContainsKey(item) ? new(this) { _failures = _failures.Remove(item) } : this;

    /// <summary>The list with other texts in the attempts in flight.</summary>
    public AttemptList WithTexts(Func<AttemptState, string> text) =>
        _open.Aggregate(
            this,
            (list, place) =>
                new(list) { _attempts = list._attempts.SetItem(place, _attempts[place] with { Text = text(_attempts[place]) }) }
        );

    public IEnumerator<AttemptState> GetEnumerator() => _attempts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int TryOf(AttemptState attempt) => attempt.ErrorCode == ErrorCode.Interrupted ? 0 : 1;

    private void Note(AttemptState attempt, int item, int place)
    {
        if (attempt.IsOpen)
        {
            _open = _open.Add(place);
        }
        else if (attempt.Status != ExecutionStatus.Success && attempt.RetryAt is { } retry)
        {
            _retries = _retries.Add((retry, item));
        }
        else if (attempt.Status != ExecutionStatus.Success)
        {
            _failures = _failures.SetItem(item, place);
        }
    }

    /// <summary>Almost always that of the item's newest attempt.</summary>
    private int? PlaceOf(int item, int attempt)
    {
        if (!_items.TryGetValue(item, out var known))
        {
            return null;
        }

        if (_attempts[known.Last].Attempt == attempt)
        {
            return known.Last;
        }

        var place = _attempts.FindLastIndex(other => StepState.KeyOf(other.ItemIndex) == item && other.Attempt == attempt);
        return place < 0 ? null : place;
    }
}
