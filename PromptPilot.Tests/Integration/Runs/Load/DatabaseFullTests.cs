using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>The disk is full while runs are executed, and later it is not.</summary>
[Trait("Database", "SQLite")]
public sealed class DatabaseFullTests
{
    private const int RunsInFlight = 4;
    private const int MostTries = 200;

    /// <summary>Longer than what may be left free in the pages that are there.</summary>
    private static readonly string Long = string.Concat(Enumerable.Repeat("All work and no play. ", 2000));

    [Fact]
    public async Task Database_FullInMidRun_RefusesPlainlyAndGoesOnWhenThereIsSpace()
    {
        var limit = new PageLimit();
        var gate = new TaskCompletionSource();
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.Of(Long) with { Gate = gate.Task, GateAfter = 3 };
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Services = services => services.ConfigureDbContext<SqlitePromptPilotDbContext>(options => options.AddInterceptors(limit)),
                // At other levels the cause is logged once, by the first worker that meets it.
                LeastLogged = LogLevel.Debug,
                Settings = new Dictionary<string, string?> { ["Logging:LogLevel:PromptPilot.Core.Runs.Journal"] = "Debug" },
            }
        );
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var profile = await api.AddProfileAsync(model.Endpoint);
        var workflow = await api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]));
        var runs = new List<string>();
        for (var i = 0; i < RunsInFlight; i++)
        {
            runs.Add(await api.StartRunAsync(workflow));
        }

        await model.WaitAsync(m => m.Calls.Count == RunsInFlight, TestContext.Current.CancellationToken);
        limit.Squeeze();

        // Refused, and the reason is said.
        var prompts = (await api.SendAsync(HttpMethod.Get, "prompts?limit=200", null)).GetProperty("items").GetArrayLength();
        (
            await RefusalAsync(
                api,
                "prompts",
                i => new
                {
                    name = $"Prompt {i}",
                    content = Long,
                    metadata = new { category = "test", tags = Array.Empty<string>() },
                }
            )
        ).Should().Contain("the disk is full");
        (
            await RefusalAsync(
                api,
                "model-profiles",
                i => new
                {
                    name = $"Profile {i}",
                    provider = "openai-compatible",
                    endpoint = model.Endpoint,
                    model = "fake-1",
                }
            )
        ).Should().Contain("the disk is full", "a full disk is not a name that is taken");
        (await RefusalAsync(api, $"workflows/{workflow}/runs", _ => new { inputs = new { text = Long } })).Should().Contain("disk is full");

        // What runs cannot be committed now, and reading goes on.
        gate.SetResult();
        await Eventually.HoldsAsync(
            () => portal.Log.Any(line => line.Contains("The journal could not commit", StringComparison.Ordinal)),
            "the journal to meet the full disk"
        );
        foreach (var run in runs)
        {
            (await api.FindAsync(run)).Text("status").Should().Be("running");
        }

        (await api.SendAsync(HttpMethod.Get, "prompts?limit=200", null))
            .GetProperty("items")
            .GetArrayLength()
            .Should()
            .Be(prompts, "what was refused is not there");
        IntegrityOf(portal).Should().Be("ok");

        limit.Relax();
        foreach (var run in runs)
        {
            var end = await api.EndOfAsync(run, seconds: 60);
            end.Text("status").Should().Be("succeeded");
            end.GetProperty("outputs").Text("two").Should().Be(Long);
        }

        model.Calls.Should().HaveCount(RunsInFlight * 2, "no call was repeated, and no refused run called");
        (await api.RunAsync(workflow)).Text("status").Should().Be("succeeded");
        await api.AddProfileAsync(model.Endpoint, "With space again");
        IntegrityOf(portal).Should().Be("ok");
    }

    /// <summary>Sends bodies until one is refused: at first there may be room in the pages that are there.</summary>
    private static async Task<string> RefusalAsync(RunApi api, string path, Func<int, object> body)
    {
        for (var i = 0; ; i++)
        {
            using var answer = await api.TrySendAsync(HttpMethod.Post, path, body(i));
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (!answer.IsSuccessStatusCode || i == MostTries)
            {
                answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, text);
                answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
                return JsonSerializer.Deserialize<JsonElement>(text).Text("detail");
            }
        }
    }

    private static string IntegrityOf(PortalHost portal)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(portal.DataDirectory, "promptpilot.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}
