using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// OpenAI, Azure OpenAI, Gemini and servers of their kind. How their streams break is in ModelFaultTests, whose server is of this kind too.
/// </summary>
public sealed class OpenAIFamilyTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    [Fact]
    public async Task OpenAI_Answer_GivesItsPiecesUsageAndCost()
    {
        var (reply, pieces) = await world.CallAsync(
            Providers.OpenAI,
            OpenAITranscripts.Answer(),
            p =>
                p.Prices = new ModelPrices
                {
                    InputPerMillion = 150_000_000,
                    OutputPerMillion = 600_000_000,
                    CachedInputPerMillion = 75_000_000,
                }
        );

        reply.Fault.Should().BeNull();
        (reply.Text, reply.ModelUsed).Should().Be(("Hello!", "gpt-4o-mini-2024-07-18"));
        string.Concat(pieces).Should().Be(reply.Text);
        (reply.InputTokens, reply.OutputTokens, reply.CachedTokens).Should().Be((2006, 300, 1920));
        reply.Cost.Should().Be((86 * 150) + (1920 * 75) + (300 * 600));
    }

    [Theory]
    [InlineData(Providers.OpenAI, "", "/chat/completions", "Authorization", "Bearer ", "max_completion_tokens")]
    [InlineData(Providers.AzureOpenAI, "", "/openai/v1/chat/completions", "api-key", "", "max_completion_tokens")]
    [InlineData(Providers.AzureOpenAI, "/openai/v1", "/openai/v1/chat/completions", "api-key", "", "max_completion_tokens")]
    [InlineData(Providers.Gemini, "", "/v1beta/openai/chat/completions", "Authorization", "Bearer ", "max_completion_tokens")]
    [InlineData(Providers.OpenAICompatible, "/v1", "/v1/chat/completions", "Authorization", "Bearer ", "max_tokens")]
    public async Task Call_IsAsTheReferenceHasIt(
        string provider,
        string endpoint,
        string path,
        string header,
        string scheme,
        string maxTokens
    )
    {
        await world.CallAsync(
            provider,
            OpenAITranscripts.Answer(),
            p =>
            {
                p.Endpoint += endpoint;
                p.Parameters = new ModelParameters
                {
                    Temperature = 0.25,
                    MaxTokens = 321,
                    TopP = 0.9,
                    Stop = ["END"],
                };
            }
        );

        var call = world.Server.Last;
        (call.Method, call.Path).Should().Be(("POST", path));
        call.Headers[header].Should().Be(scheme + ProviderWorld.Key);
        call.Headers.Where(other => other.Key != header)
            .Should()
            .NotContain(other => other.Value.Contains("canary", StringComparison.Ordinal));
        (world.Number("temperature"), world.Number("top_p"), world.Number(maxTokens)).Should().Be((0.25, 0.9, 321));
        world.SentFields.Count(field => field is "max_tokens" or "max_completion_tokens").Should().Be(1);
        call.Body.GetProperty("stop").EnumerateArray().Select(stop => stop.GetString()).Should().Equal("END");
        call.Body.GetProperty("stream_options").GetProperty("include_usage").GetBoolean().Should().BeTrue();
        call.Body.GetRawText().Should().NotContain("canary");

        await world.CallAsync(provider, OpenAITranscripts.Answer(), p => p.Parameters = new ModelParameters { Temperature = null });
        world.SentFields.Should().NotContain(["temperature", "top_p", "stop"], "reasoning models refuse them");
    }

    [Theory]
    [InlineData(true, null, "max_tokens")]
    [InlineData(false, "max_completion_tokens", "max_completion_tokens")]
    public async Task Switches_OfAProfile_AreInTheBody(bool asksForUsage, string? field, string sent)
    {
        var (reply, _) = await world.CallAsync(
            Providers.OpenAICompatible,
            OpenAITranscripts.Answer(),
            p =>
            {
                (p.SendsStreamOptions, p.MaxTokensField) = (asksForUsage, field);
                p.Parameters = new ModelParameters { Temperature = null, MaxTokens = 321 };
            }
        );

        reply.Fault.Should().BeNull();
        world.SentFields.Contains("stream_options").Should().Be(asksForUsage);
        world.Number(sent).Should().Be(321);
        world.SentFields.Count(name => name is "max_tokens" or "max_completion_tokens").Should().Be(1);
    }

    [Theory]
    [InlineData(true, "Hello", false)]
    [InlineData(false, "<think>Hm.</think>\n\nHello", false)]
    [InlineData(true, "", true)]
    public async Task HideThinking_TakesItOffPiecesAndText(bool hides, string expected, bool isCut)
    {
        string[] texts = ["<th", "ink>H", "m.</thi", "nk>\n", "\nHel", "lo"];
        var events = (isCut ? texts[..2] : texts)
            .Select(text => $$$"""{"choices":[{"delta":{"reasoning_content":"no","content":{{{JsonSerializer.Serialize(text)}}}}}]}""")
            .Append("""{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":7}}""");

        var (reply, pieces) = await world.CallAsync(
            Providers.OpenAICompatible,
            Transcript.Events(string.Concat(events.Select(text => $"data: {text}\n\n")) + "data: [DONE]"),
            p => p.HideThinking = hides
        );

        (reply.Text, string.Concat(pieces)).Should().Be((expected, expected));
        (reply.Fault?.Code).Should().Be(isCut ? ErrorCode.IncompleteStream : null);
        (reply.Fault?.Message ?? "").Contains("“Hide thinking”", StringComparison.Ordinal).Should().Be(isCut);
        (reply.InputTokens, reply.OutputTokens).Should().Be((9, 7), "hidden tokens are paid for");
    }

    [Theory]
    [InlineData("length", null, true)]
    [InlineData("content_filter", ErrorCode.ContentFiltered, false)]
    public async Task OpenAI_FinishReasons_DecideTheOutcome(string finishReason, ErrorCode? expected, bool truncated)
    {
        var (reply, _) = await world.CallAsync(Providers.OpenAI, OpenAITranscripts.Answer(finishReason));

        (reply.Fault?.Code, reply.Truncated).Should().Be((expected, truncated));
    }

    [Theory]
    [InlineData(401, "invalid_api_key", "Incorrect API key provided: sk-can***cdef.", ErrorCode.Auth)]
    [InlineData(400, "unsupported_value", "Unsupported value: 'temperature' does not support 0.7 with this model.", ErrorCode.BadRequest)]
    [InlineData(429, "insufficient_quota", "You exceeded your current quota.", ErrorCode.Quota)]
    [InlineData(500, "server_error", "The server had an error.", ErrorCode.ProviderError)]
    public async Task OpenAI_Errors_AreSorted(int status, string code, string message, ErrorCode expected) =>
        (await world.FaultAsync(Providers.OpenAI, OpenAITranscripts.Error(status, code, message))).Code.Should().Be(expected);

    [Fact]
    public async Task OpenAI_TooFast_KeepsRetryAfter() =>
        (
            await world.FaultAsync(
                Providers.OpenAI,
                OpenAITranscripts.Error(
                    429,
                    "rate_limit_exceeded",
                    "Rate limit reached.",
                    ("retry-after", "20"),
                    ("retry-after-ms", "19500")
                )
            )
        )
            .Should()
            .BeEquivalentTo(new { Code = ErrorCode.RateLimited, RetryAfter = TimeSpan.FromSeconds(19.5) });

    [Fact]
    public async Task OpenAI_ErrorInTheStream_IsAFaultWithTheTextSoFar()
    {
        var (reply, _) = await world.CallAsync(Providers.OpenAI, OpenAITranscripts.ErrorInStream);

        (reply.Fault!.Code, reply.Text).Should().Be((ErrorCode.ProviderError, "Hello"));
    }

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.AzureOpenAI)]
    [InlineData(Providers.Gemini)]
    public async Task StreamThatBreaksOff_IsIncomplete(string provider)
    {
        foreach (var answer in new[] { OpenAITranscripts.Answer().CutAfter(3), OpenAITranscripts.Answer().EndAfter(3) })
        {
            var (reply, _) = await world.CallAsync(provider, answer);

            (reply.Fault!.Code, reply.Text).Should().Be((ErrorCode.IncompleteStream, "Hello!"));
        }
    }

    [Fact]
    public async Task Azure_Answer_ItsAnnotationsAreSkipped()
    {
        var (reply, pieces) = await world.CallAsync(Providers.AzureOpenAI, AzureTranscripts.Answer);

        reply.Fault.Should().BeNull();
        (reply.Text, reply.ModelUsed, reply.InputTokens, reply.OutputTokens).Should().Be(("Color is", "gpt-4.1-mini-2025-04-14", 30, 2));
        string.Concat(pieces).Should().Be(reply.Text);
    }

    [Fact]
    public async Task Azure_Errors_AreSorted()
    {
        (await world.FaultAsync(Providers.AzureOpenAI, AzureTranscripts.WrongKey)).Code.Should().Be(ErrorCode.Auth);
        (await world.FaultAsync(Providers.AzureOpenAI, AzureTranscripts.NoDeployment))
            .Should()
            .Match<ModelFault>(fault => fault.Code == ErrorCode.ModelUnavailable && fault.Message.Contains("deployment"));
        (await world.FaultAsync(Providers.AzureOpenAI, AzureTranscripts.Filtered)).Code.Should().Be(ErrorCode.ContentFiltered);
        (await world.FaultAsync(Providers.AzureOpenAI, AzureTranscripts.TooFast))
            .Should()
            .BeEquivalentTo(new { Code = ErrorCode.RateLimited, RetryAfter = TimeSpan.FromSeconds(7) });
    }

    [Fact]
    public async Task Gemini_Answer_GivesItsPiecesAndUsage()
    {
        var (reply, pieces) = await world.CallAsync(Providers.Gemini, GeminiTranscripts.Answer);

        reply.Fault.Should().BeNull();
        (reply.Text, reply.ModelUsed, reply.InputTokens, reply.OutputTokens).Should().Be(("Hello there.", "gemini-2.5-flash", 12, 9));
        string.Concat(pieces).Should().Be(reply.Text);
    }

    [Fact]
    public async Task Gemini_Errors_AreSorted()
    {
        (await world.FaultAsync(Providers.Gemini, GeminiTranscripts.WrongKey))
            .Code.Should()
            .Be(ErrorCode.Auth, "Google answers 400 to a wrong key");
        (await world.FaultAsync(Providers.Gemini, GeminiTranscripts.TooFast))
            .Should()
            .BeEquivalentTo(
                new { Code = ErrorCode.RateLimited, RetryAfter = TimeSpan.FromSeconds(34.5) },
                "Google says the wait in the body"
            );
        (await world.FaultAsync(Providers.Gemini, GeminiTranscripts.Overloaded)).Code.Should().Be(ErrorCode.ProviderError);
        (await world.FaultAsync(Providers.Gemini, GeminiTranscripts.TooLong)).Code.Should().Be(ErrorCode.ContextTooLong);
    }

    [Fact]
    public async Task Models_AreThoseThatChat()
    {
        (await world.ListModelsAsync(Providers.OpenAI, OpenAITranscripts.Models))
            .Should()
            .Equal(new OfferedModel("gpt-4.1", null, new DateOnly(2027, 1, 14)), new OfferedModel("gpt-4o-mini", null));
        world.Server.Last.Path.Should().Be("/models");
        (await world.ListModelsAsync(Providers.AzureOpenAI, OpenAITranscripts.Models)).Should().HaveCount(2);
        (world.Server.Last.Path, world.Server.Last.Headers["api-key"]).Should().Be(("/openai/v1/models", ProviderWorld.Key));
        (await world.ListModelsAsync(Providers.Gemini, GeminiTranscripts.Models))
            .Select(model => model.Id)
            .Should()
            .Equal("gemini-2.5-flash", "gemini-2.5-pro");
        world.Server.Last.Path.Should().Be("/v1beta/openai/models");
        (await world.ListModelsAsync(Providers.OpenAICompatible, OpenAITranscripts.Models))
            .Should()
            .HaveCount(3, "nobody knows how such a server names its models");
    }

    [Theory]
    [InlineData(Providers.OpenAI, 401, "apiKey")]
    [InlineData(Providers.Anthropic, 401, "apiKey")]
    [InlineData(Providers.Gemini, 404, "endpoint")]
    [InlineData(Providers.Ollama, 500, "model")]
    public async Task Models_ThatCannotBeListed_SayWhyAtTheField(string provider, int status, string field)
    {
        world.Server.Script = _ => Transcript.Json(status, """{"error": {"type": "some_error", "message": "As they say."}}""");
        var content = new ModelProfileContent
        {
            Provider = provider,
            Endpoint = world.Server.Address,
            ApiKey = ProviderWorld.Key,
            Parameters = new ModelParameters { Temperature = null },
        };

        var problem = (
            await world
                .Host.Get<ModelTrialService>()
                .ListModelsAsync(world.Admin.Actor, null, content, TestContext.Current.CancellationToken)
        ).Problem!;

        problem
            .Errors.Should()
            .ContainSingle()
            .Which.Should()
            .Match<FieldError>(error =>
                error.Field == field && error.Message.Contains("As they say.") && !error.Message.Contains("canary")
            );
    }
}
