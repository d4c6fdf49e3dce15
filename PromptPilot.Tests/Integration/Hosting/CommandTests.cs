using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>The commands of the published program, against a running portal and against its data directory.</summary>
[Trait("Database", "SQLite")]
public sealed class CommandTests(PublishedBuild build)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_OfARunningAndAStoppedPortal()
    {
        await using var portal = await PublishedPortal.StartAsync(build);
        using var files = new TempDirectory();
        using var client = portal.CreateClient();
        var api = new RunApi(client);
        var prompt = await api.SendAsync(HttpMethod.Post, "prompts", new { name = "Greeting", content = "Hello {{ name }}" });
        var profile = (
            await api.SendAsync(
                HttpMethod.Post,
                "model-profiles",
                new
                {
                    name = "Built in",
                    provider = "offline",
                    model = "extractive",
                }
            )
        ).Text("id");
        var workflow = await api.AddWorkflowAsync(profile, ("one", ["text"]));
        var name = (await api.SendAsync(HttpMethod.Get, $"workflows/{workflow}", null)).Text("name");
        var remote = new Dictionary<string, string?>
        {
            ["PROMPTPILOT_URL"] = portal.BaseAddress.ToString(),
            ["PROMPTPILOT_KEY"] = PortalHost.AdminKey,
        };
        var local = new Dictionary<string, string?>
        {
            ["PromptPilot__DataDirectory"] = portal.DataDirectory,
            ["PROMPTPILOT_PASSPHRASE"] = "a passphrase of a backup",
        };
        var (zip, backup) = (Path.Combine(files.Path, "all.zip"), Path.Combine(files.Path, "all.backup"));

        var run = await RunAsync(remote, 0, "run", name, "--input", "text=It rains. It pours. It ends.", "--json");
        JsonSerializer.Deserialize<JsonElement>(run).Text("status").Should().Be("succeeded");
        (await RunAsync(remote, 1, "run", "no such workflow")).Should().Contain("There is no workflow named");
        (await RunAsync(remote, 0, "export", zip)).Should().Contain("Created");
        (await RunAsync(remote, 0, "import", zip, "--preview")).Should().Contain("same  prompts/");
        (await RunAsync(local, 0, "backup", backup, "--json")).Should().Contain("\"bytes\"");
        new FileInfo(backup).Length.Should().BeGreaterThan(1000);
        (await RunAsync(local, 3, "users", "reset-password", PortalHost.AdminEmail)).Should().Contain("needs a stopped portal");
        var well = JsonSerializer.Deserialize<JsonElement>(
            await RunAsync(local, 0, "doctor", "--url", portal.BaseAddress.ToString(), "--json")
        );
        well.GetProperty("checks")
            .EnumerateArray()
            .Select(check => $"{check.Text("check")} {check.Text("status")}")
            .Should()
            .Contain(["Settings ok", "Database ok", "Keys ok", "Proxy ok", "Mail skipped"]);

        await portal.KillAsync();
        var link = JsonSerializer
            .Deserialize<JsonElement>(await RunAsync(local, 0, "users", "reset-password", PortalHost.AdminEmail, "--json"))
            .Text("link");
        link.Should().Contain("/account/set-password?user=");
        (await RunAsync(local, 1, "users", "reset-password", "nobody@example.org")).Should().Contain("There is no user");
        (await RunAsync(local, 0, "import", zip)).Should().Contain("same  prompts/");
        (await RunAsync(local, 0, "export", Path.Combine(files.Path, "again.zip"))).Should().Contain("Created");
        (await File.ReadAllBytesAsync(zip, Cancellation))
            .Should()
            .Equal(await File.ReadAllBytesAsync(Path.Combine(files.Path, "again.zip"), Cancellation));
        (await RunAsync(local, 1, "doctor", "--url", portal.BaseAddress.ToString())).Should().Contain("FAILED   Proxy");
        prompt.Text("name").Should().Be("Greeting");
    }

    [Fact]
    public async Task Commands_WithWrongArguments_SayWhatIsWrong()
    {
        using var empty = new TempDirectory();
        var nowhere = new Dictionary<string, string?> { ["PromptPilot__DataDirectory"] = empty.Path };

        (await RunAsync(nowhere, 2, "export")).Should().Contain("FILE").And.NotContain("   at ");
        (await RunAsync(nowhere, 2, "run", "x")).Should().Contain("PROMPTPILOT_URL");
        (await RunAsync(nowhere, 3, "backup", Path.Combine(empty.Path, "x"))).Should().Contain("There is no portal in");
        (await RunAsync(nowhere, 0, "help")).Should().Contain("users").And.Contain("doctor");
        Directory.EnumerateFiles(empty.Path).Should().BeEmpty("a command creates no portal");
    }

    private async Task<string> RunAsync(Dictionary<string, string?> settings, int expected, params string[] arguments)
    {
        var (code, log) = await PortalCommand.RunToEndAsync(await build.GetAsync(), settings, arguments);
        code.Should().Be(expected, $"{string.Join(' ', arguments)} says: {log}");
        return log;
    }
}
