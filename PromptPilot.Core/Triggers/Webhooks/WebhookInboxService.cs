using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>Which requests of a trigger a list shows.</summary>
/// <param name="Authentic">Null: all.</param>
public sealed record WebhookInboxFilter(string TriggerId, bool? Authentic = null);

/// <summary>A received request in a list.</summary>
/// <param name="RunStatus">Null if there is no run, or it was deleted.</param>
public sealed record WebhookReceiptItem(
    string Id,
    DateTime ReceivedAt,
    WebhookVerdict Verdict,
    string Reason,
    int StatusCode,
    string? ContentType,
    long BodyBytes,
    string? RunId,
    RunStatus? RunStatus,
    bool CanReplay
);

/// <summary>Lists, shows and replays the requests that webhooks received.</summary>
public sealed class WebhookInboxService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WebhookReceiver receiver,
    WebhookInbox inbox
)
{
    /// <summary>Webhook triggers, by the name of their workflow.</summary>
    public Task<Result<Page<WebhookListItem>>> ListTriggersAsync(
        Actor actor,
        WebhookFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<WebhookListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var rows =
                    from trigger in db.Triggers.AsNoTracking()
                    where trigger.Type == TriggerType.Webhook
                    join workflow in db.Workflows on trigger.WorkflowId equals workflow.Id
                    select new
                    {
                        trigger,
                        workflow.Name,
                        workflow.Status,
                    };
                rows = filter.Enabled is { } enabled ? rows.Where(row => row.trigger.Enabled == enabled) : rows;
                if (filter.Text?.Trim() is { Length: > 0 } text)
                {
                    // The id is in the address that a sender was given.
                    var pattern = LikePattern.Containing(text);
                    rows = rows.Where(row => SqlText.Matches(row.Name, pattern) || SqlText.Matches(row.trigger.Id, pattern));
                }

                if (page.After is { } after)
                {
                    if (NameCursor.Parse(after, '&') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    rows = rows.Where(row =>
                        string.Compare(row.Name, cursor.Name) > 0
                        || (row.Name == cursor.Name && string.Compare(row.trigger.Id, cursor.Id) > 0)
                    );
                }

                var found = await rows.OrderBy(row => row.Name)
                    .ThenBy(row => row.trigger.Id)
                    .Take(page.Take + 1)
                    .Select(row => new
                    {
                        row.trigger,
                        row.Name,
                        row.Status,
                        Last = db
                            .WebhookReceipts.Where(receipt => receipt.TriggerId == row.trigger.Id)
                            .OrderByDescending(receipt => receipt.ReceivedAt)
                            .Select(receipt => new { receipt.ReceivedAt, receipt.Verdict })
                            .FirstOrDefault(),
                    })
                    .ToListAsync(cancellationToken);
                var hasMore = found.Count > page.Take;
                var shown = hasMore ? found[..page.Take] : found;
                return new Page<WebhookListItem>(
                    shown.ConvertAll(row => new WebhookListItem(
                        row.trigger.Id,
                        row.trigger.WorkflowId,
                        row.Name,
                        row.Status,
                        row.trigger.Enabled,
                        row.trigger.Webhook?.Verification,
                        row.Last?.ReceivedAt,
                        row.Last?.Verdict
                    )),
                    hasMore ? new NameCursor(shown[^1].Name, shown[^1].trigger.Id).ToString('&') : null
                );
            },
            cancellationToken
        );

    /// <summary>A webhook trigger with the inputs that its expressions give.</summary>
    public Task<Result<WebhookView>> FindTriggerAsync(Actor actor, string triggerId, CancellationToken cancellationToken) =>
        operations.ReadAsync<WebhookView>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var found = await (
                    from trigger in db.Triggers.AsNoTracking()
                    where trigger.Id == triggerId && trigger.Type == TriggerType.Webhook
                    join workflow in db.Workflows on trigger.WorkflowId equals workflow.Id
                    select new
                    {
                        trigger,
                        workflow.Name,
                        workflow.Status,
                        workflow.Inputs,
                        workflow.PublishedVersionId,
                    }
                ).SingleOrDefaultAsync(cancellationToken);
                if (found is null)
                {
                    return Problem.NotFound("webhook");
                }

                var published = found.PublishedVersionId is { } id
                    ? await db.WorkflowVersions.AsNoTracking().SingleOrDefaultAsync(version => version.Id == id, cancellationToken)
                    : null;
                return new WebhookView(found.trigger, found.Name, found.Status, published?.Definition.Inputs ?? found.Inputs);
            },
            cancellationToken
        );

    /// <summary>The requests of a trigger, newest first.</summary>
    public Task<Result<Page<WebhookReceiptItem>>> ListAsync(
        Actor actor,
        WebhookInboxFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<WebhookReceiptItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var rows = db.WebhookReceipts.AsNoTracking().Where(row => row.TriggerId == filter.TriggerId);
                if (filter.Authentic is { } authentic)
                {
                    rows = rows.Where(row => row.IsAuthentic == authentic);
                }

                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '~') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    rows = rows.Where(row =>
                        row.ReceivedAt < cursor.At || (row.ReceivedAt == cursor.At && string.Compare(row.Id, cursor.Id) < 0)
                    );
                }

                var items = await rows.OrderByDescending(row => row.ReceivedAt)
                    .ThenByDescending(row => row.Id)
                    .Take(page.Take + 1)
                    .Select(row => new WebhookReceiptItem(
                        row.Id,
                        row.ReceivedAt,
                        row.Verdict,
                        row.Reason,
                        row.StatusCode,
                        row.ContentType,
                        row.BodyBytes,
                        row.RunId,
                        db.WorkflowRuns.Where(run => run.Id == row.RunId).Select(run => (RunStatus?)run.Status).FirstOrDefault(),
                        row.IsAuthentic && row.IsWhole
                    ))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.ReceivedAt, last.Id).ToString('~'));
            },
            cancellationToken
        );

    /// <summary>A received request, whole.</summary>
    public Task<Result<WebhookReceipt>> FindAsync(Actor actor, string receiptId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<WebhookReceipt>(
            actor,
            Permission.Read,
            async _ => await FindAsync(receiptId, cancellationToken) is { } receipt ? receipt : Gone,
            cancellationToken
        );

    /// <summary>Starts a new run from a stored request, with the expressions of now.</summary>
    /// <returns>Conflict when the request did not pass the verification, or is not stored as a whole.</returns>
    public Task<Result<StartedRun>> ReplayAsync(Actor actor, string receiptId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<StartedRun>(
            actor,
            Permission.Write,
            async principal =>
            {
                return await FindAsync(receiptId, cancellationToken) switch
                {
                    null => Gone,
                    { IsAuthentic: false } => Problem.Conflict(
                        "This request failed verification, so it cannot be replayed. Ask the sender to send it again."
                    ),
                    { IsWhole: false } => Problem.Conflict(
                        "The body of this request was too long to store or could not be read. Ask the sender to send it again, "
                            + "or retry its run."
                    ),
                    var receipt => await receiver.ReplayAsync(receipt, principal.Name, cancellationToken),
                };
            },
            cancellationToken
        );

    /// <summary>Signals that a request was received, for lists that refresh themselves.</summary>
    public Task<Result<WebhookInboxWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<WebhookInboxWatch>(actor, Permission.Read, _ => new WebhookInboxWatch(inbox.Written), cancellationToken);

    private static Problem Gone => Problem.NotFound("request in the inbox");

    private async Task<WebhookReceipt?> FindAsync(string receiptId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.WebhookReceipts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == receiptId, cancellationToken);
    }
}

/// <summary>One viewer of the inbox.</summary>
public sealed class WebhookInboxWatch
{
    private readonly ChangeSignal _changed;
    private long _seen;

    internal WebhookInboxWatch(ChangeSignal signal)
    {
        _changed = signal;
        _seen = signal.Count;
    }

    /// <summary>Completes when something was received since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await _changed.WaitAsync(_seen, cancellationToken);
        _seen = _changed.Count;
    }
}
