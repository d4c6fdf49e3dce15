namespace PromptPilot.Tests.Unit.Docs;

/// <summary>The README stays what a newcomer reads in five minutes; the rest belongs in docs.</summary>
public class ReadmeTests
{
    [Fact]
    public void Readme_HasAtMost70Lines() => Documents.Read("README.md").TrimEnd().Split('\n').Should().HaveCountLessThanOrEqualTo(70);

    [Theory]
    [InlineData("dotnet run --project PromptPilot.Web")]
    [InlineData("./test.sh")]
    public void Readme_NamesTheTwoCommands(string command) =>
        Documents.Read("README.md").Split('\n').Should().Contain(command, "on a line of its own, to be copied");
}
