using System.Globalization;
using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting.Commands;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// The commands, against a running portal and against its data directory: in this process, or of the published program where they read
/// environment variables or exit codes count.
/// </summary>
[Trait("Database", "SQLite")]
public sealed class CommandTests(PublishedBuild build)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_OfARunningAndAStoppedPortal()
    {
        using var data = new TempDirectory();
        await using var portal = await PortalHost.StartAsync(new PortalOptions { DataDirectory = data.Path });
        using var files = new TempDirectory();
        using var client = portal.CreateAdminClient();
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
        var variables = new Dictionary<string, string?>
        {
            [CommandOptions.UrlVariable] = portal.BaseAddress.ToString(),
            [CommandOptions.KeyVariable] = PortalHost.AdminKey,
            ["PROMPTPILOT_PASSPHRASE"] = "a passphrase of a backup",
        };
        string[] remote = ["--url", portal.BaseAddress.ToString(), "--key", PortalHost.AdminKey];
        string[] local = ["--data", data.Path];
        var (zip, backup) = (Path.Combine(files.Path, "all.zip"), Path.Combine(files.Path, "all.backup"));

        var run = await RunProgramAsync(variables, 0, "run", name, "--input", "text=It rains. It pours. It ends.", "--json");
        JsonSerializer.Deserialize<JsonElement>(run).Text("status").Should().Be("succeeded");
        (await RunAsync(1, ["run", "no such workflow", .. remote])).Should().Contain("There is no workflow named");
        (await RunAsync(0, ["export", zip, .. remote])).Should().Contain("Created");
        (await RunAsync(0, ["import", zip, "--preview", .. remote])).Should().Contain("same  prompts/");
        (await RunProgramAsync(variables, 0, ["backup", backup, "--json", .. local])).Should().Contain("\"bytes\"");
        new FileInfo(backup).Length.Should().BeGreaterThan(1000);
        (await RunAsync(3, ["users", "reset-password", PortalHost.AdminEmail, .. local])).Should().Contain("needs a stopped portal");
        string[] doctor = ["doctor", "--url", portal.BaseAddress.ToString(), .. local];
        JsonSerializer
            .Deserialize<JsonElement>(await RunAsync(0, [.. doctor, "--json"]))
            .GetProperty("checks")
            .EnumerateArray()
            .Select(check => $"{check.Text("check")} {check.Text("status")}")
            .Should()
            .Contain(["Settings ok", "Database ok", "Keys ok", "Proxy ok", "Mail skipped"]);

        await portal.DisposeAsync();
        // A process that another test is starting holds a copy of the lock until it runs its own program.
        var said = await Eventually.GetAsync(
            async () =>
            {
                var (code, text) = await TryAsync(["users", "reset-password", PortalHost.AdminEmail, "--json", .. local]);
                return code == 0 ? text : null;
            },
            "the data directory to be free"
        );
        var link = JsonSerializer.Deserialize<JsonElement>(said).Text("link");
        link.Should().Contain("/account/set-password?user=");
        (await RunAsync(1, ["users", "reset-password", "nobody@example.org", .. local])).Should().Contain("There is no user");
        (await RunAsync(0, ["import", zip, .. local])).Should().Contain("same  prompts/");
        (await RunAsync(0, ["export", Path.Combine(files.Path, "again.zip"), .. local])).Should().Contain("Created");
        (await File.ReadAllBytesAsync(zip, Cancellation))
            .Should()
            .Equal(await File.ReadAllBytesAsync(Path.Combine(files.Path, "again.zip"), Cancellation));
        (await RunAsync(1, doctor)).Should().Contain("FAILED   Proxy");
        prompt.Text("name").Should().Be("Greeting");
    }

    [Fact]
    public async Task Commands_WithWrongArguments_SayWhatIsWrong()
    {
        using var empty = new TempDirectory();

        (await RunProgramAsync([], 2, "export")).Should().Contain("FILE").And.NotContain("   at ");
        (await RunAsync(2, "run", "x")).Should().Contain(CommandOptions.UrlVariable);
        (await RunAsync(3, "backup", Path.Combine(empty.Path, "x"), "--data", empty.Path)).Should().Contain("There is no portal in");
        (await RunAsync(0, "help")).Should().Contain("users").And.Contain("doctor");
        Directory.EnumerateFiles(empty.Path).Should().BeEmpty("a command creates no portal");
    }

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (code, text) = await TryAsync(arguments);
        code.Should().Be(expected, $"{string.Join(' ', arguments)} says: {text}");
        return text;
    }

    private static async Task<(int Code, string Text)> TryAsync(params string[] arguments)
    {
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        return (await Commands.RunAsync(arguments, written, written), written.ToString());
    }

    private async Task<string> RunProgramAsync(Dictionary<string, string?> settings, int expected, params string[] arguments)
    {
        var (code, log) = await PortalCommand.RunToEndAsync(await build.GetAsync(), settings, arguments);
        code.Should().Be(expected, $"{string.Join(' ', arguments)} says: {log}");
        return log;
    }
}
