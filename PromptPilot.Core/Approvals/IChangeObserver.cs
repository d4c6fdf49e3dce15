using PromptPilot.Core.Data;

namespace PromptPilot.Core.Approvals;

/// <summary>What happened to a change request.</summary>
public enum ChangeEvent
{
    Requested,
    Approved,
    Rejected,
    Withdrawn,

    /// <summary>The change was made, with all approvals or by an override.</summary>
    Applied,
}

/// <summary>A later feature that hears of change requests, in the transaction in which something happens to them.</summary>
public interface IChangeObserver
{
    /// <summary>Adds rows to the context. The request itself is saved.</summary>
    /// <param name="by">The name of the person who did it.</param>
    internal Task AddAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        ChangeEvent what,
        string by,
        CancellationToken cancellationToken
    );

    /// <summary>Called after the commit.</summary>
    internal void Committed();
}

/// <summary>Tells all observers.</summary>
internal static class ChangeObservers
{
    public static async Task AddAsync(
        this IEnumerable<IChangeObserver> observers,
        PromptPilotDbContext db,
        ChangeRequest request,
        IEnumerable<ChangeEvent> events,
        string by,
        CancellationToken cancellationToken
    )
    {
        foreach (var what in events)
        {
            foreach (var observer in observers)
            {
                await observer.AddAsync(db, request, what, by, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    public static void Committed(this IEnumerable<IChangeObserver> observers)
    {
        foreach (var observer in observers)
        {
            observer.Committed();
        }
    }
}
