using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>A webhook trigger and what its sender knows.</summary>
internal sealed record Hook(string Id, WebhookVerification Verification, string Secret);

/// <summary>What a request is, where it is not the usual one.</summary>
internal sealed record Sent
{
    public string Body { get; init; } = """{"title":"It rains"}""";

    public byte[]? Bytes { get; init; }

    public string? ContentType { get; init; } = "application/json";

    public string Id { get; init; } = "msg_" + Guid.NewGuid().ToString("N");

    public TimeSpan Age { get; init; }

    public string? Secret { get; init; }

    /// <summary>What is sent though something else was signed.</summary>
    public string? ChangedTo { get; init; }

    public string Query { get; init; } = "";

    public string? Accept { get; init; }

    public IReadOnlyList<string> Without { get; init; } = [];
}

/// <summary>A portal with a published workflow of one step, and senders of webhooks.</summary>
internal sealed class WebhookWorld : IAsyncDisposable
{
    private readonly HttpClient _admin;
    private readonly bool _ownsPortal;

    private WebhookWorld(PortalHost portal, bool ownsPortal, FakeModelServer model)
    {
        (Portal, _ownsPortal, Model) = (portal, ownsPortal, model);
        _admin = portal.CreateAdminClient();
        Api = new RunApi(_admin);
        Http = portal.CreateClient();
    }

    public PortalHost Portal { get; }

    public FakeModelServer Model { get; }

    public RunApi Api { get; }

    /// <summary>A stranger's client.</summary>
    public HttpClient Http { get; }

    public string WorkflowId { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>In a portal of its own, with these settings.</summary>
    public static async Task<WebhookWorld> StartAsync(params (string Key, string Value)[] settings) =>
        await MakeAsync(
            await PortalHost.StartAsync(
                new PortalOptions { Settings = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value) }
            ),
            ownsPortal: true
        );

    /// <summary>In a portal that other tests use too.</summary>
    public static Task<WebhookWorld> InAsync(SharedPortal shared) => MakeAsync(shared.Host, ownsPortal: false);

    /// <summary>In a portal that its caller keeps.</summary>
    public static Task<WebhookWorld> InAsync(PortalHost portal) => MakeAsync(portal, ownsPortal: false);

    /// <summary>Over a portal and a model that it owns from here on.</summary>
    public static Task<WebhookWorld> StartAsync(PortalHost portal, FakeModelServer model) => MakeAsync(portal, ownsPortal: true, model);

    private static async Task<WebhookWorld> MakeAsync(PortalHost portal, bool ownsPortal, FakeModelServer? model = null)
    {
        model ??= await FakeModelServer.StartAsync();
        var world = new WebhookWorld(portal, ownsPortal, model);
        var profile = await world.Api.AddProfileAsync(model.Endpoint, $"Fake {Guid.NewGuid():N}");
        world.WorkflowId = await world.Api.AddWorkflowAsync(profile, ("answer", ["text"]));
        return world;
    }

    public async Task<Hook> AddAsync(
        WebhookVerification verification = WebhookVerification.StandardWebhooks,
        string expression = "trigger.payload.title",
        bool answers = false
    )
    {
        var content = new TriggerContent(
            TriggerType.Webhook,
            Enabled: true,
            new Dictionary<string, JsonElement>(),
            Webhook: new WebhookContent(
                WebhookVerification.StandardWebhooks,
                new Dictionary<string, string> { ["text"] = expression },
                answers
            )
        );
        var triggers = Portal.Get<TriggerService>();
        var admin = (await Portal.GetAdminAsync()).Actor;
        var made = (await triggers.CreateAsync(admin, WorkflowId, content, Cancellation)).Value;
        await triggers.UpdateAsync(
            admin,
            WorkflowId,
            made.Trigger.Id,
            content with
            {
                Webhook = content.Webhook! with
                {
                    Verification = verification,
                    Secret = verification == WebhookVerification.None ? null : made.Secret,
                },
            },
            null,
            Cancellation
        );
        return new Hook(made.Trigger.Id, verification, made.Secret!);
    }

