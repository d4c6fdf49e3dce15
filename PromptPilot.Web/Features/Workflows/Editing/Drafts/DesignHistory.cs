namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>Undo and redo over snapshots of a draft. Typing in one field without a pause is one step back.</summary>
public sealed class DesignHistory(DraftSnapshot start, TimeProvider time)
{
    public const int Most = 2000;

    /// <summary>A pause as long as this begins a new step back.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);

    private readonly LinkedList<(DraftSnapshot Before, string Words)> _past = new();
    private readonly Stack<(DraftSnapshot After, string Words)> _future = new();
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;
    private string? _lastField;

    public DraftSnapshot Present { get; private set; } = start;

    /// <summary>A description of what undo reverts; null if there is nothing.</summary>
    public string? UndoWords => _past.Last?.Value.Words;

    public string? RedoWords => _future.TryPeek(out var next) ? next.Words : null;

    /// <summary>Keeps a change, unless nothing changed.</summary>
    /// <param name="now">The draft after it, made with <see cref="Present"/> as the earlier snapshot.</param>
    /// <param name="words">The action; null describes the differences instead.</param>
    public bool Note(DraftSnapshot now, string? words = null)
    {
        var change = now.ChangeSince(Present);
        if (change == DraftChange.None)
        {
            return false;
        }

        var at = time.GetUtcNow();
        if (change.Field is null || words is not null || change.Field != _lastField || at - _lastAt >= Pause || _past.Count == 0)
        {
            _past.AddLast((Present, words ?? change.Words));
            if (_past.Count > Most)
            {
                _past.RemoveFirst();
            }
        }

        (Present, _lastField, _lastAt) = (now, words is null ? change.Field : null, at);
        _future.Clear();
        return true;
    }

    public DraftSnapshot? Undo()
    {
        if (_past.Last is not { } last)
        {
            return null;
        }

        _past.RemoveLast();
        _future.Push((Present, last.Value.Words));
        _lastField = null;
        return Present = last.Value.Before;
    }

    public DraftSnapshot? Redo()
    {
        if (!_future.TryPop(out var next))
        {
            return null;
        }

        _past.AddLast((Present, next.Words));
        _lastField = null;
        return Present = next.After;
    }
}
