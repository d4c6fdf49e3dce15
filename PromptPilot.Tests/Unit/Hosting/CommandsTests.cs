using System.Globalization;
using PromptPilot.Web.Hosting.Commands;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>Which arguments are a command, and what help says. CommandTests run the commands themselves.</summary>
public sealed class CommandsTests
{
    [Theory]
    [InlineData(true, "doctor")]
    [InlineData(true, "help", "migrate")]
    [InlineData(true, "--help")]
    [InlineData(true, "--version")]
    [InlineData(true, "migrate", "--help")]
    [InlineData(true, "copy-to-postgres", "-h")]
    [InlineData(true, "bakup")]
    [InlineData(true, "Migrate")]
    [InlineData(false, "migrate")]
    [InlineData(false, "restore", "promptpilot.backup")]
    [InlineData(false, "--urls", "http://localhost:5081")]
    [InlineData(false, "urls=http://localhost:5081")]
    [InlineData(false)]
    public void Contain_OfArguments_IsTrueForCommandsThatTheStartDoesNotRun(bool expected, params string[] args) =>
        Commands.Contain(args).Should().Be(expected);

    [Theory]
    [InlineData("restore", "FILE")]
    [InlineData("migrate", "Upgrade the database")]
    [InlineData("copy-to-postgres", "PostgreSQL")]
    [InlineData("doctor", "--call-models")]
    public async Task Help_OfACommand_DescribesIt(string command, string expected)
    {
        (await RunAsync("--help")).Text.Should().Contain($"  {command}");
        var (code, text) = await RunAsync(command, "--help");
        code.Should().Be(0);
        text.Should().Contain(expected);
    }

    [Fact]
    public async Task Command_ThatDoesNotExist_IsRefused()
    {
        var (code, text) = await RunAsync("bakup");

        code.Should().Be(2);
        text.Should().Contain("'bakup'").And.Contain("Run it with --help");
    }

    private static async Task<(int Code, string Text)> RunAsync(params string[] args)
    {
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        return (await Commands.RunAsync(args, written, written), written.ToString());
    }
}
