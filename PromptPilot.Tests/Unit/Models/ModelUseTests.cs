using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Core.Users;

namespace PromptPilot.Tests.Unit.Models;

public class ModelUseTests
{
    [Theory]
    [InlineData("", "collaborator,architect,admin", "everyone who can run workflows")]
    [InlineData("admin", "admin", "admins")]
    [InlineData("architect", "architect,admin", "architects and admins")]
    [InlineData("collaborator,admin", "collaborator,admin", "collaborators and admins")]
    [InlineData("architect,collaborator,admin", "collaborator,architect,admin", "collaborators, architects and admins")]
    public void Allows_TheRolesOfTheProfileAndAdmins(string roles, string allowed, string words)
    {
        var limited = Roles(roles);

        new[] { Role.Collaborator, Role.Architect, Role.Admin }
            .Where(role => ModelUse.Allows(limited, role))
            .Should()
            .Equal(Roles(allowed));
        ModelUse.Words(limited).Should().Be(words);
        ModelUse.Refusal("Dear", limited).Should().Contain("“Dear”").And.Contain(words).And.Contain("Choose another one");
    }

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(600, 460)]
    [InlineData(2_000, 100)]
    [InlineData(-5, 1_000)]
    public void Cost_CachedInput_HasItsOwnPrice(int cached, long expected) =>
        new ModelPrices
        {
            InputPerMillion = 1_000_000,
            CachedInputPerMillion = 100_000,
            OutputPerMillion = 9_000_000,
        }
            .Cost(1_000, 0, cached)
            .Should()
            .Be(expected);

    [Fact]
    public void Cost_WithoutAPriceForCachedInput_CountsItAsOther() =>
        new ModelPrices { InputPerMillion = 2_000_000, OutputPerMillion = 4_000_000 }
            .Cost(1_000, 500, 700)
            .Should()
            .Be(2_000 + 2_000);

    [Theory]
    [InlineData(Providers.Anthropic, null, null, 0.8, null)]
    [InlineData(Providers.Anthropic, null, 0.4, null, 0.4)]
    [InlineData(Providers.Anthropic, 0.1, 0.4, 0.1, 0.4)]
    [InlineData(Providers.OpenAI, null, 0.4, 0.8, 0.4)]
    public void SentParameters_OfAnthropic_AreTheStepsChoiceOfTheTwo(
        string provider,
        double? temperature,
        double? topP,
        double? sentTemperature,
        double? sentTopP
    )
    {
        var profile = new ModelProfile
        {
            Name = "x",
            NormalizedName = "X",
            Provider = provider,
            Model = "m",
            Parameters = new ModelParameters { Temperature = 0.8 },
        };

        var sent = SentParameters.Of(profile, new ParameterChanges(temperature, null, topP));

        (sent.Temperature, sent.TopP, sent.MaxTokens, sent.Stop).Should().Be((sentTemperature, sentTopP, 1024, null));
    }

    private static Role[] Roles(string words) =>
        [.. words.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(word => Enum.Parse<Role>(word, ignoreCase: true))];
}
