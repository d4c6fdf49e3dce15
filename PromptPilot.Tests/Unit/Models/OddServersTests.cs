using System.IO.Compression;
using System.Net;
using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>
/// What servers of OpenAI's kind do beside their events' content: how they name, wrap, compress and end an answer. Each case names what
/// does it, where one is known.
/// </summary>
public sealed class OddServersTests
{
    private const string Hello = """{"model":"m","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}""";
    private const string Stop = """{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Usage = """{"model":"m","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3}}""";
    private const string Stream = $"data: {Hello}\n\ndata: {Stop}\n\ndata: {Usage}\n\ndata: [DONE]\n\n";
    private const string Whole = """
        {"id":"c","object":"chat.completion","model":"m","choices":[
          {"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"},

          {"index":1,"message":{"role":"assistant","content":"Good day"},"finish_reason":"stop"}],
         "usage":{"prompt_tokens":12,"completion_tokens":3}}
        """;

    /// <summary>What comes, under which content type; each is “Hello”, with 12 and 3 tokens.</summary>
    public static TheoryData<string, string, string> Answers =>
        new()
        {
            { "events, named JSON", Stream, "application/json" },
            { "events, named text", Stream, "text/plain; charset=utf-8" },
            { "events, named a web page", Stream, "text/html" },
            { "events, unnamed", Stream, "" },
            { "events behind empty lines and a byte order mark", "\n\r\n\uFEFF" + Stream, "application/json" },
            { "whole", Whole, "application/json" },
            { "whole behind blanks that keep the connection open", "\n\n \n" + Whole, "application/json" },
            { "whole, named events", Whole, "text/event-stream" },
            // https://github.com/decolua/9router/issues/3492
            { "whole, with the end of events behind it", Whole + "\n\ndata: [DONE]\n\n", "text/event-stream" },
            { "whole, in a list", "[" + Whole + "]", "application/json" },
            { "objects, one a line", $"{Hello}\n{Stop}\n{Usage}\n", "application/x-ndjson" },
            { "CR alone", Stream.Replace('\n', '\r'), "text/event-stream" },
            { "no blank behind the colon", Stream.Replace("data: ", "data:", StringComparison.Ordinal), "text/event-stream" },
            { "id and retry", "id: 1\nretry: 3000\n" + Stream, "text/event-stream" },
            { "data of several lines", Stream.Replace(",\"", ",\ndata: \"", StringComparison.Ordinal), "text/event-stream" },
            { "more behind the end", Stream + "data: {\"error\":\"late\"}\n\n<html>", "text/event-stream" },
            { "the end twice", $"data: {Hello}\n\ndata: {Stop}\n\ndata: {Stop}\n\ndata: {Usage}\n\n", "text/event-stream" },
            {
                "an error behind the finish reason",
                $"data: {Hello}\n\ndata: {Stop}\n\ndata: {Usage}\n\ndata: {{\"error\":\"late\"}}\n\n",
                ""
            },
            {
                "numbers that JSON does not have",
                Stream.Replace(
                    "\"index\":0",
                    "\"index\":0,\"logprobs\":[NaN,-Infinity,{\"p\":Infinity,\"t\":\"\\\"NaN\"}]",
                    StringComparison.Ordinal
                ),
                "text/event-stream"
            },
            // https://github.com/mnfst/llm-gateway/issues/2053
            { "comments sent as data", "data: : OPENROUTER PROCESSING\n\n" + Stream, "text/event-stream" },
            // https://github.com/lanqian528/chat2api/pull/25
            { "a time as a sign of life", "data: 2024-04-27 01:35:43.686476\n\ndata: ping\n\n" + Stream, "text/event-stream" },
            // https://github.com/jakobdylanc/llmcord/issues/84
            {
                "another name for the finish reason",
                Stream.Replace("finish_reason\":\"", "finishReason\":\"", StringComparison.Ordinal),
                ""
            },
            // https://github.com/open-webui/open-webui/issues/23921
            { "an end before the text", $"data: {Stop}\n\n{Stream}", "text/event-stream" },
            {
                "the message beside an empty delta",
                """data: {"model":"m","choices":[{"delta":{},"message":{"content":"Hello"},"finish_reason":"stop"}]}"""
                    + $"\n\ndata: {Usage}\n\n",
                "text/event-stream"
            },
            { "a piece that only names the role", "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n" + Stream, "" },
            { "other choices", "data: " + Hello.Replace("0", "1", StringComparison.Ordinal) + "\n\n" + Stream, "text/event-stream" },
        };

    /// <summary>What fails, and what the fault says.</summary>
    public static TheoryData<string, string, ErrorCode, string> Failures =>
        new()
        {
            { "a web page without a name", " \n<!doctype html><p>Sign in", ErrorCode.IncompleteStream, "a web page" },
            { "whole, without a finish reason", """{"choices":[{"message":{"content":"Hello"}}]}""", ErrorCode.IncompleteStream, "before" },
            {
                "whole, broken off",
                Whole[..(Whole.IndexOf("Hello", StringComparison.Ordinal) + 3)],
                ErrorCode.IncompleteStream,
                "not a model response"
            },
            { "whole, refused", """{"error":{"code":429,"message":"Slow down."}}""", ErrorCode.RateLimited, "Slow down." },
            { "whole, refused as FastAPI does", """{"detail":"Not enough credits"}""", ErrorCode.Quota, "credits" },
            {
                "whole, declined",
                """{"choices":[{"message":{"content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}""",
                ErrorCode.ContentFiltered,
                "I cannot."
            },
            {
                "a number that JSON does not have, as text",
                Stream.Replace("\"Hello\"", "NaN", StringComparison.Ordinal),
                ErrorCode.IncompleteStream,
                "not a model response"
            },
            {
                "an end before the text alone",
                $"data: {Stop}\n\ndata: {Hello}\n\n",
                ErrorCode.IncompleteStream,
                "before the answer was complete"
            },
            {
                "a sentence instead of an end",
                $"data: {Hello}\n\ndata: Rate limit reached, try later\n\n",
                ErrorCode.RateLimited,
                "try later"
            },
            {
                "half an event without its brace",
                $"data: {Hello[1..]}\n\ndata: {Stop}\n\n",
                ErrorCode.IncompleteStream,
                "not a model response"
            },
            {
                "too fast, in the middle",
                $"data: {Hello}\n\ndata: {{\"error\":{{\"code\":429,\"message\":\"Busy\"}}}}\n\n",
                ErrorCode.RateLimited,
                "Busy"
            },
            {
                "tools",
                Stream.Replace("Hello", "", StringComparison.Ordinal).Replace("stop", "tool_calls", StringComparison.Ordinal),
                ErrorCode.IncompleteStream,
                "without any text"
            },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_IsRead_HoweverItIsNamedAndWrapped(string what, string body, string contentType)
    {
        foreach (var size in new[] { int.MaxValue, 1, 100 })
        {
            var provider = new InMemoryProvider { ContentType = contentType, Pieces = InMemoryProvider.Split(body, size) };
            var text = new StringBuilder();

            var reply = await provider.CallAsync(provider.Profile(), piece => text.Append(piece));

            reply.Fault.Should().BeNull(what);
            (reply.Text, text.ToString()).Should().Be(("Hello", "Hello"), what);
            (reply.InputTokens, reply.OutputTokens, reply.FinishReason, reply.ModelUsed).Should().Be((12, 3, "stop", "m"), what);
            reply.HasEstimatedUsage.Should().BeFalse(what);
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_IsOne_HoweverItIsNamed(string what, string body, ErrorCode expected, string says)
    {
        foreach (var contentType in new[] { "text/event-stream", "application/json", "" })
        {
            var provider = new InMemoryProvider { ContentType = contentType, Pieces = InMemoryProvider.Split(body, 50) };

            var reply = await provider.CallAsync(provider.Profile());

            (reply.Fault?.Code).Should().Be(expected, $"{what}: {reply.Fault?.Message}");
            reply.Fault!.Message.Should().Contain(says, what);
        }
    }

    [Theory]
    [InlineData("STOP", null)]
    [InlineData("FinishReason.STOP", null)]
    [InlineData("MAX_TOKENS", null)]
    [InlineData("content_filter: PROHIBITED_CONTENT", ErrorCode.ContentFiltered)]
    [InlineData("content_filter: SOMETHING_NEW", ErrorCode.ContentFiltered)]
    [InlineData("function_call_filter: MALFORMED_FUNCTION_CALL", ErrorCode.IncompleteStream)]
    [InlineData("IMAGE_PROHIBITED_CONTENT", ErrorCode.ContentFiltered)]
    [InlineData("something: new", null)]
    public async Task FinishReason_OfTwoWords_IsSorted(string word, ErrorCode? expected)
    {
        var body = Stream.Replace("\"stop\"", $"\"{word}\"", StringComparison.Ordinal);
        var provider = new InMemoryProvider { Pieces = InMemoryProvider.Split(body, 50) };

        var reply = await provider.CallAsync(provider.Profile());

        (reply.Fault?.Code, reply.FinishReason).Should().Be((expected, word));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task CompressedAnswer_IsRead(string encoding)
    {
        using var bytes = new MemoryStream();
        await using (
            Stream packed = encoding switch
            {
                "gzip" => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
                _ => new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            }
        )
        {
            await packed.WriteAsync(Encoding.UTF8.GetBytes(Stream), TestContext.Current.CancellationToken);
        }

        var provider = new InMemoryProvider { Encoding = encoding, Pieces = InMemoryProvider.Split(bytes.ToArray(), 20) };

        (await provider.CallAsync(provider.Profile())).Text.Should().Be("Hello");
    }

    [Theory]
    [InlineData(HttpStatusCode.Created)]
    [InlineData(HttpStatusCode.NonAuthoritativeInformation)]
    public async Task OtherStatusOfSuccess_IsOne(HttpStatusCode status)
    {
        var provider = new InMemoryProvider { Status = status, Pieces = InMemoryProvider.Split(Stream, 50) };

        (await provider.CallAsync(provider.Profile())).Text.Should().Be("Hello");
    }

    [Fact]
    public async Task ConnectionLeftOpenBehindTheEnd_IsLeftSoon_WithItsUsage()
    {
        // Far below the profile's idle limit.
        var limit = TimeSpan.FromSeconds(20);
        foreach (var end in new[] { "", "data: {\"ping\":1}\n\n" })
        {
            var body = $"data: {Hello}\n\ndata: {Stop}\n\ndata: {Usage}\n\n{end}";
            var provider = new InMemoryProvider { Pieces = InMemoryProvider.Split(body, 50), StaysOpen = true };

            var reply = await provider.CallAsync(provider.Profile()).WaitAsync(limit, TestContext.Current.CancellationToken);

            reply.Fault.Should().BeNull();
            (reply.Text, reply.InputTokens, reply.OutputTokens, reply.HasEstimatedUsage).Should().Be(("Hello", 12, 3, false));
        }
    }

    [Fact]
    public async Task WholeAnswer_IsReadToItsBound()
    {
        var provider = new InMemoryProvider { ContentType = "application/json", Pieces = Endless() };

        var reply = await provider.CallAsync(provider.Profile());

        (reply.Fault!.Code, reply.Fault.Message.Contains("more than 4 MB", StringComparison.Ordinal))
            .Should()
            .Be((ErrorCode.IncompleteStream, true));
        provider.Read.Should().BeLessThan(5 << 20);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Endless()
    {
        var lines = Encoding.UTF8.GetBytes("{\n\n" + string.Concat(Enumerable.Repeat("  \n\n", 2_000)));
        while (true)
        {
            yield return lines;
        }
    }
}
