using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Tests.Unit.Hosting;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://localhost:5080")]
    [InlineData("http://0.0.0.0:5080;https://[::]:5081/")]
    [InlineData("HTTP://*:80;http://+:8080")]
    [InlineData("http://[::1]")]
    [InlineData("http://prompts.example.org:5080")]
    [InlineData("http://unix:/run/promptpilot.sock")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData(null)]
    public void Errors_OfUsableAddresses_AreNone(string? urls) => Errors(urls).Should().BeEmpty();

    [Theory]
    [InlineData("localhost:5080")]
    [InlineData("ftp://localhost:5080")]
    [InlineData("http://localhost:99999")]
    [InlineData("http://localhost:http")]
    [InlineData("http://localhost:-1")]
    [InlineData("http://localhost:5080/portal")]
    [InlineData("http://localhost:0")]
    [InlineData("http://:5080")]
    [InlineData("http://a b:5080")]
    [InlineData("http://localhost:5080;nonsense")]
    [InlineData("http://localhost:5080,http://localhost:5081")]
    public void Errors_OfAWrongAddress_NameTheKeyAndTheValue(string urls) =>
        Errors(urls).Should().ContainSingle().Which.Should().StartWith($"Urls is “{urls}”: ");

    [Theory]
    [InlineData("")]
    [InlineData(" ; ")]
    public void Errors_OfAnEmptyAddress_SayWhatToWrite_UnlessPortsOrEndpointsAreSet(string urls)
    {
        Errors(urls).Should().ContainSingle().Which.Should().StartWith("Urls is empty. Write");
        new ListenAddresses().Errors(Configuration(("Urls", urls), ("HTTP_PORTS", "80"))).Should().BeEmpty();
        new ListenAddresses().Errors(Configuration(("Urls", urls), ("Kestrel:Endpoints:A:Url", "http://*:80"))).Should().BeEmpty();
    }

    [Fact]
    public void Errors_OfAWrongPort_NameTheVariable() =>
        new ListenAddresses()
            .Errors(Configuration(("HTTP_PORTS", "80;eighty")))
            .Should()
            .ContainSingle()
            .Which.Should()
            .Contain("HTTP_PORTS")
            .And.Contain("eighty");

    [Theory]
    [InlineData(SocketError.AccessDenied, "below 1024")]
    [InlineData(SocketError.AddressNotAvailable, "has no address")]
    public void StartFailure_OfASocket_NamesTheAddressAndTheWayOut(SocketError error, string said)
    {
        var failure = StartFailure.Of(new SocketException((int)error), "x.db", "http://0.0.0.0:80")!;

        failure.Code.Should().Be(ExitCode.Address);
        failure.Text.Should().Contain(said).And.Contain("http://0.0.0.0:80").And.Contain("--urls");
    }

    [Theory]
    [InlineData(13, "disk that holds /data/x.db is full")]
    [InlineData(8, "cannot be opened for writing")]
    [InlineData(5, "locked by another program")]
    [InlineData(11, "is damaged")]
    [InlineData(10, "cannot be used")]
    public void StartFailure_OfTheDatabase_NamesTheFileAndTheWayOut(int code, string said)
    {
        var failure = StartFailure.Of(new InvalidOperationException("outer", new SqliteException("said SQLite", code)), "/data/x.db")!;

        failure.Code.Should().Be(ExitCode.Database);
        failure.Text.Should().Contain(said).And.Contain("/data/x.db");
    }

    [Fact]
    public void StartFailure_OfABug_IsNone() => StartFailure.Of(new InvalidOperationException("A bug."), "x.db").Should().BeNull();

    private static IReadOnlyList<string> Errors(string? urls) => new ListenAddresses().Errors(Configuration(("Urls", urls)));

    private static IConfiguration Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)))
            .Build();
}
