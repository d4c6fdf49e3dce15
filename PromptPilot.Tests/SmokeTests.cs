namespace PromptPilot.Tests;

public class SmokeTests
{
    [Fact]
    public void Ids_TwoNew_Differ() => Core.Shared.Ids.New().Should().NotBe(Core.Shared.Ids.New());
}
