using System.Net;
using System.Runtime.Versioning;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>What the published portal does with its directory and its addresses.</summary>
[UnsupportedOSPlatform("windows")]
[Trait("Database", "SQLite")]
public sealed class DataFilesTests(PublishedBuild build)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Start_OverFilesThatOthersMayRead_MakesAllPrivate()
    {
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["Urls"] = null, ["ASPNETCORE_URLS"] = "{address}" },
            migrates: true
        );
        portal.RequestStop();
        await portal.WaitForEndAsync(TimeSpan.FromSeconds(40));
        foreach (var path in Entries(portal))
        {
            File.SetUnixFileMode(path, (UnixFileMode)(Directory.Exists(path) ? 0b111_101_101 : 0b110_100_100));
        }

        await portal.StartAgainAsync();

        Entries(portal)
            .Select(path => (Name: Path.GetFileName(path), Mode: (int)File.GetUnixFileMode(path)))
            .Should()
            .Contain(entry => entry.Name == "promptpilot.db-wal")
            .And.OnlyContain(entry => (entry.Mode & 0b111_111) == 0, "nobody else may read what is in there");
        portal.Log.Should().NotContain(line => line.Contains("chmod", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{port}")]
    [InlineData("DOTNET_URLS", "{address}")]
    [InlineData("URLS", "{address}")]
    [InlineData("Kestrel__Endpoints__Http__Url", "{address}")]
    [Trait("Category", "Soak")]
    public async Task Start_WithAddressesInAnotherVariable_ListensThere(string variable, string value)
    {
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["Urls"] = null, [variable] = value }
        );

        using var http = portal.CreateClient();
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static IEnumerable<string> Entries(PublishedPortal portal) =>
        Directory.EnumerateFileSystemEntries(portal.DataDirectory, "*", SearchOption.AllDirectories).Append(portal.DataDirectory);
}
