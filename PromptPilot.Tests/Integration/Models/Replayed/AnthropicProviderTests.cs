using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>Anthropic's Messages API.</summary>
public sealed class AnthropicProviderTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    [Fact]
    public async Task Answer_GivesItsPiecesUsageModelAndCost()
    {
        var (reply, pieces) = await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p =>
                p.Prices = new ModelPrices
                {
                    InputPerMillion = 4_000_000_000,
                    OutputPerMillion = 20_000_000_000,
                    CachedInputPerMillion = 400_000_000,
                }
        );

        reply.Fault.Should().BeNull();
        (reply.Text, reply.ModelUsed, reply.Truncated).Should().Be(("Hello!", "claude-opus-4-6-20260205", false));
        pieces.Should().Equal("Hello", "!");
        (reply.InputTokens, reply.OutputTokens, reply.CachedTokens)
            .Should()
            .Be((100, 15, 65), "what was read from and written to the cache is input too, and the last count of output is the whole of it");
        reply.Cost.Should().Be((35 * 4_000) + (65 * 400) + (15 * 20_000));
    }

    [Fact]
    public async Task Answer_WhoseLastDeltaTellsTheInputAgain_IsCountedOnce()
    {
        const string Counted =
            """{"input_tokens": 25, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 65, "output_tokens": 15}""";

        var (reply, _) = await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(counted: Counted));

        (reply.InputTokens, reply.OutputTokens, reply.CachedTokens).Should().Be((100, 15, 65), "these counts are cumulative");
    }

    [Fact]
    public async Task Call_IsAsTheReferenceHasIt_WithTheKeyInItsHeaderOnly()
    {
        await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p =>
                p.Parameters = new ModelParameters
                {
                    Temperature = 0.25,
                    MaxTokens = 321,
                    Stop = ["END", "\n\nHuman:"],
                }
        );

        var call = world.Server.Last;
        (call.Method, call.Path).Should().Be(("POST", "/v1/messages"));
        call.Headers["x-api-key"].Should().Be(ProviderWorld.Key);
        call.Headers["anthropic-version"].Should().Be("2023-06-01");
        call.Headers.Should().NotContainKey("Authorization");
        (world.Number("temperature"), world.Number("max_tokens")).Should().Be((0.25, 321));
        call.Body.GetProperty("model").GetString().Should().Be("fake-1");
        call.Body.GetProperty("stream").GetBoolean().Should().BeTrue();
        call.Body.GetProperty("stop_sequences").EnumerateArray().Select(stop => stop.GetString()).Should().Equal("END", "\n\nHuman:");
        ProviderWorld.Text(call.Body.GetProperty("system")).Should().Be("Be brief.");
        var message = call.Body.GetProperty("messages").EnumerateArray().Single();
        (message.GetProperty("role").GetString(), ProviderWorld.Text(message.GetProperty("content"))).Should().Be(("user", "Say hello."));
        call.Body.GetRawText().Should().NotContain("canary").And.NotContain("top_p");
    }

    [Fact]
    public async Task Sampling_IsSentAsItIsSet_AndNotAtAllWhereItIsNot()
    {
        await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p => p.Parameters = new ModelParameters { Temperature = null, TopP = 0.9 }
        );
        world.Number("top_p").Should().Be(0.9);
        world.SentFields.Should().NotContain("temperature");
        world.Server.Last.Headers["anthropic-version"].Should().Be("2023-06-01", "later versions of the API answer 400 to any of the two");

        await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p => p.Parameters = new ModelParameters { Temperature = null }
        );
        world
            .SentFields.Should()
            .NotContain("temperature")
            .And.NotContain("top_p", "newer models refuse a call that names one")
            .And.NotContain("stop_sequences");
        world
            .Server.Last.Headers["anthropic-version"]
            .Should()
            .Be("2026-10-21", "the latest version is recommended where nothing speaks against it");
    }

    [Theory]
    [InlineData(0.2, null, 0.2, null)]
    [InlineData(null, 0.4, null, 0.4)]
    [InlineData(0.2, 0.4, 0.2, 0.4)]
    public async Task Sampling_OfTheStep_ReplacesTheProfilesWhereOnlyOneOfTwoIsTaken(
        double? temperature,
        double? topP,
        double? sentTemperature,
        double? sentTopP
    )
    {
        var request = new ModelRequest("", "summary", null, "Go.") { Parameters = new ParameterChanges(temperature, 7, topP) };

        await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p => p.Parameters = new ModelParameters { Temperature = topP is null ? null : 0.8, TopP = topP is null ? 0.8 : null },
            request
        );

        var body = world.Server.Last.Body;
        (Value(body, "temperature"), Value(body, "top_p"), world.Number("max_tokens")).Should().Be((sentTemperature, sentTopP, 7));
    }

    [Fact]
    public async Task JsonSchema_ThatCanBeKeptTo_IsSentInTheOutputConfig()
    {
        var strict = JsonElement.Parse(
            """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"""
        );
        var request = new ModelRequest("", "summary", null, "Give JSON.") { AsJson = true, JsonSchema = strict };

        await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(), p => p.StructuredOutput = true, request);
        var format = world.Server.Last.Body.GetProperty("output_config").GetProperty("format");
        format.GetProperty("type").GetString().Should().Be("json_schema");
        format.GetProperty("schema").GetProperty("properties").GetProperty("a").GetProperty("type").GetString().Should().Be("string");

        await world.CallAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Answer(),
            p => p.StructuredOutput = true,
            request with
            {
                JsonSchema = JsonElement.Parse("""{"type":"object"}"""),
            }
        );
        world.SentFields.Should().NotContain("output_config", "Anthropic refuses schemas whose objects are open");
    }

    [Fact]
    public async Task Thinking_IsNotPartOfTheAnswer()
    {
        var (reply, pieces) = await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Thinking);

        (reply.Fault, reply.Text, reply.OutputTokens).Should().Be((null, "It is 21.", 40));
        pieces.Should().Equal("It is 21.");
    }

    [Theory]
    [InlineData("max_tokens", null, true)]
    [InlineData("model_context_window_exceeded", null, true)]
    [InlineData("stop_sequence", null, false)]
    [InlineData("refusal", ErrorCode.ContentFiltered, false)]
    [InlineData("pause_turn", ErrorCode.IncompleteStream, false)]
    public async Task StopReasons_DecideTheOutcome(string stopReason, ErrorCode? expected, bool truncated)
    {
        var (reply, _) = await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(stopReason));

        (reply.Fault?.Code, reply.Truncated).Should().Be((expected, truncated));
    }

    [Theory]
    [InlineData(400, "invalid_request_error", "max_tokens: Field required", ErrorCode.BadRequest)]
    [InlineData(400, "invalid_request_error", "prompt is too long: 209513 tokens > 200000 maximum", ErrorCode.ContextTooLong)]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", ErrorCode.Quota)]
    [InlineData(401, "authentication_error", "invalid x-api-key", ErrorCode.Auth)]
    [InlineData(402, "billing_error", "There is an issue with your billing or payment information.", ErrorCode.Quota)]
    [InlineData(403, "permission_error", "Your API key does not have permission to use the specified resource.", ErrorCode.Auth)]
    [InlineData(404, "not_found_error", "model: claude-none", ErrorCode.ModelUnavailable)]
    [InlineData(413, "request_too_large", "Request exceeds the maximum allowed number of bytes.", ErrorCode.ContextTooLong)]
    [InlineData(500, "api_error", "Internal server error", ErrorCode.ProviderError)]
    [InlineData(529, "overloaded_error", "Overloaded", ErrorCode.ProviderError)]
    public async Task Errors_AreSorted(int status, string type, string message, ErrorCode expected)
    {
        var before = world.Server.Calls.Count;

        var fault = await world.FaultAsync(Providers.Anthropic, AnthropicTranscripts.Error(status, type, message));

        (fault.Code, fault.RetryAfter).Should().Be((expected, null));
        fault.Message.Should().EndWith($"It says: {message}");
        world.Server.Calls.Should().HaveCount(before + 1, "the client's own retries are off");
    }

    [Fact]
    public async Task TooFast_KeepsRetryAfter()
    {
        var fault = await world.FaultAsync(
            Providers.Anthropic,
            AnthropicTranscripts.Error(
                429,
                "rate_limit_error",
                "This request would exceed your organization's rate limit.",
                ("retry-after", "12")
            )
        );

        (fault.Code, fault.RetryAfter).Should().Be((ErrorCode.RateLimited, TimeSpan.FromSeconds(12)));
    }

    [Theory]
    [InlineData("overloaded_error", ErrorCode.ProviderError)]
    [InlineData("api_error", ErrorCode.ProviderError)]
    [InlineData("rate_limit_error", ErrorCode.RateLimited)]
    public async Task ErrorInTheStream_IsAFaultWithTheTextSoFar(string type, ErrorCode expected)
    {
        var (reply, _) = await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.ErrorInStream(type, "As they say."));

        (reply.Fault!.Code, reply.Text).Should().Be((expected, "Hello"));
        reply.Fault.Message.Should().Contain("As they say.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StreamThatBreaksOff_IsIncomplete(bool isCut)
    {
        var answer = AnthropicTranscripts.Answer();

        var (reply, _) = await world.CallAsync(Providers.Anthropic, isCut ? answer.CutAfter(5) : answer.EndAfter(5));

        (reply.Fault!.Code, reply.Text).Should().Be((ErrorCode.IncompleteStream, "Hello!"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v1/messages")]
    public async Task Endpoint_AsPeoplePasteIt_LeadsToTheSamePath(string path)
    {
        await world.CallAsync(Providers.Anthropic, AnthropicTranscripts.Answer(), p => p.Endpoint += path);

        world.Server.Last.Path.Should().Be("/v1/messages");
    }

    [Fact]
    public async Task Models_AreListedByTheProvider()
    {
        (await world.ListModelsAsync(Providers.Anthropic, AnthropicTranscripts.Models))
            .Should()
            .Equal(new OfferedModel("claude-opus-4-6", "Claude Opus 4.6"), new OfferedModel("claude-sonnet-4-6", "Claude Sonnet 4.6"));

        var call = world.Server.Last;
        (call.Method, call.Path).Should().Be(("GET", "/v1/models"));
        call.Headers["x-api-key"].Should().Be(ProviderWorld.Key);
        call.Headers.Should().NotContainKey("Authorization");
    }

    private static double? Value(JsonElement body, string field) => body.TryGetProperty(field, out var value) ? value.GetDouble() : null;
}
