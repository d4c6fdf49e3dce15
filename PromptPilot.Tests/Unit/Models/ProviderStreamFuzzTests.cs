using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>Streams of all known shapes, broken in every way a seeded fuzzer thinks of.</summary>
public sealed class ProviderStreamFuzzTests
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\n",
            "\r",
            "\r\n\r\n",
            "\0",
            "\"",
            "\\",
            "\\ud83d",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "true",
            "-1",
            "1e999",
            "data:",
            "data: [DONE]\n\n",
            "event: error\n",
            "event: x\n",
            ": c\n",
            "id: 1\n",
            "retry: 5\n",
            "\"error\":",
            "\"choices\":",
            "\"delta\":",
            "\"content\":",
            "\"usage\":",
            "\"index\":",
            "[DONE]",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xC3],
        [0xEF, 0xBB, 0xBF],
    ];

    private const long MostMemory = 64 << 20;

    [Fact]
    public Task BrokenStreams_NeverCrashHangOrPassAsWhole() => FuzzAsync(500);

    [Fact]
    [Trait("Category", "Soak")]
    public Task TenThousandBrokenStreams_NeverCrashHangOrPassAsWhole() => FuzzAsync(10_000);

    [Fact]
    public async Task StreamCutBeforeItsFinishReason_IsNeverASuccess()
    {
        foreach (var shape in ServerShapes.Streams.Where(shape => shape.Fault is null))
        {
            var end = shape.Body.LastIndexOf($"\"{shape.Reason}\"", StringComparison.Ordinal);
            for (var length = 0; length <= end; length += 17)
            {
                var provider = new InMemoryProvider { Pieces = InMemoryProvider.Split(shape.Body[..length], 500), IsInstant = true };

                var reply = await provider.CallAsync(provider.Profile());

                reply.Fault.Should().NotBeNull($"“{shape.Name}” was cut after {length} characters");
            }
        }
    }

    [Fact]
    public async Task EndlessLine_IsLeftAtItsBound_WithinSixtyFourMegabytes()
    {
        foreach (var (start, repeated) in Endless)
        {
            var provider = new InMemoryProvider { Pieces = Forever(start, repeated), IsInstant = true };
            var before = GC.GetAllocatedBytesForCurrentThread();

            var reply = await provider.CallAsync(provider.Profile());

            reply.Fault!.Code.Should().Be(ErrorCode.IncompleteStream, start);
            reply.Fault.Message.Should().Contain("more than");
            provider.Read.Should().BeLessThan(5 << 20, start);
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MostMemory, start);
        }
    }

    [Theory]
    [InlineData(Providers.Anthropic, "text/event-stream")]
    [InlineData(Providers.Ollama, "application/x-ndjson")]
    [InlineData(Providers.OpenAI, "text/event-stream")]
    public async Task EndlessLine_OfEveryClient_IsLeftAtItsBound(string kind, string contentType)
    {
        var provider = new InMemoryProvider { ContentType = contentType, Pieces = Forever("data: {\"a\":\"", "x") };

        var reply = await provider.CallAsync(provider.Profile(kind));

        reply.Fault!.Code.Should().Be(ErrorCode.IncompleteStream);
        provider.Read.Should().BeLessThan(2 << 20);
    }

    [Theory]
    [InlineData(500, ErrorCode.ProviderError)]
    [InlineData(200, ErrorCode.IncompleteStream)]
    public async Task EndlessErrorBody_IsReadToItsBound(int status, ErrorCode expected)
    {
        var provider = new InMemoryProvider
        {
            Status = (System.Net.HttpStatusCode)status,
            ContentType = "application/json",
            Pieces = Forever("{\"error\":\"", "x"),
        };

        (await provider.CallAsync(provider.Profile())).Fault!.Code.Should().Be(expected);
        provider.Read.Should().BeLessThan(2 << 20);
    }

    /// <summary>How each begins, and what never ends in it.</summary>
    private static (string Start, string Repeated)[] Endless =>
        [
            ("data: {\"choices\":[{\"delta\":{\"content\":\"", "x"),
            ("", "x"),
            ("data: ", "["),
            ("data: {\"usage\":", "{\"usage\":"),
            ("", "data: [1,2,3\n"),
            (": ", "comment "),
            ("event: ", "error"),
        ];

    private static IEnumerable<ReadOnlyMemory<byte>> Forever(string start, string repeated)
    {
        yield return Encoding.UTF8.GetBytes(start);
        var piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(repeated, 16 * 1024 / repeated.Length)));
        while (true)
        {
            yield return piece;
        }
    }

    private static async Task FuzzAsync(int count)
    {
        const int Seed = 20_261_128;
        var shapes = ServerShapes.Streams;
        for (var i = 0; i < count; i++)
        {
            var random = new Random(Seed + i);
            var shape = shapes[i % shapes.Count];
            var bytes = Mutate(Encoding.UTF8.GetBytes(shape.Body + "\n"), random);
            var provider = new InMemoryProvider
            {
                Pieces = InMemoryProvider.Split(bytes, random.Next(1, 4_000)),
                IsInstant = random.Next(2) == 0,
            };
            var pieces = new StringBuilder();
            var before = GC.GetAllocatedBytesForCurrentThread();

            var reply = await provider
                .CallAsync(provider.Profile(), piece => pieces.Append(piece))
                .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

            var which = $"mutation {i} of “{shape.Name}”:\n{Encoding.UTF8.GetString(bytes)}";
            pieces.ToString().Should().Be(reply.Text, which);
            (reply.Fault?.Code).Should().NotBe(ErrorCode.Internal, which);
            (reply.Fault?.Message ?? "").Should().NotContain("canary", which);
            if (reply.Fault is null)
            {
                // A success needs a reason, and the reason has to be in what was sent.
                reply.FinishReason.Should().NotBeNullOrWhiteSpace(which);
                reply.Text.Should().NotBeNullOrWhiteSpace(which);
                Encoding.UTF8.GetString(bytes).Should().Contain("finish_", which);
            }

            if (provider.IsInstant)
            {
                (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MostMemory, which);
            }
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var list = bytes.ToList();
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            var at = random.Next(list.Count);
            var length = Math.Min(random.Next(1, 60), list.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    list.RemoveRange(at, length);
                    break;
                case 1:
                    list.InsertRange(random.Next(list.Count), list.GetRange(at, length));
                    break;
                case 2:
                    list.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 3:
                    list[at] = (byte)random.Next(256);
                    break;
                case 4:
                    list.RemoveRange(at, list.Count - at);
                    break;
                case 5:
                    list.Reverse(at, length);
                    break;
                default:
                    var token = Tokens[random.Next(Tokens.Length)];
                    list.RemoveRange(at, Math.Min(token.Length, list.Count - at));
                    list.InsertRange(at, token);
                    break;
            }

            if (list.Count == 0)
            {
                list.Add((byte)'\n');
            }
        }

        return [.. list];
    }
}
