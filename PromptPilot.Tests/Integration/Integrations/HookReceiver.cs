using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
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
    private readonly ConcurrentQueue<Received> _received = [];
    private LoopbackServer _server = null!;

    private HookReceiver() { }

    public string Address => _server.Address;

    public Func<Received, ReceiverAnswer> Answer { get; set; } = _ => new ReceiverAnswer();

    /// <summary>In the order of arrival, also those that were answered badly.</summary>
    public IReadOnlyList<Received> Messages => [.. _received];

    public static async Task<HookReceiver> StartAsync()
    {
        var receiver = new HookReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.HandleAsync);
        return receiver;
    }

    public Task CountAsync(int count) =>
        Eventually.HoldsAsync(
            () => _received.Count >= count,
            $"{count} messages at the receiver, of which {_received.Count} came",
            TimeSpan.FromSeconds(60)
        );

    public ValueTask DisposeAsync() => _server.DisposeAsync();

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
