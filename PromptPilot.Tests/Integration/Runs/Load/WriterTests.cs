using Microsoft.Data.Sqlite;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>Fifty people write beside running runs, and meanwhile another process has the database for itself.</summary>
[Trait("Category", "Soak")]
[Trait("Database", "SQLite")]
public sealed class WriterTests(PublishedBuild build)
{
    private const int Writers = 50;
    private const int RunsAtOnce = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task FiftyWriters_WhileAnotherProcessHoldsTheDatabase_LoseNothing() => WriteBesideRunsAsync(rounds: 4, TimeSpan.FromSeconds(4));

    [Fact]
    public Task FiftyWriters_WhileAnotherProcessHoldsTheDatabaseForTwentySeconds_LoseNothing() =>
        WriteBesideRunsAsync(rounds: 40, TimeSpan.FromSeconds(20));

    private async Task WriteBesideRunsAsync(int rounds, TimeSpan hold)
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(20, TimeSpan.FromMilliseconds(10));
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]));
        var rated = (await api.RunAsync(workflow)).GetProperty("steps")[0].GetProperty("logs")[0].Text("id");

        using var written = new CancellationTokenSource();
        var runners = Task.WhenAll(Enumerable.Range(0, RunsAtOnce).Select(_ => RunUntilAsync(api, workflow, written.Token)));
        var slowest = new TimeSpan[Writers];
        var writers = Task.WhenAll(
            Enumerable.Range(0, Writers).Select(async writer => slowest[writer] = await WriteAsync(api, writer, rounds, rated))
        );
        await Eventually.HoldsAsync(() => model.Calls.Count > RunsAtOnce, "runs to run beside the writers");
        await HoldAsync(portal, hold);
        await writers;
        await written.CancelAsync();
        var runs = (await runners).SelectMany(ids => ids).ToList();

        foreach (var id in runs)
        {
            (await api.EndOfAsync(id)).Text("status").Should().Be("succeeded");
        }

        var prompts = await AllPromptsAsync(api);
        prompts
            .Should()
            .Contain(
                Enumerable.Range(0, Writers).SelectMany(writer => Enumerable.Range(0, rounds).Select(round => Name(writer, round))),
                "nothing that was accepted is lost"
            );
        model.Calls.Should().HaveCount((runs.Count + 1) * 2, "no call was repeated");
        portal
            .Log.Should()
            .NotContain(line =>
                line.Contains("locked", StringComparison.OrdinalIgnoreCase) || line.Contains("SQLite Error", StringComparison.Ordinal)
            );
        Figures.Tell(
            $"writers: {Writers} × {rounds * 2} writes beside {runs.Count} runs, the database held for {hold.TotalSeconds} s ",
            $"by another process: lost 0, lock errors 0, longest wait {slowest.Max().TotalSeconds:F1} s"
        );
        slowest.Max().Should().BeLessThan(hold + TimeSpan.FromSeconds(20));
    }

    private static string Name(int writer, int round) => $"By {writer}, {round}";

    /// <summary>Writes prompts and ratings.</summary>
    /// <returns>The longest that one took.</returns>
    private static async Task<TimeSpan> WriteAsync(RunApi api, int writer, int rounds, string log)
    {
        var slowest = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await api.SendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name = Name(writer, round),
                    content = "Say {{ text }}",
                    metadata = new { category = "test", tags = Array.Empty<string>() },
                }
            );
            await api.SendAsync(HttpMethod.Put, $"execution-logs/{log}/feedback", new { rating = (round % 5) + 1 });
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, TimeProvider.System.GetElapsedTime(started).Ticks));
        }

        return slowest;
    }

    private static async Task<List<string>> RunUntilAsync(RunApi api, string workflow, CancellationToken stop)
    {
        var ids = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            ids.Add((await api.RunAsync(workflow)).Text("id"));
        }

        return ids;
    }

    /// <summary>
    /// Takes SQLite's write lock, which the portal's own gate knows nothing of. This test is another process than the portal.
    /// </summary>
    private static async Task HoldAsync(PublishedPortal portal, TimeSpan time)
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(portal.DataDirectory, "promptpilot.db")};Pooling=False;Default Timeout=30"
        );
        await connection.OpenAsync(Cancellation);
        await using var transaction = connection.BeginTransaction(deferred: false);
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(Cancellation);
        await transaction.RollbackAsync(Cancellation);
    }

    private static async Task<List<string>> AllPromptsAsync(RunApi api)
    {
        var names = new List<string>();
        string? after = null;
        do
        {
            var page = await api.SendAsync(
                HttpMethod.Get,
                $"prompts?limit=200{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}",
                null
            );
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(prompt => prompt.Text("name")));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        } while (after is not null);
        return names;
    }
}
