using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Prompt caching, which only Anthropic has to be asked for: https://platform.claude.com/docs/en/build-with-claude/prompt-caching.
/// </summary>
public sealed class PromptCachingTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    private static readonly ModelRequest WithExamples = new(
        "",
        "summary",
        [
            new ModelMessage(ModelRole.System, "Be brief."),
            new ModelMessage(ModelRole.User, "An example."),
            new ModelMessage(ModelRole.Assistant, "Its answer."),
            new ModelMessage(ModelRole.User, "The question."),
        ]
    );

    [Fact]
    public async Task Anthropic_MarksSystemAndExamples_NotTheQuestion()
    {
        await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(), p => p.CachesPrompts = true, WithExamples);

        var body = world.Server.Last.Body;
        Marks(body.GetProperty("system")).Should().Equal("ephemeral");
        body.GetProperty("messages")
            .EnumerateArray()
            .SelectMany(message => Marks(message.GetProperty("content")))
            .Should()
            .Equal(null, "ephemeral", null);
    }

    [Fact]
    public async Task Anthropic_WithoutTheSwitch_MarksNothing()
    {
        await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(), null, WithExamples);

        world.Server.Last.Body.GetRawText().Should().NotContain("cache_control");
    }

    [Fact]
    public async Task CacheReadsAndWrites_HaveTheirPrices()
    {
        var (reply, _) = await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p =>
                p.Prices = new ModelPrices
                {
                    InputPerMillion = 4_000_000_000,
                    OutputPerMillion = 20_000_000_000,
                    CachedInputPerMillion = 400_000_000,
                    CacheWritePerMillion = 5_000_000_000,
                }
        );

        (reply.InputTokens, reply.CachedTokens, reply.CacheWriteTokens).Should().Be((100, 65, 10));
        reply.Cost.Should().Be((25 * 4_000) + (65 * 400) + (10 * 5_000) + (15 * 20_000));
        reply.CacheSaving.Should().Be((65 * 3_600) - (10 * 1_000), "what reading saved, less what writing cost");
    }

    private static IEnumerable<string?> Marks(JsonElement content) =>
        content.ValueKind == JsonValueKind.String
            ? [null]
            : content
                .EnumerateArray()
                .Select(part => part.TryGetProperty("cache_control", out var mark) ? mark.GetProperty("type").GetString() : null);
}
