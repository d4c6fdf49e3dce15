using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Integrations;

/// <summary>Reads and edits hooks. Each write is one transaction behind the write gate.</summary>
public sealed class IntegrationHookService(
    Operations operations,
    HookAddresses addresses,
    HookSecrets secrets,
    HookOutbox outbox,
    HookTests tests,
    TimeProvider time
)
{
    private const string What = "hook";

    /// <summary>The most hooks of a workflow.</summary>
    public const int Most = 50;

    /// <summary>Hooks by name.</summary>
    public Task<Result<Page<HookListItem>>> ListAsync(
        Actor actor,
        HookFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<HookListItem>>(
            actor,
            Permission.Read,
            async (db, _) => await HookList.FindAsync(db, filter, page, cancellationToken),
            cancellationToken
        );

    /// <summary>One hook.</summary>
    public Task<Result<HookView>> FindAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<HookView>(
            actor,
            Permission.Read,
            async (db, _) =>
                await db.IntegrationHooks.AsNoTracking().SingleOrDefaultAsync(hook => hook.Id == id, cancellationToken) is { } hook
                    ? HookView.Of(hook, await HookWorkflows.NameAsync(db, hook.LinkedWorkflowId, cancellationToken) ?? "")
                    : Problem.NotFound(What),
            cancellationToken
        );

    /// <summary>The outputs that a hook of a workflow can send: those of the draft and of the published version.</summary>
    public Task<Result<IReadOnlyList<string>>> ListOutputsAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<string>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await HookWorkflows.NameAsync(db, workflowId, cancellationToken) is null
                    ? Problem.NotFound("workflow")
                    : await HookWorkflows.KeysAsync(db, workflowId, cancellationToken),
            cancellationToken
        );

    /// <summary>Adds a hook.</summary>
    /// <returns>The hook, once with its secret if it was generated here; or the errors at its fields.</returns>
    public async Task<Result<HookWithSecret>> CreateAsync(
        Actor actor,
        string workflowId,
        HookContent content,
        CancellationToken cancellationToken
    )
    {
        var wrongBody = await CheckBodyAsync(actor, workflowId, null, content, cancellationToken);
        return wrongBody.IsOk ? await CreateAsync(actor, workflowId, content, wrongBody.Value, cancellationToken) : wrongBody.Problem;
    }

    private Task<Result<HookWithSecret>> CreateAsync(
        Actor actor,
        string workflowId,
        HookContent content,
        IReadOnlyList<FieldError> wrongBody,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<HookWithSecret>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (await HookWorkflows.NameAsync(db, workflowId, cancellationToken) is not { } workflowName)
                {
                    return Problem.NotFound("workflow");
                }

                if (await db.IntegrationHooks.CountAsync(hook => hook.LinkedWorkflowId == workflowId, cancellationToken) >= Most)
                {
                    return Problem.Conflict($"A workflow can have at most {Most} hooks. Delete one that is no longer needed.");
                }

                var hook = new IntegrationHook
                {
                    Name = "",
                    NormalizedName = "",
                    TargetUrl = "",
                    Type = content.Type,
                    LinkedWorkflowId = workflowId,
                    CreatedBy = principal.UserId,
                    CreatedAt = time.GetUtcNow().UtcDateTime,
                };
                var address = HookRules.AddressOf(content, null, secrets);
                var keys = await HookWorkflows.KeysAsync(db, workflowId, cancellationToken);
                List<FieldError> errors = [.. HookRules.Check(content, address, null, null, keys, addresses), .. wrongBody];
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not save the hook.", errors);
                }

                var made = content is { Type: HookType.Webhook, AuthToken: null } ? WebhookSignatures.NewSecret(standard: true) : null;
                Apply(hook, made is null ? content : content with { AuthToken = made }, address);
                db.IntegrationHooks.Add(hook);
                await db.SaveChangesAsync(cancellationToken);
                return new HookWithSecret(HookView.Of(hook, workflowName), made);
            },
            cancellationToken
        );

    /// <summary>Replaces a hook's settings; its kind stays, and its secret unless one is given.</summary>
    /// <param name="ifRevision">The revision the author saw; null overwrites.</param>
    public async Task<Result<HookView>> UpdateAsync(
        Actor actor,
        string id,
        HookContent content,
        int? ifRevision,
        CancellationToken cancellationToken
    )
    {
        var wrongBody = await CheckBodyAsync(actor, null, id, content, cancellationToken);
        if (!wrongBody.IsOk)
        {
            return wrongBody.Problem;
        }

        return await WriteAsync(
            actor,
            id,
            ifRevision,
            (hook, keys) =>
            {
                var address = HookRules.AddressOf(content, hook, secrets);
                List<FieldError> errors =
                [
                    .. HookRules.Check(content, address, hook, secrets.KnownAddressOf(hook), keys, addresses),
                    .. wrongBody.Value,
                ];
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not save the hook.", errors);
                }

                Apply(hook, content, address);
                return null;
            },
            cancellationToken
        );
    }

    /// <summary>Disables a hook or lets it continue: what waited is then sent.</summary>
    public Task<Result<HookView>> SetEnabledAsync(
        Actor actor,
        string id,
        bool enabled,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            (hook, _) =>
            {
                (hook.Enabled, hook.DisabledReason) = (enabled, null);
                return null;
            },
            cancellationToken
        );

    /// <summary>Deletes a hook with its deliveries, also those that wait.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string id, int? ifRevision, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var found = await db.IntegrationHooks.Where(h => h.Id == id).ToChangeAsync(What, ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var hook = found.Value;

                db.IntegrationHooks.Remove(hook);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>Sends a test immediately, even if the hook is disabled, and waits for the result. It is not retried.</summary>
    public Task<Result<HookAttempt>> TestAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<HookAttempt>(
            actor,
            Permission.Write,
            async _ => await tests.SendAsync(id, cancellationToken),
            cancellationToken
        );

    /// <summary>Before the transaction: rendering can take seconds, in which no one else could write.</summary>
    /// <param name="hookId">The hook whose workflow it is; null: <paramref name="workflowId"/> is.</param>
    private Task<Result<IReadOnlyList<FieldError>>> CheckBodyAsync(
        Actor actor,
        string? workflowId,
        string? hookId,
        HookContent content,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<FieldError>>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var errors = new List<FieldError>();
                if (content.Type == HookType.Webhook && !string.IsNullOrWhiteSpace(content.Body))
                {
                    var id =
                        workflowId
                        ?? await db
                            .IntegrationHooks.Where(hook => hook.Id == hookId)
                            .Select(hook => hook.LinkedWorkflowId)
                            .SingleOrDefaultAsync(cancellationToken);
                    var keys = id is null ? [] : await HookWorkflows.KeysAsync(db, id, cancellationToken);
                    if (BodyTemplate.Check(content.Body, keys, cancellationToken) is { } error)
                    {
                        errors.Add(error);
                    }
                }

                return errors;
            },
            cancellationToken
        );

    private async Task<Result<HookView>> WriteAsync(
        Actor actor,
        string id,
        int? ifRevision,
        Func<IntegrationHook, IReadOnlyList<string>, Problem?> change,
        CancellationToken cancellationToken
    )
    {
        var result = await operations.ExclusiveAsync<HookView>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var found = await db.IntegrationHooks.Where(h => h.Id == id).ToChangeAsync(What, ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var hook = found.Value;

                if (change(hook, await HookWorkflows.KeysAsync(db, hook.LinkedWorkflowId, cancellationToken)) is { } problem)
                {
                    return problem;
                }

                hook.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return HookView.Of(hook, await HookWorkflows.NameAsync(db, hook.LinkedWorkflowId, cancellationToken) ?? "");
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            outbox.Written.Raise();
        }

        return result;
    }

    private void Apply(IntegrationHook hook, HookContent content, string address)
    {
        // The address of a chat is a secret, and stays one: without its body it must not be shown to everyone.
        var body = string.IsNullOrWhiteSpace(content.Body) ? null : content.Body.ReplaceLineEndings("\n");
        var isSecret =
            content.Type == HookType.Slack || body is not null || (hook.SecretUrl is not null && secrets.KnownAddressOf(hook) == address);
        hook.Body = body;
        hook.TargetUrl = isSecret ? HookRules.Mask(address) : address;
        hook.SecretUrl = isSecret ? secrets.Encrypt(address) : null;
        hook.AuthToken = content.AuthToken?.Trim() is { Length: > 0 } token ? secrets.Encrypt(token) : hook.AuthToken;
        hook.Name = content.Name?.Trim() ?? (hook.Name.Length > 0 ? hook.Name : HookWorkflows.NameFor(content.Type, address));
        hook.NormalizedName = hook.Name.ToUpperInvariant();
        hook.On = [.. content.On.Distinct().Order()];
        hook.Outputs = content.Outputs is null ? null : [.. content.Outputs.Distinct()];
        if (hook.Enabled != content.Enabled)
        {
            (hook.Enabled, hook.DisabledReason) = (content.Enabled, null);
        }
    }
}
