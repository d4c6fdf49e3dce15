using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Texts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>
/// The one way into a service: checks the actor, names them to the audit log, and opens what the rule works on. A service method holds
/// only its rule. Each method gives the rule's result, or <see cref="Access"/>'s refusal without asking the rule.
/// </summary>
public sealed class Operations(Access access, IDbContextFactory<PromptPilotDbContext> contexts, WriteGate gate)
{
    /// <summary>For rules without a database, or that delegate.</summary>
    internal async Task<Result<T>> AuthorizeAsync<T>(
        Actor actor,
        Permission permission,
        Func<Principal, Task<Result<T>>> rule,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, permission, cancellationToken);
        try
        {
            return principal.IsOk ? await rule(principal.Value) : principal.Problem;
        }
        catch (UnstorableTextException refused)
        {
            return refused.Problem;
        }
    }

    /// <inheritdoc cref="AuthorizeAsync{T}(Actor, Permission, Func{Principal, Task{Result{T}}}, CancellationToken)"/>
    internal async Task<Result<T>> AuthorizeAsync<T>(
        Actor actor,
        Permission permission,
        Func<Principal, Result<T>> rule,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, permission, cancellationToken);
        return principal.IsOk ? rule(principal.Value) : principal.Problem;
    }

    /// <summary>For rules that only read: a context, no transaction, no gate.</summary>
    internal async Task<Result<T>> ReadAsync<T>(
        Actor actor,
        Permission permission,
        Func<PromptPilotDbContext, Principal, Task<Result<T>>> rule,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, permission, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await rule(db, principal.Value);
    }

    /// <summary>
    /// For independent changes: one transaction, committed if the rule returns a value, rolled back if it returns a problem.
    /// Unique indexes and revisions decide between people who write at the same time. The rule saves; it does nothing slow.
    /// </summary>
    internal Task<Result<T>> WriteAsync<T>(
        Actor actor,
        Permission permission,
        Func<PromptPilotDbContext, Principal, Task<Result<T>>> rule,
        CancellationToken cancellationToken
    ) => WriteAsync(actor, permission, rule, isExclusive: false, cancellationToken);

    /// <summary>
    /// Like <see cref="WriteAsync"/>, for rules that read first and act on the result: no one else writes until the transaction ends.
    /// </summary>
    internal Task<Result<T>> ExclusiveAsync<T>(
        Actor actor,
        Permission permission,
        Func<PromptPilotDbContext, Principal, Task<Result<T>>> rule,
        CancellationToken cancellationToken
    ) => WriteAsync(actor, permission, rule, isExclusive: true, cancellationToken);

    private async Task<Result<T>> WriteAsync<T>(
        Actor actor,
        Permission permission,
        Func<PromptPilotDbContext, Principal, Task<Result<T>>> rule,
        bool isExclusive,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, permission, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = isExclusive
            ? await gate.BeginAsync(db, cancellationToken)
            : await gate.BeginSharedAsync(db, cancellationToken);
        try
        {
            var result = await rule(db, principal.Value);
            if (result.IsOk)
            {
                await transaction.CommitAsync(cancellationToken);
            }

            return result;
        }
        catch (UnstorableTextException refused)
        {
            return refused.Problem;
        }
    }
}
