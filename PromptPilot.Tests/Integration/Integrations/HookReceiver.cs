using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>A message that a receiver got.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>Whether a receiver that has the secret takes it for genuine.</summary>
    public bool IsSignedBy(string secret) =>
        Headers["webhook-signature"]
        == "v1," + WebhookSignatures.SignStandard(secret, Id, Headers["webhook-timestamp"], Encoding.UTF8.GetBytes(Body));
}

/// <summary>What a receiver answers.</summary>
internal sealed record ReceiverAnswer(int Status = 200, string Body = "ok", params (string Name, string Value)[] Headers)
{
    /// <summary>The answer begins only then.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;
}

/// <summary>Someone else's server on loopback, over real HTTP.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = [];

    private HookReceiver(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    public Func<Received, ReceiverAnswer> Answer { get; set; } = _ => new ReceiverAnswer();

    /// <summary>In the order of arrival, also those that were answered badly.</summary>
    public IReadOnlyList<Received> Messages => [.. _received];

    public static async Task<HookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new HookReceiver(app);
        app.Run(receiver.HandleAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        receiver.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return receiver;
    }

    public Task CountAsync(int count) =>
        Eventually.HoldsAsync(
            () => _received.Count >= count,
            $"{count} messages at the receiver, of which {_received.Count} came",
            TimeSpan.FromSeconds(60)
        );

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var received = new Received(
            http.Request.Path,
            http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
            await reader.ReadToEndAsync()
        );
        _received.Enqueue(received);
        var answer = Answer(received);
        await answer.Gate.WaitAsync(http.RequestAborted);
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            http.Response.Headers[name] = value;
        }

        await http.Response.WriteAsync(answer.Body);
    }
}
