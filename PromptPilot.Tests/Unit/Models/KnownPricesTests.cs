using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;

namespace PromptPilot.Tests.Unit.Models;

public class KnownPricesTests
{
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
    public void Find_NamesOfOneModel_GiveItsPrice(string called, string? model) => (KnownPrices.Find(called)?.Model).Should().Be(model);

    [Fact]
    public void Table_IsDatedSourcedAndUnambiguous()
    {
        KnownPrices.All.Select(price => price.Model).Should().OnlyHaveUniqueItems();
        KnownPrices
            .All.Should()
            .OnlyContain(price =>
                price.InputPerMillion > 0
                && price.OutputPerMillion >= price.InputPerMillion
                && price.AsOf > new DateOnly(2025, 1, 1)
                && price.Page.StartsWith("https://")
            );
        KnownPrices.All.Select(price => KnownPrices.Find(price.Model)).Should().Equal(KnownPrices.All);
    }
}
