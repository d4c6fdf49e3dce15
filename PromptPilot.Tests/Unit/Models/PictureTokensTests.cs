using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>Pictures are counted as the examples in the providers' docs, and their bound is never below the estimate.</summary>
public class PictureTokensTests
{
    [Theory]
    [InlineData("openai", "gpt-4o", 1024, 1024, 765)]
    [InlineData("openai", "gpt-4o", 2048, 4096, 1105)]
    [InlineData("openai", "gpt-4o-mini", 1024, 1024, 25501)]
    [InlineData("anthropic", "claude-sonnet-4-5", 200, 200, 54)]
    [InlineData("anthropic", "claude-sonnet-4-5", 1000, 1000, 1334)]
    [InlineData("anthropic", "claude-sonnet-4-5", 4000, 3000, 1600)]
    [InlineData("gemini", "gemini-2.5-flash", 384, 384, 258)]
    [InlineData("gemini", "gemini-2.5-flash", 960, 540, 516)]
    [InlineData("gemini", "gemini-3.5-flash", 100, 100, 1120)]
    [InlineData("ollama", "qwen2.5-vl", 280, 280, 100)]
    public void Estimate_IsTheProvidersOwnCount(string provider, string model, int width, int height, int tokens) =>
        Count(provider, model, width, height).Estimate.Should().Be(tokens);

    [Fact]
    public void Bound_CoversTheEstimate_AndAnUnknownSizeCoversEverySize()
    {
        int[] sides = [1, 2, 27, 384, 385, 768, 1000, 2048, 8000];
        foreach (var provider in Providers.All.Select(provider => provider.Key))
        {
            var unknown = PictureRule.MostTokensOf(Profile(provider, "m"));
            foreach (var width in sides)
            {
                foreach (var height in sides)
                {
                    var count = Count(provider, "m", width, height);
                    count.Estimate.Should().BePositive();
                    count.Most.Should().BeInRange(count.Estimate, unknown);
                }
            }
        }
    }

    [Fact]
    public void Request_CountsThePicturesThatItMentions()
    {
        var profile = Profile(Providers.Anthropic, "claude-sonnet-4-5");
        var request = new ModelRequest("", "one", null, "[picture 1]") { Pictures = [Picture(1), Picture(2)] };

        request.EstimateTokens(profile).Should().Be(3 + 1334);
    }

    private static CallPicture Picture(int number) =>
        new("photo", new(new string('a', 64), "a.png", "image/png", 1), $"[picture {number}]") { Width = 1000, Height = 1000 };

    private static PictureTokens Count(string provider, string model, int width, int height) =>
        PictureRule.TokensOf(
            Profile(provider, model),
            new CallPicture("photo", new(new string('a', 64), "a.png", "image/png", 1), "[picture 1]") { Width = width, Height = height }
        );

    private static ModelProfile Profile(string provider, string model) =>
        new()
        {
            Name = "p",
            NormalizedName = "P",
            Provider = provider,
            Model = model,
        };
}
