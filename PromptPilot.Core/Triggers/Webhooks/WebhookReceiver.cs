using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>A request on its way in.</summary>
/// <param name="Headers">Headers by case-insensitive name.</param>
/// <param name="ReadBody">Reads the body, or gives null when it is over the limit. Not called for an address that does not exist.</param>
/// <param name="WantsAnswer">The sender wants to wait for the outputs, or to see them as they come.</param>
public sealed record WebhookArrival(
    IReadOnlyDictionary<string, string> Headers,
    Func<CancellationToken, Task<ReadOnlyMemory<byte>?>> ReadBody,
    bool WantsAnswer,
    string? RemoteAddress
);

/// <summary>The response to the sender: a problem, or the run.</summary>
/// <param name="Status">Null when the message came before and its run has been deleted since.</param>
/// <param name="Reader">The actor that reads the run to return its outputs.</param>
/// <param name="Reply">What the sender expects in place of the run, with status 200.</param>
public sealed record WebhookOutcome(Problem? Problem, string? RunId, RunStatus? Status, Actor Reader, JsonElement? Reply = null);

/// <summary>
/// Receives requests to <c>/hooks/{triggerId}</c>: verifies and maps them, starts runs, and records them in the inbox. The caller is
/// unknown until it is verified, so there is no actor.
/// </summary>
public sealed class WebhookReceiver(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WebhookTargets targets,
    TriggeredRuns runs,
    WebhookInbox inbox,
    FileMarks files,
    TimeProvider time
)
{
    private static readonly Func<PromptPilotDbContext, string, string, CancellationToken, Task<Earlier?>> FindEarlier =
        EF.CompileAsyncQuery(
            (PromptPilotDbContext db, string triggerId, string key, CancellationToken _) =>
                db
                    .WebhookReceipts.Where(row =>
                        row.TriggerId == triggerId && row.MessageKey == key && row.Verdict == WebhookVerdict.Accepted && row.RunId != null
                    )
                    .Select(row => new Earlier(
                        row.RunId!,
                        db.WorkflowRuns.Where(run => run.Id == row.RunId).Select(run => (RunStatus?)run.Status).FirstOrDefault()
                    ))
                    .FirstOrDefault()
        );

    private sealed record Earlier(string RunId, RunStatus? Status);

    /// <summary>Takes a request in.</summary>
    /// <returns>NotFound for an unknown and for a switched-off trigger alike; Unauthenticated when the verification fails; a problem with
    /// fields when the expressions do not give the inputs.</returns>
    public async Task<WebhookOutcome> ReceiveAsync(string triggerId, WebhookArrival arrival, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await targets.FindAsync(triggerId, cancellationToken) is not { } target)
        {
            return Answer(NoSuchAddress);
        }

        var receipt = new WebhookReceipt
        {
            TriggerId = target.Trigger.Id,
            ReceivedAt = now.UtcDateTime,
            ContentType = arrival.Headers.GetValueOrDefault("Content-Type") is { Length: > 0 and <= 200 } type ? type : null,
            Headers = WebhookHeaders.ForInbox(arrival.Headers),
            RemoteAddress = arrival.RemoteAddress,
        };
        if (!target.Trigger.Enabled)
        {
            return Refuse(
                receipt,
                WebhookVerdict.Disabled,
                NoSuchAddress,
                "This trigger is disabled. The sender’s request was answered as if the address did not exist."
            );
        }

        if (await arrival.ReadBody(cancellationToken) is not { } body)
        {
            return Refuse(
                receipt,
                WebhookVerdict.TooLarge,
                new Problem(ProblemKind.TooLarge, $"The body is too large. The limit is {WebhookRequest.MaxBody / 1024 / 1024} MB.", [])
            );
        }

        return await ReceiveAsync(target, receipt, new WebhookRequest(arrival.Headers, body), arrival.WantsAnswer, now, cancellationToken);
    }

    private static Problem NoSuchAddress =>
        new(ProblemKind.NotFound, "There is no webhook at this address. Check the address in the sender.", []);

    private async Task<WebhookOutcome> ReceiveAsync(
        WebhookTarget target,
        WebhookReceipt receipt,
        WebhookRequest request,
        bool wantsAnswer,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var secrets = target.ValidSecrets(now.UtcDateTime);
        var check = WebhookVerifier.Check(target.Settings.Verification, secrets, request, now);
        receipt.IsAuthentic = check.Refusal is null;
        receipt.MessageKey = check.MessageKey;
        var payload = WebhookPayload.Read(request.ContentType, request.Body);
        Keep(receipt, request, payload.IsOk ? payload.Value : null, target.Secrets);
        if (check.Refusal is { } refusal)
        {
            return Refuse(
                receipt,
                refusal,
                new Problem(refusal == WebhookVerdict.Unreadable ? ProblemKind.Invalid : ProblemKind.Unauthenticated, check.Reason, [])
            );
        }

        if (payload.IsOk && WebhookSenders.Handshake(target.Settings.Verification, request, payload.Value) is { } handshake)
        {
            // Sent again at any time, and answered each time.
            (receipt.MessageKey, receipt.StatusCode) = (null, 200);
            receipt.Reason = "The sender verified this address. No run was started.";
            inbox.Add(receipt);
            return new WebhookOutcome(null, null, null, Actor.Nobody, handshake);
        }

        if (wantsAnswer && !target.Settings.Answers)
        {
            return Refuse(
                receipt,
                WebhookVerdict.Refused,
                Problem.Forbidden(
                    "This trigger does not return outputs. Send the request without “wait” and without Accept: "
                        + "text/event-stream, or ask the trigger's owner to turn on “Return outputs”."
                )
            );
        }

        if (check.MessageKey is { } key && await FindEarlierAsync(target.Trigger.Id, key, cancellationToken) is { } earlier)
        {
            return Accept(receipt, target, earlier.RunId, earlier.Status, isRepeated: true, payload.IsOk ? payload.Value : default);
        }

        if (!payload.IsOk)
        {
            return Refuse(receipt, WebhookVerdict.Unreadable, payload.Problem);
        }

        var context = WebhookMapping.Context(
            new WebhookEvent(receipt.Id, receipt.ReceivedAt, payload.Value, WebhookHeaders.ForRun(request.Headers))
        );
        var inputs = WebhookMapping.Map(target.Settings.InputMapping, target.Trigger.Inputs, target.Inputs, context, cancellationToken);
        if (!inputs.IsOk)
        {
            return Refuse(receipt, WebhookVerdict.Unmapped, inputs.Problem);
        }

        var started = await runs.StartAsync(
            target.Trigger.Id,
            new TriggerStart(TriggerType.Webhook, inputs.Value, context, check.MessageKey),
            cancellationToken
        );
        return started.IsOk
            ? Accept(receipt, target, started.Value.Id, started.Value.Status, started.Value.Repeated, payload.Value)
            : Refuse(receipt, VerdictOf(started.Problem), ForSender(started.Problem), Words(started.Problem));
    }

    /// <summary>Starts a run from what the inbox has kept, with the expressions of now.</summary>
    internal async Task<Result<StartedRun>> ReplayAsync(WebhookReceipt original, string? replayedBy, CancellationToken cancellationToken)
    {
        if (await targets.FindAsync(original.TriggerId, cancellationToken) is not { } target)
        {
            return Problem.NotFound("trigger");
        }

        var body = await files.RestoreAsync(original.Body, FileOwner.Receipt, original.Id, cancellationToken);
        if (!body.IsOk)
        {
            return body.Problem;
        }

        var payload = WebhookPayload.Read(original.ContentType, System.Text.Encoding.UTF8.GetBytes(body.Value));
        if (!payload.IsOk)
        {
            return payload.Problem;
        }

        var receipt = new WebhookReceipt
        {
            TriggerId = original.TriggerId,
            ReceivedAt = time.GetUtcNow().UtcDateTime,
            Verdict = WebhookVerdict.Replayed,
            Reason = replayedBy is null ? "" : $"Replayed by {replayedBy}.",
            StatusCode = 202,
            ContentType = original.ContentType,
            Headers = original.Headers,
            Body = body.Value,
            BodyBytes = original.BodyBytes,
            IsWhole = original.IsWhole,
            IsAuthentic = true,
            ReplayOf = original.Id,
        };
        var context = WebhookMapping.Context(
            new WebhookEvent(receipt.Id, original.ReceivedAt, payload.Value, WebhookHeaders.ForRun(original.Headers))
        );
        var inputs = WebhookMapping.Map(target.Settings.InputMapping, target.Trigger.Inputs, target.Inputs, context, cancellationToken);
        if (!inputs.IsOk)
        {
            return inputs.Problem;
        }

        var started = await runs.StartAsync(
            target.Trigger.Id,
            new TriggerStart(TriggerType.Webhook, inputs.Value, context, "replay:" + receipt.Id),
            cancellationToken
        );
        if (started.IsOk)
        {
            receipt.RunId = started.Value.Id;
            inbox.Add(receipt);
        }

        return started;
    }

    private static void Keep(WebhookReceipt receipt, WebhookRequest request, JsonElement? payload, IReadOnlyList<string> secrets)
    {
        var kept = WebhookBodies.Keep(request.ContentType, request.Body, payload, receipt.IsAuthentic, secrets);
        receipt.Body = kept.Text;
        receipt.BodyBytes = request.Body.Length;
        receipt.IsWhole = kept.IsWhole;
    }

    private async Task<Earlier?> FindEarlierAsync(string triggerId, string key, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindEarlier(db, triggerId, key, cancellationToken);
    }

    private WebhookOutcome Accept(
        WebhookReceipt receipt,
        WebhookTarget target,
        string runId,
        RunStatus? status,
        bool isRepeated,
        JsonElement payload
    )
    {
        var reply = WebhookSenders.Reply(target.Settings.Verification, payload);
        receipt.Verdict = isRepeated ? WebhookVerdict.Repeated : WebhookVerdict.Accepted;
        receipt.Reason =
            !isRepeated ? ""
            : target.Settings.Verification == WebhookVerification.GitHub
                ? "The same signed body was received before. GitHub's signature covers only the body, so a new delivery id does "
                    + "not make it a new request. The response has the id of the first run."
            : "The same message was received before. The response has the id of the first run.";
        receipt.StatusCode = reply is null ? 202 : 200;
        receipt.RunId = runId;
        inbox.Add(receipt);
        return new WebhookOutcome(null, runId, status, new Actor.Firing(target.Trigger.Id, target.OwnerId), reply);
    }

    private WebhookOutcome Refuse(WebhookReceipt receipt, WebhookVerdict verdict, Problem problem, string? reason = null)
    {
        receipt.Verdict = verdict;
        receipt.Reason = Shorten.Text(reason ?? Words(problem), 1000);
        receipt.StatusCode = StatusOf(problem.Kind);
        inbox.Add(receipt);
        return Answer(problem);
    }

    private static WebhookOutcome Answer(Problem problem) => new(problem, null, null, Actor.Nobody);

    private static WebhookVerdict VerdictOf(Problem problem) =>
        problem.Errors.Any(error => error.Field.StartsWith("inputs.", StringComparison.Ordinal))
            ? WebhookVerdict.Unmapped
            : WebhookVerdict.Refused;

    /// <summary>A stranger learns nothing about the owner's account: that it is locked is for the inbox.</summary>
    private static Problem ForSender(Problem problem) =>
        problem.Kind is ProblemKind.Unauthenticated or ProblemKind.Forbidden
            ? Problem.Conflict("This trigger cannot start runs at the moment. Its owner can see the reason in the portal.")
            : problem;

    private static string Words(Problem problem) =>
        string.Join(
            " ",
            [problem.Message, .. problem.Errors.Where(error => error.Message != problem.Message).Select(error => error.Message)]
        );

    private static int StatusOf(ProblemKind kind) =>
        kind switch
        {
            ProblemKind.Invalid => 400,
            ProblemKind.Unauthenticated => 401,
            ProblemKind.Forbidden => 403,
            ProblemKind.NotFound => 404,
            ProblemKind.Conflict => 409,
            ProblemKind.Stale => 412,
            ProblemKind.TooLarge => 413,
            ProblemKind.UnsupportedType => 415,
            ProblemKind.Unprocessable or ProblemKind.KeyReused => 422,
            ProblemKind.TooMany => 429,
            ProblemKind.Unavailable => 503,
        };
}
