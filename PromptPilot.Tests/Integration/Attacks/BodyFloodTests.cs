using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>Forty clients send large bodies slowly to each entrance of a published portal with little memory.</summary>
public sealed class BodyFloodTests(PublishedBuild build)
{
    private const int Clients = 40;

    /// <summary>For the heap: a quarter of it is for bodies on their way, and a quarter of that for one sender.</summary>
    private const long Heap = 400_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task LargeSlowBodies_AreBoundedOrRefused_AndThePortalAnswersRightAfter()
    {
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = Heap.ToString("X", CultureInfo.InvariantCulture) }
        );
        using var admin = portal.CreateClient();
        var api = new RunApi(admin);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync("http://127.0.0.1:9/v1"), ("one", ["text"]));
        var hook = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new
            {
                type = "webhook",
                webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload.title" } },
            }
        );
        (string Path, int Length)[] entrances =
        [
            ("/api/v1/import?fileName=x.json", 7_000_000),
            ("/api/v1/prompts", 7_000_000),
            ("/v1/chat/completions", 7_000_000),
            ("/mcp", 60_000),
            ("/mcp", 7_000_000),
            ($"/hooks/{hook.Text("id")}", 1_000_000),
            ($"/hooks/{hook.Text("id")}", 7_000_000),
        ];
        var before = portal.Memory.Now;

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var flood = Enumerable.Range(0, Clients).Select(i => SendAsync(portal, entrances[i % entrances.Length], end.Token)).ToList();
        var others = await AskAsync(admin, TimeSpan.FromSeconds(12), Token);
        await end.CancelAsync();
        var answers = await Task.WhenAll(flood);
        var (during, after) = (portal.Memory.Peak, Stopwatch.StartNew());
        using var served = await admin.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Token);
        var first = after.Elapsed;

        var counts = answers
            .GroupBy(answer => answer.Length < 12 ? "none" : answer[9..12])
            .ToDictionary(group => group.Key, g => g.Count());
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"memory {before:0} MB before, peak {during:0} MB; answers {string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}"))}; "
                    + $"others: {others.Count}, worst {others.Max():0} ms; first answer afterwards in {first.TotalMilliseconds:0} ms"
            )
        );
        served.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Should().BeLessThan(TimeSpan.FromSeconds(1));
        (during - before).Should().BeLessThan(150);
        counts.Keys.Should().BeSubsetOf(["none", "408", "413", "429", "503"]);
        counts.Should().ContainKeys("413", "503");
        answers.Should().Contain(answer => answer.Contains("Too much data is being received right now."));
        others.Max().Should().BeLessThan(5_000);
        portal.Log.Should().NotContain(line => line.Contains("OutOfMemory", StringComparison.Ordinal));
    }

    /// <summary>Ten API keys, and the webhooks of five workflows: no sender is over its part, but all are together.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task LargeSlowBodies_OfManySenders_AreBoundedTogether()
    {
        const int Keys = 10;
        const int Hooks = 5;
        const int OfEach = 4;
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = Heap.ToString("X", CultureInfo.InvariantCulture) }
        );
        using var admin = portal.CreateClient();
        var api = new RunApi(admin);
        var profile = await api.AddProfileAsync("http://127.0.0.1:9/v1");
        var hooks = new List<string>();
        for (var i = 0; i < Hooks; i++)
        {
            var made = await api.SendAsync(
                HttpMethod.Post,
                $"workflows/{await api.AddWorkflowAsync(profile, ("one", ["text"]))}/triggers",
                new
                {
                    type = "webhook",
                    webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload.title" } },
                }
            );
            hooks.Add($"/hooks/{made.Text("id")}");
        }

        var keys = await AddKeysAsync(portal, Keys);
        string[] paths = ["/api/v1/import?fileName=x.json", "/api/v1/prompts", "/v1/chat/completions", "/mcp"];
        (string Path, int Length, string Key)[] senders =
        [
            .. keys.SelectMany(key => Enumerable.Range(0, OfEach), (key, i) => (paths[i % paths.Length], 7_000_000, key)),
            // Each token is a sender of its own, as far as the portal can tell before it has read the body.
            .. hooks.SelectMany((hook, n) => Enumerable.Range(0, 4 * OfEach).Select(i => (hook, 1_000_000, $"token {n} {i / 4}"))),
        ];
        var before = portal.Memory.Now;

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var flood = senders.Select(sender => SendAsync(portal, (sender.Path, sender.Length), end.Token, sender.Key)).ToList();
        var others = await AskAsync(admin, TimeSpan.FromSeconds(12), Token);
        await end.CancelAsync();
        var answers = await Task.WhenAll(flood);
        var (during, after) = (portal.Memory.Peak, Stopwatch.StartNew());
        using var served = await admin.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Token);

        Figures.Tell(
            $"{senders.Length} bodies of {Keys} keys and {Hooks} workflows' webhooks, {senders.Sum(s => s.Length) / 1e6:0} MB in all: ",
            $"memory {before:0} MB before, peak {during:0} MB; answers {Counts(answers)}; refused as too much at once: ",
            $"{answers[..(Keys * OfEach)].Count(IsBusy)} of keys, {answers[(Keys * OfEach)..].Count(IsBusy)} of webhooks; ",
            $"others: {others.Count}, worst {others.Max():0} ms; first answer afterwards in {after.Elapsed.TotalMilliseconds:0} ms"
        );
        served.StatusCode.Should().Be(HttpStatusCode.OK);
        answers.Should().Contain(answer => IsBusy(answer), "all of them together are too much");
        (during - before).Should().BeLessThan(300);
        others.Max().Should().BeLessThan(10_000);
        portal.Log.Should().NotContain(line => line.Contains("OutOfMemory", StringComparison.Ordinal));
    }

    private static bool IsBusy(string answer) => answer.Contains("Too much data is being received right now.", StringComparison.Ordinal);

    private static string Counts(IEnumerable<string> answers) =>
        string.Join(", ", answers.GroupBy(answer => answer.Length < 12 ? "none" : answer[9..12]).Select(g => $"{g.Key}: {g.Count()}"));

    /// <summary>Further keys of the admin, who has one by the settings.</summary>
    private static async Task<string[]> AddKeysAsync(PublishedPortal portal, int count)
    {
        string[] keys = [.. Enumerable.Range(0, count).Select(i => $"pp_flood{i}_{Guid.NewGuid():N}")];
        await using var connection = await portal.OpenDatabaseAsync();
        foreach (var key in keys)
        {
            await using var insert = connection.CreateCommand();
            insert.CommandText =
                """INSERT INTO "ApiKeys" ("Id", "UserId", "Name", "Prefix", "Hash", "Scope", "CreatedAt", "ModelProfileIds") """
                + $"""SELECT '{Guid.NewGuid()}', "UserId", 'Flood', '{key[..8]}', '{ApiKeySecret.Hash(key)}', "Scope", """
                + "\"CreatedAt\", \"ModelProfileIds\" "
                + """FROM "ApiKeys" WHERE "Name" <> 'Flood' LIMIT 1""";
            (await insert.ExecuteNonQueryAsync(Token)).Should().Be(1);
        }

        return keys;
    }

    /// <summary>What a small archive unpacks to is in memory while it is read.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Archives_ThatUnpackToMuch_AreReadAFewAtATime()
    {
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = (2 * Heap).ToString("X", CultureInfo.InvariantCulture) }
        );
        using var admin = portal.CreateClient();
        var archive = Archive();
        var before = portal.Memory.Now;

        var flood = Enumerable.Range(0, Clients).Select(_ => ImportAsync(admin, archive)).ToList();
        using var done = new CancellationTokenSource();
        var others = AskAsync(admin, TimeSpan.FromMinutes(3), done.Token);
        var answers = await Task.WhenAll(flood);
        await done.CancelAsync();
        var times = await others;

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{archive.Length / 1000} KB each; memory {before:0} MB before, peak {portal.Memory.Peak:0} MB; answers "
                    + $"{string.Join(", ", answers.GroupBy(answer => answer).Select(group => $"{group.Key}: {group.Count()}"))}; "
                    + $"others: {times.Count}, worst {times.Max():0} ms"
            )
        );
        answers.Should().OnlyContain(answer => answer == HttpStatusCode.OK || answer == HttpStatusCode.ServiceUnavailable);
        answers.Should().Contain(HttpStatusCode.OK);
        portal.Log.Should().NotContain(line => line.Contains("OutOfMemory", StringComparison.Ordinal));
    }

    private static byte[] Archive()
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            var text = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"Line {i % 100} of it.\n"));
            for (var i = 0; i < 15; i++)
            {
                using var stream = archive.CreateEntry($"prompts/{i}.md").Open();
                stream.Write(Encoding.UTF8.GetBytes($"---\nname: Large {i}\n---\n{text}"));
            }
        }

        return memory.ToArray();
    }

    private static async Task<HttpStatusCode> ImportAsync(HttpClient client, byte[] archive)
    {
        using var content = new ByteArrayContent(archive) { Headers = { ContentType = new("application/zip") } };
        using var answer = await client.PostAsync(new Uri("/api/v1/import?preview=true", UriKind.Relative), content, Token);
        return answer.StatusCode;
    }

    /// <summary>Sends a part at once, then 16 KB twice a second until it is refused or the attack ends.</summary>
    /// <returns>The answer; empty if there was none.</returns>
    private static async Task<string> SendAsync(
        PublishedPortal portal,
        (string Path, int Length) entrance,
        CancellationToken end,
        string key = PortalHost.AdminKey
    )
    {
        using var client = new TcpClient();
        await client.ConnectAsync(portal.BaseAddress.Host, portal.BaseAddress.Port, Token);
        var stream = client.GetStream();
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST {entrance.Path} HTTP/1.1\r\nHost: {portal.BaseAddress.Authority}\r\nAuthorization: Bearer {key}\r\n"
                + $"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                + $"Content-Length: {entrance.Length}\r\n\r\n"
                + $"{{\"content\":\""
        );
        var answer = ReadAsync(stream, end);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head + new string('x', entrance.Length / 2)), end);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            while (!answer.IsCompleted && await timer.WaitForNextTickAsync(end))
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('x', Math.Min(16_000, entrance.Length / 60))), end);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The attack is over, or the portal has closed the connection.
        }

        return await answer;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken end)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await stream.ReadAsync(buffer, end) is > 0 and var count)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // What has arrived is all.
        }

        return text.ToString();
    }

    /// <summary>Another user at the same time.</summary>
    /// <returns>The time of each answer in ms.</returns>
    private static async Task<List<double>> AskAsync(HttpClient client, TimeSpan length, CancellationToken end)
    {
        var (all, times) = (Stopwatch.StartNew(), new List<double>());
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (all.Elapsed < length && !end.IsCancellationRequested && await timer.WaitForNextTickAsync(Token))
        {
            var clock = Stopwatch.StartNew();
            using var answer = await client.GetAsync(new Uri("/api/v1/workflows", UriKind.Relative), Token);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return times;
    }
}
