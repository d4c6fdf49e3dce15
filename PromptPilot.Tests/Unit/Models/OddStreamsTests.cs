using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>What answers in the place of Anthropic's and Ollama's servers, with status 200 and under whatever name.</summary>
public sealed class OddStreamsTests
{
    private const string Ollama = """
        {"model":"m","created_at":"2023-08-04T08:52:19Z","message":{"role":"assistant","content":"A \"NaN\" is "},"done":false,"logprob":NaN}
        {"model":"m","created_at":"2023-08-04T08:52:19Z","message":{"role":"assistant","content":"no number: \\\\"},"done":false}
        {"model":"m","created_at":"2023-08-04T08:52:19Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":NaN,"load_duration":-Infinity,"prompt_eval_count":12,"eval_count":3,"eval_duration":Infinity}

        """;

    private const string Anthropic = """
        event: message_start
        data: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"score":NaN,"delta":{"type":"text_delta","text":"A \"NaN\" is no number: \\\\"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"score":-Infinity},"usage":{"output_tokens":3}}

        event: message_stop
        data: {"type":"message_stop"}


        """;

    public static TheoryData<string, string, string> Failures
    {
        get
        {
            var failures = new TheoryData<string, string, string>();
            foreach (var provider in new[] { Providers.Anthropic, Providers.Ollama })
            {
                failures.Add(provider, "<!DOCTYPE html><html><body>Sign in</body></html>", "web page");
                failures.Add(provider, " \r\n<html>", "web page");
                failures.Add(provider, "\uFEFF<html>", "web page");
                failures.Add(provider, "", "empty response");
                failures.Add(provider, " \n\n ", "empty response");
                failures.Add(provider, "[]", "did not stream");
                failures.Add(provider, "\"ok\"", "did not stream");
                failures.Add(provider, "Bad gateway", "provides the API");
            }

            return failures;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Answer_ThatIsNoStream_SaysWhatCame_HoweverItIsNamed(string provider, string body, string says)
    {
        foreach (var contentType in new[] { "text/event-stream", "application/x-ndjson", "text/plain", "" })
        {
            var server = new InMemoryProvider { ContentType = contentType, Pieces = InMemoryProvider.Split(body, 5) };

            var reply = await server.CallAsync(server.Profile(provider));

            reply.Fault?.Code.Should().Be(ErrorCode.IncompleteStream, $"{contentType}: {reply.Fault?.Message}");
            reply.Fault!.Message.Should().Contain(says, contentType);
        }
    }

    [Theory]
    [InlineData(Providers.Anthropic)]
    [InlineData(Providers.Ollama)]
    public async Task Numbers_ThatJsonDoesNotHave_DoNotEndAnAnswer(string provider)
    {
        var (body, contentType) = provider == Providers.Ollama ? (Ollama, "application/x-ndjson") : (Anthropic, "text/event-stream");
        foreach (var size in new[] { int.MaxValue, 1, 2, 100 })
        {
            var server = new InMemoryProvider { ContentType = contentType, Pieces = InMemoryProvider.Split(body, size) };
            var text = new StringBuilder();

            var reply = await server.CallAsync(server.Profile(provider), piece => text.Append(piece));

            reply.Fault.Should().BeNull();
            text.ToString().Should().Be("A \"NaN\" is no number: \\\\");
            (reply.Text, reply.InputTokens, reply.OutputTokens).Should().Be((text.ToString(), 12, 3));
        }
    }
}