    public Task<HttpResponseMessage> SendAsync(Hook hook, Sent? sent = null) => SendAsync(Http, hook, sent);

    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, Hook hook, Sent? sent = null)
    {
        sent ??= new Sent();
        using var request = Request(hook, sent);
        return await http.SendAsync(
            request,
            sent.Accept is null ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead,
            Cancellation
        );
    }

    /// <summary>Sends, and reads the answer.</summary>
    public async Task<(int Status, JsonElement Body)> TellAsync(Hook hook, Sent? sent = null)
    {
        using var answer = await SendAsync(hook, sent);
        return ((int)answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    public async Task<int> CountRunsAsync()
    {
        await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
        return await db.WorkflowRuns.CountAsync(run => run.WorkflowId == WorkflowId, Cancellation);
    }

    /// <summary>The inbox of a trigger, newest first, once it has so many rows.</summary>
    public async Task<List<WebhookReceipt>> InboxAsync(Hook hook, int count)
    {
        List<WebhookReceipt> rows = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
                rows = await db
                    .WebhookReceipts.AsNoTracking()
                    .Where(row => row.TriggerId == hook.Id)
                    .OrderByDescending(row => row.ReceivedAt)
                    .ToListAsync(Cancellation);
                return rows.Count >= count;
            },
            $"{count} rows in the inbox"
        );
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _admin.Dispose();
        if (_ownsPortal)
        {
            await Portal.DisposeAsync();
        }

        await Model.DisposeAsync();
    }

    private static HttpRequestMessage Request(Hook hook, Sent sent)
    {
        var body = sent.Bytes ?? Encoding.UTF8.GetBytes(sent.Body);
        var secret = sent.Secret ?? hook.Secret;
        var headers = new Dictionary<string, string>();
        switch (hook.Verification)
        {
            case WebhookVerification.StandardWebhooks:
                var timestamp = (DateTimeOffset.UtcNow - sent.Age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
                headers["webhook-id"] = sent.Id;
                headers["webhook-timestamp"] = timestamp;
                headers["webhook-signature"] = "v1," + WebhookSignatures.SignStandard(secret, sent.Id, timestamp, body);
                break;
            case WebhookVerification.GitHub:
                headers["X-GitHub-Delivery"] = sent.Id;
                headers["X-GitHub-Event"] = "issues";
                headers["X-Hub-Signature-256"] = WebhookSignatures.SignGitHub(secret, body);
                break;
            case WebhookVerification.Bearer:
                headers["Authorization"] = $"Bearer {secret}";
                headers["Idempotency-Key"] = sent.Id;
                break;
            case WebhookVerification.Slack:
                headers["X-Slack-Request-Timestamp"] = Now(sent);
                headers["X-Slack-Signature"] = "v0=" + Hex(secret, $"v0:{Now(sent)}:", body);
                break;
            case WebhookVerification.Stripe:
                headers["Stripe-Signature"] = $"t={Now(sent)},v1={Hex(secret, $"{Now(sent)}.", body)}";
                break;
            case WebhookVerification.GitLab:
                headers["X-Gitlab-Token"] = secret;
                headers["Idempotency-Key"] = sent.Id;
                break;
            case WebhookVerification.None:
                headers["Idempotency-Key"] = sent.Id;
                break;
        }

        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/hooks/{hook.Id}{sent.Query}", UriKind.Relative))
        {
            Content = new ByteArrayContent(sent.ChangedTo is null ? body : Encoding.UTF8.GetBytes(sent.ChangedTo)),
        };
        request.Content.Headers.ContentType = sent.ContentType is null ? null : MediaTypeHeaderValue.Parse(sent.ContentType);
        foreach (var (name, value) in headers.Where(header => !sent.Without.Contains(header.Key)))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (sent.Accept is not null)
        {
            request.Headers.Accept.ParseAdd(sent.Accept);
        }

        return request;
    }

    private static string Now(Sent sent) =>
        (DateTimeOffset.UtcNow - sent.Age).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Hex(string secret, string prefix, byte[] body) =>
        Convert.ToHexStringLower(
            System.Security.Cryptography.HMACSHA256.HashData(
                System.Text.Encoding.UTF8.GetBytes(secret),
                (byte[])[.. System.Text.Encoding.UTF8.GetBytes(prefix), .. body]
            )
        );
}
