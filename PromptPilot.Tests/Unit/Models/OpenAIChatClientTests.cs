using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>What a call costs, and what it hands on.</summary>
public sealed class OpenAIChatClientTests
{
    private const int Tokens = 50;

    [Theory]
    [InlineData(1, 45)]
    [InlineData(5, 45)]
    public async Task Call_OfFiftyTokens_AllocatesLittle(int tokensARead, int kilobytes)
    {
        var events = Events().Chunk(tokensARead).Select(some => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(string.Concat(some))).ToList();
        var provider = new InMemoryProvider { Pieces = events };
        var profile = provider.Profile();
        for (var warm = 0; warm < 20; warm++)
        {
            (await provider.CallAsync(profile)).Fault.Should().BeNull();
        }

        // The least of several: others allocate meanwhile, and code that is not optimized yet allocates more.
        var least = long.MaxValue;
        var start = TimeProvider.System.GetTimestamp();
        while (least >= kilobytes * 1024 && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(2))
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await provider.CallAsync(profile);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        least.Should().BeLessThan(kilobytes * 1024);
    }

    [Fact]
    public async Task Pieces_AreWhatOneReadBrought()
    {
        var events = Events().ToList();
        var reads = events.Chunk(10).Select(ten => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(string.Concat(ten))).ToList();
        var provider = new InMemoryProvider { Pieces = reads };
        var pieces = new List<string>();

        var reply = await provider.CallAsync(provider.Profile(), pieces.Add);

        reply.Fault.Should().BeNull();
        reply.Text.Should().Be(string.Concat(Enumerable.Range(0, Tokens).Select(i => $"w{i} ")));
        pieces.Should().HaveCountLessThanOrEqualTo(reads.Count).And.HaveCountGreaterThan(1);
    }

    [Fact]
    public async Task CallerThatThrows_EndsTheReading()
    {
        var provider = new InMemoryProvider { Pieces = Events().Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)) };

        var call = () => provider.CallAsync(provider.Profile(), _ => throw new InvalidOperationException("The feed is closed."));

        await call.Should().ThrowAsync<InvalidOperationException>().WithMessage("The feed is closed.");
    }

    private static IEnumerable<string> Events()
    {
        const string Head = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":""";
        for (var i = 0; i < Tokens; i++)
        {
            yield return $$$"""data: {{{Head}}}[{"index":0,"delta":{"content":"w{{{i}}} "},"finish_reason":null}]}""" + "\n\n";
        }

        yield return $$$"""data: {{{Head}}}[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n";
        yield return $$$"""data: {{{Head}}}[],"usage":{"prompt_tokens":5,"completion_tokens":50}}""" + "\n\n";
        yield return "data: [DONE]\n\n";
    }
}
