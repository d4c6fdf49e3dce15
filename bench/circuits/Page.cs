using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

/// <summary>A page that is open in a browser, without the browser: it takes what is rendered, says that it has drawn it, and answers calls of scripts with nothing.</summary>
internal sealed partial class Page : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly Uri _origin;
    private long _lastRendered;
    private long _bytes;
    private int _batches;

    private Page(Uri origin, string cookie)
    {
        _origin = origin;
        var builder = new HubConnectionBuilder().WithUrl(
            new Uri(origin, "_blazor"),
            HttpTransportType.WebSockets,
            options =>
            {
                options.Headers.Add("Cookie", cookie);
                // As browsers do: what the server keeps to compress is a good part of a page.
                options.WebSocketConfiguration = socket => socket.DangerousDeflateOptions = new WebSocketDeflateOptions();
            }
        );
        builder.Services.AddSingleton<IHubProtocol, BlazorPack>();
        _hub = builder.Build();
        _hub.ServerTimeout = TimeSpan.FromMinutes(2);
        _hub.On<int, string>("JS.AttachComponent", (_, _) => { });
        _hub.On<int, byte[]>("JS.RenderBatch", RenderedAsync);
        _hub.On<long, string, string, int, long>("JS.BeginInvokeJS", CalledAsync);
        _hub.On<string>("JS.EndInvokeDotNet", _ => { });
        _hub.On<string>("JS.Error", error => Failure ??= error);
        _hub.Closed += error =>
        {
            Failure ??= error?.Message ?? "closed";
            return Task.CompletedTask;
        };
    }

    /// <summary>Why the page is no longer alive, or null.</summary>
    public string? Failure { get; private set; }

    public long Bytes => Interlocked.Read(ref _bytes);

    public int Batches => Volatile.Read(ref _batches);

    public static async Task<Page> OpenAsync(Uri origin, string cookie, string path)
    {
        var page = new Page(origin, cookie);
        var html = await GetAsync(new Uri(origin, path), cookie);
        var state = State().Match(html).Groups["state"].Value;
        var markers = Markers()
            .Matches(html)
            .Select(match => match.Groups["marker"].Value)
            .Where(marker => marker.Contains("\"descriptor\"", StringComparison.Ordinal))
            .ToList();
        if (markers.Count == 0)
        {
            throw new InvalidOperationException($"{path} holds no interactive component.");
        }

        await page._hub.StartAsync();
        var circuit = await page._hub.InvokeAsync<string?>(
            "StartCircuit",
            origin.ToString(),
            new Uri(origin, path).ToString(),
            "[]",
            state
        );
        if (circuit is null)
        {
            throw new InvalidOperationException($"{path}: no circuit was started.");
        }

        var operations = markers.Select((marker, i) => $$"""{"type":"add","ssrComponentId":{{i + 1}},"marker":{{marker}}}""");
        await page._hub.SendAsync("UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""", state);
        return page;
    }

    /// <summary>Follows a link of the page, as a click does; gives how long it takes until something new was rendered.</summary>
    public async Task<TimeSpan> FollowAsync(string path, TimeSpan limit)
    {
        var sent = Stopwatch.GetTimestamp();
        await _hub.SendAsync("OnLocationChanged", new Uri(_origin, path).ToString(), (string?)null, true);
        while (Interlocked.Read(ref _lastRendered) < sent)
        {
            if (Failure is not null || Stopwatch.GetElapsedTime(sent) > limit)
            {
                throw new InvalidOperationException($"{path} was not rendered: {Failure ?? "no answer"}");
            }

            await Task.Delay(1);
        }

        return Stopwatch.GetElapsedTime(sent, Interlocked.Read(ref _lastRendered));
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private Task RenderedAsync(int batch, byte[] content)
    {
        Interlocked.Exchange(ref _lastRendered, Stopwatch.GetTimestamp());
        Interlocked.Add(ref _bytes, content.Length);
        Interlocked.Increment(ref _batches);
        return _hub.SendAsync("OnRenderCompleted", batch, (string?)null);
    }

    private Task CalledAsync(long call, string identifier, string arguments, int resultType, long target)
    {
        if (call == 0)
        {
            return Task.CompletedTask;
        }

        var result = resultType == 1 ? """{"__jsObjectId":1}""" : "null";
        return _hub.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{result}]");
    }

    private static async Task<string> GetAsync(Uri address, string cookie)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Cookie", cookie);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK
            ? await answer.Content.ReadAsStringAsync()
            : throw new InvalidOperationException($"{address} answered {(int)answer.StatusCode}.");
    }

    [GeneratedRegex("<!--Blazor:(?<marker>\\{.*?\\})-->")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>.*?)-->")]
    private static partial Regex State();
}
