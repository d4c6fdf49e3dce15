using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>Ollama's own API.</summary>
public sealed class OllamaProviderTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    [Theory]
    [InlineData("\"done_reason\": \"stop\", ", false)]
    [InlineData("\"done_reason\": \"length\", ", true)]
    [InlineData("", false)]
    public async Task Answer_GivesItsPiecesUsageAndModel(string doneReason, bool truncated)
    {
        var (reply, pieces) = await world.CallAsync(Providers.Ollama, OllamaTranscripts.Answer(doneReason));

        reply.Fault.Should().BeNull();
        (reply.Text, reply.ModelUsed, reply.InputTokens, reply.OutputTokens, reply.Truncated)
            .Should()
            .Be(("The sky", "llama3.2", 26, 282, truncated));
        pieces.Should().Equal("The", " sky");
    }

    [Fact]
    public async Task Call_IsAsTheReferenceHasIt()
    {
        await world.CallAsync(
            Providers.Ollama,
            OllamaTranscripts.Answer(),
            p =>
                p.Parameters = new ModelParameters
                {
                    Temperature = 0.25,
                    MaxTokens = 321,
                    TopP = 0.9,
                    Stop = ["user:"],
                }
        );

        var call = world.Server.Last;
        (call.Method, call.Path).Should().Be(("POST", "/api/chat"));
        call.Headers["Authorization"].Should().Be("Bearer " + ProviderWorld.Key, "an Ollama behind a gateway, or Ollama's own cloud");
        call.Body.GetProperty("model").GetString().Should().Be("fake-1");
        call.Body.GetProperty("stream").GetBoolean().Should().BeTrue();
        var options = call.Body.GetProperty("options");
        (
            options.GetProperty("temperature").GetDouble(),
            options.GetProperty("top_p").GetDouble(),
            options.GetProperty("num_predict").GetInt32()
        )
            .Should()
            .Be((0.25, 0.9, 321));
        options.GetProperty("stop").EnumerateArray().Select(stop => stop.GetString()).Should().Equal("user:");
        call.Body.GetProperty("messages")
            .EnumerateArray()
            .Select(m => (m.GetProperty("role").GetString(), m.GetProperty("content").GetString()))
            .Should()
            .Equal(("system", "Be brief."), ("user", "Say hello."));
    }

    [Fact]
    public async Task Sampling_ThatIsNotSet_IsLeftToTheModel()
    {
        await world.CallAsync(
            Providers.Ollama,
            OllamaTranscripts.Answer(),
            p => (p.ApiKey, p.Parameters) = (null, new ModelParameters { Temperature = null, MaxTokens = 9 })
        );

        var call = world.Server.Last;
        call.Body.GetProperty("options").EnumerateObject().Select(option => option.Name).Should().Equal("num_predict");
        call.Headers.Should().NotContainKey("Authorization");
    }

    [Fact]
    public async Task Json_IsAskedForByFormat()
    {
        var schema = """{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}""";
        var request = new ModelRequest("", "summary", null, "Give JSON.") { AsJson = true, JsonSchema = JsonElement.Parse(schema) };

        await world.CallAsync(Providers.Ollama, OllamaTranscripts.Answer(), p => p.StructuredOutput = true, request);
        JsonElement.DeepEquals(world.Server.Last.Body.GetProperty("format"), JsonElement.Parse(schema)).Should().BeTrue();

        await world.CallAsync(
            Providers.Ollama,
            OllamaTranscripts.Answer(),
            p => p.StructuredOutput = true,
            request with
            {
                JsonSchema = null,
            }
        );
        world.Server.Last.Body.GetProperty("format").GetString().Should().Be("json");

        await world.CallAsync(Providers.Ollama, OllamaTranscripts.Answer(), p => p.StructuredOutput = false, request);
        world.SentFields.Should().NotContain("format");
    }

    [Theory]
    [InlineData(400, "invalid options: temperature", ErrorCode.BadRequest)]
    [InlineData(401, "unauthorized", ErrorCode.Auth)]
    [InlineData(404, "model 'llama9' not found", ErrorCode.ModelUnavailable)]
    [InlineData(429, "too many requests", ErrorCode.RateLimited)]
    [InlineData(500, "model runner has unexpectedly stopped", ErrorCode.ProviderError)]
    [InlineData(503, "server busy, please try again. maximum pending requests exceeded", ErrorCode.ProviderError)]
    public async Task Errors_AreSorted(int status, string message, ErrorCode expected)
    {
        var fault = await world.FaultAsync(Providers.Ollama, OllamaTranscripts.Error(status, message));

        fault.Code.Should().Be(expected);
        fault.Message.Should().EndWith($"It says: {message}");
    }

    [Fact]
    public async Task TooFast_KeepsRetryAfter() =>
        (
            await world.FaultAsync(
                Providers.Ollama,
                OllamaTranscripts.Error(429, "slow down") with
                {
                    Headers = new Dictionary<string, string> { ["Retry-After"] = "3" },
                }
            )
        )
            .RetryAfter.Should()
            .Be(TimeSpan.FromSeconds(3));

    [Fact]
    public async Task ErrorInTheStream_IsAFaultWithTheTextSoFar()
    {
        var (reply, _) = await world.CallAsync(Providers.Ollama, OllamaTranscripts.ErrorInStream);

        (reply.Fault!.Code, reply.Text).Should().Be((ErrorCode.ProviderError, "The"));
        reply.Fault.Message.Should().Contain("an error was encountered while running the model");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StreamThatBreaksOff_IsIncomplete(bool isCut)
    {
        var answer = OllamaTranscripts.Answer();

        var (reply, _) = await world.CallAsync(Providers.Ollama, isCut ? answer.CutAfter(2) : answer.EndAfter(2));

        (reply.Fault!.Code, reply.Text).Should().Be((ErrorCode.IncompleteStream, "The sky"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/api")]
    [InlineData("/api/chat")]
    public async Task Endpoint_AsPeoplePasteIt_LeadsToTheSamePath(string path)
    {
        await world.CallAsync(Providers.Ollama, OllamaTranscripts.Answer(), p => p.Endpoint += path);

        world.Server.Last.Path.Should().Be("/api/chat");
    }

    [Fact]
    public async Task Models_AreThoseThatArePulled_AndAnswer()
    {
        (await world.ListModelsAsync(Providers.Ollama, OllamaTranscripts.Models))
            .Select(model => model.Id)
            .Should()
            .Equal("deepseek-r1:latest", "llama3.2:latest");

        world.Server.Last.Path.Should().Be("/api/tags");
    }
}
