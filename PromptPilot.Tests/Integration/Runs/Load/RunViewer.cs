using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>
/// Follows one run by server-sent events and puts its texts together. Fails when a piece is missing or doubled, or when the stream breaks
/// off before the run's end.
/// </summary>
internal sealed class RunViewer : IAsyncDisposable
{
    /// <summary>What the kernel holds back of a slow viewer's data, so that the portal soon feels it.</summary>
    private const int SlowReceiveBuffer = 4096;

    private readonly Dictionary<(string Step, int Item, int Attempt), StringBuilder> _texts = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunViewer() { }

    /// <summary>The run as its <c>end</c> event showed it.</summary>
    public Task<JsonElement> End { get; private set; } = null!;

    /// <summary>The longest time between two pieces of text, as seen here.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>How many characters have arrived.</summary>
    public int Seen
    {
        get
        {
            lock (_texts)
            {
                return _texts.Values.Sum(text => text.Length);
            }
        }
    }

    /// <summary>Connects, and returns once the snapshot is there.</summary>
    /// <param name="bytesPerSecond">How fast it reads; null: as fast as it can.</param>
    public static async Task<RunViewer> OpenAsync(Uri portal, string runId, int? bytesPerSecond = null)
    {
        var viewer = new RunViewer();
        viewer.End = Task.Run(() => viewer.FollowAsync(portal, runId, bytesPerSecond));
        await await Task.WhenAny(viewer._connected.Task, viewer.End);
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(End);
        _stop.Dispose();
    }

    private async Task<JsonElement> FollowAsync(Uri portal, string runId, int? bytesPerSecond)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (bytesPerSecond is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = SlowReceiveBuffer };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        using var http = new HttpClient(handler) { BaseAddress = portal, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", PortalHost.AdminKey);
        using var answer = await http.GetAsync(
            new Uri($"/api/v1/runs/{runId}/events", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            _stop.Token
        );
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStreamAsync(_stop.Token);
        await using var stream = bytesPerSecond is { } rate ? new SlowStream(body, rate) : body;
        var last = TimeProvider.System.GetTimestamp();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(_stop.Token))
        {
            var data = JsonSerializer.Deserialize<JsonElement>(item.Data);
            switch (item.EventType)
            {
                case "snapshot":
                    TakeSnapshot(data);
                    _connected.TrySetResult();
                    break;
                case "delta":
                    TakeDelta(data);
                    LongestGap = TimeSpan.FromTicks(Math.Max(LongestGap.Ticks, TimeProvider.System.GetElapsedTime(last).Ticks));
                    last = TimeProvider.System.GetTimestamp();
                    break;
                case "end":
                    Check(data);
                    return data;
            }
        }

        throw new InvalidOperationException($"The events of run {runId} broke off before its end.");
    }

    private void TakeSnapshot(JsonElement run)
    {
        foreach (var step in run.GetProperty("steps").EnumerateArray())
        {
            if (step.TryGetProperty("partials", out var partials))
            {
                foreach (var partial in partials.EnumerateArray())
                {
                    Text(step.Text("stepId"), partial).Append(partial.Text("text"));
                }
            }
        }
    }

    private void TakeDelta(JsonElement delta)
    {
        lock (_texts)
        {
            var text = Text(delta.Text("stepId"), delta);
            text.Length.Should().Be(delta.GetProperty("offset").GetInt32(), "a viewer misses nothing and sees nothing twice");
            text.Append(delta.Text("text"));
        }
    }

    private StringBuilder Text(string step, JsonElement of)
    {
        var key = (step, of.TryGetProperty("itemIndex", out var item) ? item.GetInt32() : -1, of.GetProperty("attempt").GetInt32());
        return _texts.TryGetValue(key, out var text) ? text : _texts[key] = new StringBuilder();
    }

    /// <summary>What was seen arriving is what was recorded.</summary>
    private void Check(JsonElement run)
    {
        foreach (var step in run.GetProperty("steps").EnumerateArray())
        {
            foreach (var log in step.GetProperty("logs").EnumerateArray())
            {
                var key = (
                    step.Text("stepId"),
                    log.TryGetProperty("itemIndex", out var item) ? item.GetInt32() : -1,
                    log.GetProperty("attempt").GetInt32()
                );
                if (_texts.TryGetValue(key, out var text))
                {
                    text.ToString().Should().Be(log.Text("output"));
                }
            }
        }
    }
}
