using System.Collections;
using System.Collections.Immutable;
using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.State;

/// <summary>
/// The attempts of a step in start order, with indexes for the decisions, updated by each event. A list of ten thousand items is neither
/// copied nor searched for one of them. Immutable.
/// </summary>
internal sealed class AttemptList : IReadOnlyList<AttemptState>
{
    public static readonly AttemptList Empty = new();

    private ImmutableList<AttemptState> _attempts = [];

    /// <summary>By item index, or <see cref="StepState.WholeStep"/>.</summary>
    private ImmutableDictionary<int, ItemAttempts> _items = ImmutableDictionary<int, ItemAttempts>.Empty;

    /// <summary>Positions of the attempts in flight.</summary>
    private ImmutableSortedSet<int> _open = [];

    /// <summary>Items whose last attempt failed and will be retried, by time.</summary>
    private ImmutableSortedSet<(DateTime At, int Item)> _retries = [];

    /// <summary>Position of the last attempt of each item that failed finally and has no outcome.</summary>
    private ImmutableDictionary<int, int> _failures = ImmutableDictionary<int, int>.Empty;

    private AttemptList() { }

    private AttemptList(AttemptList other) =>
        (_attempts, _items, _open, _retries, _failures) = (other._attempts, other._items, other._open, other._retries, other._failures);

    /// <param name="Last">Position of its newest attempt.</param>
    /// <param name="Count">Number of its attempts.</param>
    /// <param name="Tries">Number of attempts on its newest one's profile that were not interrupted by a host stop.</param>
    private readonly record struct ItemAttempts(int Last, int Count, int Tries);

    public int Count => _attempts.Count;

    public int OpenCount => _open.Count;

    /// <summary>The attempts in flight, in start order.</summary>
    public IEnumerable<AttemptState> Open => _open.Select(place => _attempts[place]);

    /// <summary>The last attempt of an item that failed finally; null if there is none.</summary>
    public AttemptState? LastFailure => _failures.IsEmpty ? null : _attempts[_failures.Values.Max()];

    public AttemptState this[int index] => _attempts[index];

    public static AttemptList Of(IReadOnlyList<AttemptState> attempts) =>
        attempts as AttemptList ?? attempts.Aggregate(Empty, (list, attempt) => list.Add(attempt));

    /// <summary>True if an item was attempted.</summary>
    public bool Has(int item) => _items.ContainsKey(item);

    /// <summary>Number of attempts of an item.</summary>
    public int CountOf(int item) => _items.TryGetValue(item, out var attempts) ? attempts.Count : 0;

    /// <summary>The newest attempt of an item; null before the first.</summary>
    public AttemptState? Last(int item) => _items.TryGetValue(item, out var attempts) ? _attempts[attempts.Last] : null;

    /// <summary>
    /// Number of attempts of an item on the profile of its newest one that were not interrupted by a host stop: a fallback has attempts of
    /// its own.
    /// </summary>
    public int TriesOf(int item) => _items.TryGetValue(item, out var attempts) ? attempts.Tries : 0;

    /// <summary>An attempt, or null.</summary>
    public AttemptState? Find(int item, int attempt) => PlaceOf(item, attempt) is { } place ? _attempts[place] : null;

    /// <summary>The item whose retry is longest overdue; null if none is due.</summary>
    /// <param name="now">UTC.</param>
    public int? DueRetry(DateTime now) => !_retries.IsEmpty && _retries.Min.At <= now ? _retries.Min.Item : null;

    /// <summary>The first retry after a time; null if there is none.</summary>
    public DateTime? NextRetry(DateTime after)
    {
        var place = _retries.IndexOf((after, int.MaxValue));
        place = place < 0 ? ~place : place + 1;
        return place < _retries.Count ? _retries[place].At : null;
    }

    /// <summary>Adds an attempt as the newest of its item.</summary>
    public AttemptList Add(AttemptState attempt)
    {
        var item = StepState.KeyOf(attempt.ItemIndex);
        var known = _items.GetValueOrDefault(item);
        var next = new AttemptList(this) { _attempts = _attempts.Add(attempt) };
        if (known.Count > 0 && _attempts[known.Last].RetryAt is { } retry)
        {
            next._retries = _retries.Remove((retry, item));
        }

        var before = known.Count > 0 && _attempts[known.Last].ProfileId == attempt.ProfileId ? known.Tries : 0;
        next._items = _items.SetItem(item, new ItemAttempts(_attempts.Count, known.Count + 1, before + TryOf(attempt)));
        next.Note(attempt, item, _attempts.Count);
        return next;
    }

    /// <summary>Replaces an attempt that has ended. An unknown attempt changes nothing.</summary>
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

    /// <summary>Records that an item has an outcome, so that its failures do not end the step.</summary>
    public AttemptList Resolve(int item) => _failures.ContainsKey(item) ? new(this) { _failures = _failures.Remove(item) } : this;

    /// <summary>The list with new texts for the attempts in flight.</summary>
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

    /// <summary>Almost always the position of the item's newest attempt.</summary>
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
