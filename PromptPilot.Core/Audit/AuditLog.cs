using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Audit;

/// <summary>Records events that change no row: sign-ins, exports.</summary>
public sealed class AuditLog(IDbContextFactory<PromptPilotDbContext> contexts)
{
    internal async Task WriteAsync(Actor actor, AuditEntry entry, CancellationToken cancellationToken)
    {
        AuditScope.Actor = actor;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Someone ended their session on this browser.</summary>
    public Task SignedOutAsync(string userId, CancellationToken cancellationToken) =>
        WriteAsync(new Actor.Person(userId), AuditEntry.Of(AuditAction.SignedOut, AuditCatalog.Session, null, ""), cancellationToken);
}
