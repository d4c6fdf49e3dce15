using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// What stops a start is told in one sentence with the path and the way out, without a stack, by an exit code of its own.
/// </summary>
[Trait("Database", "SQLite")]
public sealed class StartFailureTests(PublishedBuild build)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private delegate void Break(string directory, Dictionary<string, string?> settings);

    private static readonly Dictionary<string, (ExitCode Code, string[] Said, Break Break)> Faults = new()
    {
        ["database of a newer version"] = (ExitCode.Database, ["promptpilot.db", "7.8.9", "0.1.0", "20990101000000_Later"], MakeNewer),
        ["text as database"] = (ExitCode.Database, ["promptpilot.db", "not a SQLite database"], WriteText),
        ["database of another application"] = (ExitCode.Database, ["promptpilot.db", "another application"], MakeForeign),
        ["folder as database"] = (
            ExitCode.Database,
            ["promptpilot.db", "is a folder"],
            (directory, _) => Directory.CreateDirectory(Path.Combine(directory, "promptpilot.db"))
        ),
        ["text as connection string"] = (
            ExitCode.Settings,
            [PostgresConnection.Key, "not a PostgreSQL connection string", "Host=db.example.org"],
            (_, settings) => settings["PromptPilot__Database__Postgres"] = "postgres://me:secret-1@db.example.org/promptpilot"
        ),
        ["PostgreSQL out of reach"] = (
            ExitCode.Database,
            ["127.0.0.1:1/promptpilot", "cannot be reached", PostgresConnection.Key],
            (_, settings) => settings["PromptPilot__Database__Postgres"] = "Host=127.0.0.1;Port=1;Database=promptpilot;Password=secret-1"
        ),
        ["log level"] = (
            ExitCode.Settings,
            ["Logging:LogLevel:Default", "Loud", "Information"],
            (_, settings) => settings["Logging__LogLevel__Default"] = "Loud"
        ),
        ["damaged key"] = (ExitCode.KeyRing, ["key-1.xml", "backup"], DamageKey),
        ["full disk"] = (
            ExitCode.DataDirectory,
            ["is full"],
            (directory, _) => File.CreateSymbolicLink(Path.Combine(directory, "host.lock"), "/dev/full")
        ),
        ["data directory below a file"] = (
            ExitCode.Settings,
            ["PromptPilot:DataDirectory", "/dev/null/data"],
            (_, settings) => settings["PromptPilot__DataDirectory"] = "/dev/null/data"
        ),
        ["wrong address"] = (ExitCode.Settings, ["Urls", "localhost:5080"], (_, settings) => settings["Urls"] = "localhost:5080"),
        ["https without certificate"] = (
            ExitCode.Address,
            ["https", "Kestrel:Certificates:Default:Path"],
            (_, settings) => settings["Urls"] = "https://127.0.0.1:0"
        ),
        ["address of another machine"] = (
            ExitCode.Address,
            ["192.0.2.1", "--urls"],
            (_, settings) => settings["Urls"] = "http://192.0.2.1:5080"
        ),
        ["unreadable certificate"] = (
            ExitCode.Address,
            ["certificate", "--urls"],
            (directory, settings) =>
            {
                File.WriteAllText(Path.Combine(directory, "host.pfx"), "no certificate");
                settings["Urls"] = "https://127.0.0.1:0";
                settings["Kestrel__Certificates__Default__Path"] = Path.Combine(directory, "host.pfx");
            }
        ),
    };

    public static TheoryData<string> Usual => ["database of a newer version", "damaged key", "full disk", "text as connection string"];

    public static TheoryData<string> Others => [.. Faults.Keys.Except(Usual.Select(row => row.Data))];

    [Theory]
    [MemberData(nameof(Usual))]
    public Task Start_WithAFault_SaysItInOneSentence(string fault) => CheckAsync(fault);

    [Theory]
    [MemberData(nameof(Others))]
    [Trait("Category", "Soak")]
    public Task Start_WithAnotherFault_SaysItInOneSentence(string fault) => CheckAsync(fault);

    [Fact]
    public async Task Start_OnAPortInUse_NamesItAndTheWayOut()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var directory = new TempDirectory();

        var (code, log) = await RunAsync(directory.Path, new() { ["Urls"] = $"http://{taken.LocalEndpoint}" });

        code.Should().Be((int)ExitCode.Address, log);
        log.Should().Contain(taken.LocalEndpoint.ToString()).And.Contain("--urls").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("{ \"PromptPilot\": { ")]
    [InlineData("{ \"a\": 1, \"A\": 2 }")]
    [InlineData(null)]
    [Trait("Category", "Soak")]
    public async Task Start_WithAnUnreadableSettingsFile_NamesIt(string? content)
    {
        using var directory = new TempDirectory();
        using var copy = new TempDirectory();
        var source = Path.GetDirectoryName(await build.GetAsync())!;
        using (var link = System.Diagnostics.Process.Start("cp", ["-al", source + "/.", copy.Path]))
        {
            await link.WaitForExitAsync(Token);
        }

        File.Delete(copy.File("appsettings.json"));
        if (content is not null)
        {
            await File.WriteAllTextAsync(copy.File("appsettings.json"), content, Token);
        }

        var (code, log) = await PortalCommand.RunToEndAsync(
            copy.File("PromptPilot.Web.dll"),
            new Dictionary<string, string?> { ["PromptPilot__DataDirectory"] = directory.Path }
        );

        code.Should().Be((int)ExitCode.Settings, log);
        log.Should().Contain(copy.File("appsettings.json")).And.NotContain("   at ");
    }

    private async Task CheckAsync(string fault)
    {
        using var directory = new TempDirectory();
        var (code, said, makeFault) = Faults[fault];
        var settings = new Dictionary<string, string?>();
        makeFault(directory.Path, settings);

        var (ended, log) = await RunAsync(directory.Path, settings);

        ended.Should().Be((int)code, log);
        log.Should()
            .NotContain("secret-1")
            .And.ContainAll(said)
            .And.NotContain("   at ", "what a person can do something about is no crash");
        log.TrimEnd().Split('\n').Should().HaveCountLessThan(4, "it is one sentence: {0}", log);
    }

    private async Task<(int Code, string Log)> RunAsync(string directory, Dictionary<string, string?> settings)
    {
        settings.TryAdd("PromptPilot__DataDirectory", directory);
        return await PortalCommand.RunToEndAsync(await build.GetAsync(), settings);
    }

    private static void MakeNewer(string directory, Dictionary<string, string?> settings) =>
        DatabaseFiles.Make(
            Path.Combine(directory, "promptpilot.db"),
            "CREATE TABLE __EFMigrationsHistory (MigrationId TEXT, ProductVersion TEXT)",
            "INSERT INTO __EFMigrationsHistory VALUES ('20261123224536_Initial', '10.0.0'), ('20990101000000_Later', '99.0.0')",
            "PRAGMA user_version = 7008009"
        );

    private static void MakeForeign(string directory, Dictionary<string, string?> settings) =>
        DatabaseFiles.Make(Path.Combine(directory, "promptpilot.db"), "CREATE TABLE songs (title TEXT)");

    private static void WriteText(string directory, Dictionary<string, string?> settings) =>
        File.WriteAllText(Path.Combine(directory, "promptpilot.db"), "This is no database, whatever its name says.");

    private static void DamageKey(string directory, Dictionary<string, string?> settings)
    {
        var keys = Directory.CreateDirectory(Path.Combine(directory, "keys"));
        File.WriteAllText(Path.Combine(keys.FullName, "key-1.xml"), "<key id=");
    }
}
