using PromptPilot.Core.Models;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

public sealed class ThinkingFilterTests
{
    [Theory]
    [InlineData("<think>Hm.</think>\n\nHello", "Hello")]
    [InlineData(" \n<THINK>Hm <b>, </thin k></think>Hello</think>", "Hello</think>")]
    [InlineData("<think>a</think><think>b</think> Hello", "Hello")]
    [InlineData("<thinking>a</think>b</thinking>Hello", "Hello")]
    [InlineData("[THINK]a[/THINK]Hello", "Hello")]
    [InlineData("<|channel|>analysis<|message|>a<|end|>Hello", "Hello")]
    [InlineData("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Hello", "Hello")]
    [InlineData("<|channel|>final<|message|>Hello", "Hello")]
    [InlineData("<|START_THINKING|>a<|END_THINKING|>Hello", "Hello")]
    [InlineData("Hello <think>not hidden</think>", "Hello <think>not hidden</think>")]
    [InlineData(" \n Hello", " \n Hello")]
    [InlineData("<thinkers of old>", "<thinkers of old>")]
    [InlineData("<thin", "<thin")]
    [InlineData("  ", "  ")]
    [InlineData("", "")]
    [InlineData("<think>never ends", "")]
    [InlineData("<think></think>", "")]
    public void Thinking_IsTakenOff_HoweverItIsSplit(string answer, string expected)
    {
        for (var size = 1; size <= answer.Length + 1; size++)
        {
            var filter = new ThinkingFilter();
            var shown = string.Concat(answer.Chunk(size).Select(piece => filter.Add(new string(piece)))) + filter.Complete();

            shown.Should().Be(expected, $"in pieces of {size}");
            filter.Hidden.Should().BeLessThanOrEqualTo(answer.Length);
        }
    }

    [Theory]
    [InlineData("Hm, hello?</think>\n\nHello", "Hello")]
    [InlineData("Hm.</THINK>Hello</think>", "Hello</think>")]
    [InlineData("Hm.</think>", "")]
    [InlineData("Write <think> before and </think> behind it.", "Write <think> before and </think> behind it.")]
    [InlineData("{\"tag\": \"</think>\"}", "{\"tag\": \"</think>\"}")]
    [InlineData("Hello", "Hello")]
    [InlineData("<think>a</think>b</think>c", "b</think>c")]
    public async Task Thinking_WithoutItsOpeningMark_IsNotPartOfTheAnswer(string answer, string expected)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(answer);
        var events =
            $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{json}}}}}]}}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        var provider = new InMemoryProvider { Pieces = InMemoryProvider.Split(events, 7) };
        var profile = provider.Profile();
        profile.HideThinking = true;

        var reply = await provider.CallAsync(profile);

        reply.Text.Should().Be(expected);
        (reply.Fault is null).Should().Be(expected.Length > 0);
    }

    [Fact]
    public void LongThinking_IsNotKept()
    {
        var filter = new ThinkingFilter();
        filter.Add("<think>");
        var piece = new string('x', 10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            filter.Add(piece).Should().BeEmpty();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(200_000_000, "each piece is looked at once");
        filter.Add("</think>Hello").Should().Be("Hello");
        filter.Hidden.Should().Be(10_000_000 + 15);
    }
}
