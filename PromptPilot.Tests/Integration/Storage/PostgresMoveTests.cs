using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Storage;

/// <summary>A portal that was on SQLite continues on PostgreSQL.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class PostgresMoveTests(PublishedBuild build)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copy_OfAKilledPortal_HasItsTextsSecretsAndRuns()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "It needs PostgreSQL: ./test.sh --postgres");
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call =>
            call.Prompt.StartsWith("two:", StringComparison.Ordinal)
                ? FakeAnswer.Of("second answer") with
                {
                    Gate = gate.Task,
                }
                : FakeAnswer.Of("first answer");
        var settings = new Dictionary<string, string?>
        {
            [PostgresConnection.Key] = null,
            ["PromptPilot:Setup:SampleWorkspace"] = "true",
            ["PromptPilot:Runs:RetryDelayMilliseconds"] = "1",
        };
        await using var portal = await PublishedPortal.StartAsync(build, settings, migrates: true);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var profile = await api.AddProfileAsync(model.Endpoint);
        await api.SendAsync(HttpMethod.Put, $"model-profiles/{profile}", await WithKeyAsync(api, profile));
        var workflow = await api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]));
        gate.SetResult();
        var ended = (await api.RunAsync(workflow)).Text("id");
        gate = new TaskCompletionSource();
        var interrupted = await api.StartRunAsync(workflow);
        await model.WaitAsync(m => m.CountOf("two:") == 2, Cancellation);
        var before = await ReadAsync(http, ended);
        await portal.KillAsync();

        var postgres = await PostgresDatabase.CreateAsync(template: null);
        var (code, log) = await CopyAsync(portal, postgres);
        code.Should().Be(0, log);
        log.Should().Contain("\"Prompts\": ").And.Contain("Copied and compared.").And.NotContain("assword");
        settings[PostgresConnection.Key] = postgres;
        gate.SetResult();
        await portal.StartAgainAsync();

        (await ReadAsync(http, ended)).Should().BeEquivalentTo(before);
        (await api.EndOfAsync(interrupted)).Text("status").Should().Be("succeeded");
        model.CountOf("one:").Should().Be(2, "what succeeded before the copy does not run again");
        (await api.RunAsync(workflow)).Text("status").Should().Be("succeeded");
        model.Calls.Should().OnlyContain(call => call.Headers["Authorization"] == "Bearer sk-secret", "the key can still be decrypted");
        portal.Log.Should().Contain(line => line.Contains(KeyProtection.CertificateKey, StringComparison.Ordinal), "its keys lie open");
        await portal.KillAsync();

        (code, log) = await CopyAsync(portal, postgres);
        code.Should().Be(1);
        log.Should().Contain("already has rows");
    }

    private static async Task<object> WithKeyAsync(RunApi api, string profile)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(
            (await api.SendAsync(HttpMethod.Get, $"model-profiles/{profile}", null)).GetRawText()
        )!;
        return new
        {
            name = body["name"],
            provider = body["provider"],
            endpoint = body["endpoint"],
            model = body["model"],
            apiKey = "sk-secret",
        };
    }

    private async Task<(int Code, string Log)> CopyAsync(PublishedPortal portal, string postgres) =>
        await PortalCommand.RunToEndAsync(
            await build.GetAsync(),
            new Dictionary<string, string?>
            {
                ["PromptPilot__DataDirectory"] = portal.DataDirectory,
                ["PromptPilot__Database__Postgres"] = postgres,
            },
            "copy-to-postgres"
        );

    private static async Task<Dictionary<string, string>> ReadAsync(HttpClient http, string run)
    {
        var texts = new Dictionary<string, string>();
        foreach (var path in new[] { "prompts?limit=200", "workflows?limit=200", "model-profiles", "users", $"runs/{run}", "export" })
        {
            texts[path] = Convert.ToHexString(
                System.Security.Cryptography.SHA256.HashData(
                    await http.GetByteArrayAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancellation)
                )
            );
        }

        return texts;
    }
}
