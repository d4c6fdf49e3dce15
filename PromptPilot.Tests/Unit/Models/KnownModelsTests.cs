using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;

namespace PromptPilot.Tests.Unit.Models;

public class KnownModelsTests
{
    [Theory]
    [InlineData("gpt-4o", true, 128_000)]
    [InlineData("gpt-4o-mini-2024-07-18", true, 128_000)]
    [InlineData("openai/GPT-5.4-mini", true, 400_000)]
    [InlineData("gpt-6-luna", true, 1_050_000)]
    [InlineData("o3-mini", false, 200_000)]
    [InlineData("o3", true, 200_000)]
    [InlineData("gpt-3.5-turbo", false, null)]
    [InlineData("claude-opus-4-6", true, 1_000_000)]
    [InlineData("claude-opus-4-5-20251101", true, 200_000)]
    [InlineData("gemini-3.8-flash", true, 1_048_576)]
    [InlineData("gpt-oss:20b", false, 131_072)]
    [InlineData("gpt-4", null, null)]
    [InlineData("gpt-55", null, null)]
    [InlineData("llama3.2-vision", null, null)]
    [InlineData("", null, null)]
    public void FindFamily_IsTheLongestOfTheName(string model, bool? takesPictures, int? context)
    {
        (KnownModels.FindFamily(model)?.TakesPictures).Should().Be(takesPictures);
        (KnownModels.FindFamily(model)?.ContextTokens).Should().Be(context);
        (KnownModels.FindFamily(model) is null).Should().Be(takesPictures is null);
    }

    [Fact]
    public void Abilities_AreWhatTheProfileSays_ElseWhatIsKnown()
    {
        ModelAbilities.TakesPictures(Providers.OpenAI, "o3-mini", entered: null).Should().BeFalse();
        ModelAbilities.TakesPictures(Providers.OpenAI, "o3-mini", entered: true).Should().BeTrue();
        ModelAbilities.TakesPictures(Providers.AzureOpenAI, "o3-mini", entered: null).Should().BeNull("the name is of a deployment");
        ModelAbilities.ContextTokens(Providers.OpenAI, "gpt-4o", entered: null).Should().Be(128_000);
        ModelAbilities.ContextTokens(Providers.OpenAI, "gpt-4o", entered: 8_000).Should().Be(8_000);
        ModelAbilities.ContextTokens(Providers.Offline, "gpt-4o", entered: null).Should().BeNull();
    }

    [Theory]
    [InlineData("gpt-4.1-mini", "gpt-4.1-mini")]
    [InlineData(" GPT-4o ", "gpt-4o")]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("openai/gpt-4o-mini", "gpt-4o-mini")]
    [InlineData("models/gemini-2.5-flash", "gemini-2.5-flash")]
    [InlineData("claude-sonnet-4-5-20250929", "claude-sonnet-4-5")]
    [InlineData("claude-haiku-4-5-latest", "claude-haiku-4-5")]
    [InlineData("gpt-4o-audio-preview", null)]
    [InlineData("gpt-4", null)]
    [InlineData("llama3.2", null)]
    [InlineData("", null)]
    public void Find_NamesOfOneModel_GiveItAndItsPrice(string called, string? model)
    {
        (KnownModels.Find(called)?.Name).Should().Be(model);
        (KnownModels.Find(called)?.Price is null).Should().Be(model is null);
    }

    [Fact]
    public void Table_IsDatedSourcedAndUnambiguous()
    {
        KnownModels.All.Select(known => known.Name).Should().OnlyHaveUniqueItems();
        KnownModels.All.Should().OnlyContain(known => KnownModels.Find(known.Name) == known && known.Maker.Models.Contains(known));
        KnownModels.All.Should().OnlyContain(known => KnownModels.FindFamily(known.Name) != null || known.ContextTokens == null);
        var priced = KnownModels.All.Where(known => known.Price is not null).ToList();
        priced.Should().HaveCountGreaterThan(30);
        priced
            .Should()
            .OnlyContain(known =>
                known.Price!.InputPerMillion > 0
                && known.Price.OutputPerMillion >= known.Price.InputPerMillion
                && known.Price.AsOf > new DateOnly(2025, 1, 1)
                && known.Maker.PricePage.StartsWith("https://")
            );
    }
}
