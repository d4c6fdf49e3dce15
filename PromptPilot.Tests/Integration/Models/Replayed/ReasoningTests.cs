using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Reasoning effort as each provider expects it, and the thinking it returns. Sources of the transcripts:
/// https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, https://developers.openai.com/api/docs/guides/reasoning,
/// https://ai.google.dev/gemini-api/docs/openai#thinking, https://api-docs.deepseek.com/guides/reasoning_model,
/// https://openrouter.ai/docs/use-cases/reasoning-tokens and https://docs.ollama.com/capabilities/thinking.
/// </summary>
public sealed class ReasoningTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    [Theory]
    [InlineData(Effort.None, "disabled", null)]
    [InlineData(Effort.Minimal, "adaptive", "low")]
    [InlineData(Effort.Low, "adaptive", "low")]
    [InlineData(Effort.Medium, "adaptive", "medium")]
    [InlineData(Effort.High, "adaptive", "high")]
    public async Task Anthropic_Effort_IsAdaptiveThinking(Effort effort, string type, string? sent)
    {
        await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(), p => p.Parameters = Parameters(effort));

        var body = world.Server.Last.Body;
        body.GetProperty("thinking").GetProperty("type").GetString().Should().Be(type);
        (body.TryGetProperty("output_config", out var config) ? config.GetProperty("effort").GetString() : null).Should().Be(sent);
    }

    [Theory]
    [InlineData(Providers.OpenAI, Effort.None, "none")]
    [InlineData(Providers.OpenAI, Effort.Minimal, "minimal")]
    [InlineData(Providers.AzureOpenAI, Effort.High, "high")]
    [InlineData(Providers.Gemini, Effort.Low, "low")]
    [InlineData(Providers.OpenAICompatible, Effort.Medium, "medium")]
    public async Task OpenAIFamily_Effort_IsAWord(string provider, Effort effort, string sent)
    {
        await world.CallAsync(provider, OpenAITranscripts.Answer(), p => p.Parameters = Parameters(effort));

        world.Server.Last.Body.GetProperty("reasoning_effort").GetString().Should().Be(sent);
    }

    [Theory]
    [InlineData("qwen3", Effort.None, "false")]
    [InlineData("qwen3", Effort.Low, "true")]
    [InlineData("gpt-oss:20b", Effort.Minimal, "\"low\"")]
    [InlineData("gpt-oss:20b", Effort.High, "\"high\"")]
    public async Task Ollama_Effort_IsALevelOrASwitch(string model, Effort effort, string sent)
    {
        await world.CallAsync(
            Providers.Ollama,
            OllamaTranscripts.Answer(),
            p =>
                (p.Model, p.Parameters) = (
                    model,
                    new ModelParameters
                    {
                        Temperature = 0.5,
                        MaxTokens = 9,
                        Effort = effort,
                    }
                )
        );

        var body = world.Server.Last.Body;
        body.GetProperty("think").GetRawText().Should().Be(sent);
        body.GetProperty("model").GetString().Should().Be(model);
        body.GetProperty("options").GetProperty("num_predict").GetInt32().Should().Be(9, "nothing else is lost");
        body.GetProperty("messages").GetArrayLength().Should().Be(2);
    }

    [Theory]
    [InlineData(Providers.Anthropic)]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.Ollama)]
    public async Task NoEffort_IsNotSent(string provider)
    {
        await world.CallAsync(provider, AnswerOf(provider), p => p.Parameters = Parameters(null));

        world.SentFields.Should().NotContain(["thinking", "output_config", "reasoning_effort", "think", "seed"]);
    }

    [Fact]
    public async Task Effort_OfTheStep_ReplacesTheProfiles()
    {
        await world.CallAsync(
            Providers.OpenAI,
            OpenAITranscripts.Answer(),
            p => p.Parameters = Parameters(Effort.High),
            new ModelRequest("", "summary", null, "Go.") { Parameters = new ParameterChanges(Effort: Effort.Low) }
        );

        world.Server.Last.Body.GetProperty("reasoning_effort").GetString().Should().Be("low");
    }

    [Fact]
    public async Task Anthropic_Thinking_IsKeptApartAndCounted()
    {
        const string Counted = """{"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 31}}""";
        var answer = AnthropicTranscripts.Thinking;
        answer = answer with { Pieces = [.. answer.Pieces.Select(piece => piece.Replace("""{"output_tokens": 40}""", Counted))] };

        var (reply, pieces) = await world.CallAsync(Providers.Anthropic, answer);

        (reply.Text, reply.Thinking).Should().Be(("It is 21.", "I need to find the GCD."));
        pieces.Should().Equal("It is 21.");
        (reply.OutputTokens, reply.ReasoningTokens).Should().Be((40, 31));
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task Compatible_Thinking_IsKeptApartAndCounted(string field)
    {
        var (reply, pieces) = await world.CallAsync(
            Providers.OpenAICompatible,
            Transcript.Events(
                $$$$"""
                data: {"model":"deepseek-reasoner","choices":[{"index":0,"delta":{"role":"assistant","content":null,"{{{{field}}}}":"Nine "}}]}

                data: {"choices":[{"index":0,"delta":{"content":null,"{{{{field}}}}":"is more."}}]}

                data: {"choices":[{"index":0,"delta":{"content":"9.8","{{{{field}}}}":null}}]}

                data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":60,"total_tokens":70,"completion_tokens_details":{"reasoning_tokens":50}}}

                data: [DONE]
                """
            )
        );

        (reply.Text, reply.Thinking).Should().Be(("9.8", "Nine is more."));
        pieces.Should().Equal("9.8");
        (reply.InputTokens, reply.OutputTokens, reply.ReasoningTokens).Should().Be((10, 60, 50));
    }

    /// <summary>Gemini and xAI leave thinking out of the completion's tokens and bill it as output.</summary>
    [Theory]
    [InlineData("""{"prompt_tokens":12,"completion_tokens":9,"total_tokens":121}""", 109, 100)]
    [InlineData(
        """{"prompt_tokens":12,"completion_tokens":9,"total_tokens":121,"completion_tokens_details":{"reasoning_tokens":100}}""",
        109,
        100
    )]
    [InlineData("""{"prompt_tokens":12,"completion_tokens":9,"total_tokens":21}""", 9, 0)]
    public async Task ThinkingOutsideOfTheCompletion_IsOutput(string usage, int output, int reasoning)
    {
        var (reply, _) = await world.CallAsync(
            Providers.Gemini,
            Transcript.Events(
                $$$"""
                data: {"choices":[{"delta":{"content":"Hello","role":"assistant"},"finish_reason":"stop","index":0}],"model":"gemini-3-flash","usage":{{{usage}}}}

                data: [DONE]
                """
            ),
            p => p.Prices = new ModelPrices { OutputPerMillion = 1_000_000_000 }
        );

        (reply.OutputTokens, reply.ReasoningTokens, reply.Cost).Should().Be((output, reasoning, output * 1000L));
    }

    [Fact]
    public async Task Ollama_Thinking_IsKeptApart()
    {
        var (reply, _) = await world.CallAsync(
            Providers.Ollama,
            Transcript.Lines(
                """
                {"model": "qwen3", "created_at": "2026-08-04T08:52:19.385406455-07:00", "message": {"role": "assistant", "content": "", "thinking": "Let me see."}, "done": false}
                {"model": "qwen3", "created_at": "2026-08-04T08:52:19.485406455-07:00", "message": {"role": "assistant", "content": "Three."}, "done": false}
                {"model": "qwen3", "created_at": "2026-08-04T19:22:45.499127Z", "message": {"role": "assistant", "content": ""}, "done_reason": "stop", "done": true, "prompt_eval_count": 26, "eval_count": 282}
                """
            )
        );

        (reply.Text, reply.Thinking).Should().Be(("Three.", "Let me see."));
    }

    [Fact]
    public async Task HiddenThinking_IsKeptApart()
    {
        string[] texts = ["<th", "ink>Hm,", " so.</thi", "nk>\n", "\nHel", "lo"];
        var events = texts
            .Select(text => $$$"""{"choices":[{"delta":{"content":{{{JsonSerializer.Serialize(text)}}}}}]}""")
            .Append("""{"choices":[{"delta":{},"finish_reason":"stop"}]}""");

        var (reply, _) = await world.CallAsync(
            Providers.OpenAICompatible,
            Transcript.Events(string.Concat(events.Select(text => $"data: {text}\n\n")) + "data: [DONE]"),
            p => p.HideThinking = true
        );

        (reply.Text, reply.Thinking).Should().Be(("Hello", "Hm, so."));
    }

    [Fact]
    public async Task Thinking_WithoutEnd_IsBounded()
    {
        var chunk = $$$"""data: {"choices":[{"delta":{"reasoning_content":"{{{new string('x', 1000)}}}"}}]}""" + "\n\n";

        var (reply, _) = await world.CallAsync(
            Providers.OpenAICompatible,
            Transcript.Events(
                string.Concat(Enumerable.Repeat(chunk, 200))
                    + """data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"""
                    + "\n\ndata: [DONE]"
            )
        );

        (reply.Text, reply.Thinking.Length).Should().Be(("Hi", ModelReply.MaxThinking));
    }

    private static ModelParameters Parameters(Effort? effort) => new() { Temperature = null, Effort = effort };

    private static Transcript AnswerOf(string provider) =>
        provider switch
        {
            Providers.Anthropic => AnthropicTranscripts.Answer(),
            Providers.Ollama => OllamaTranscripts.Answer(),
            _ => OpenAITranscripts.Answer(),
        };
}
