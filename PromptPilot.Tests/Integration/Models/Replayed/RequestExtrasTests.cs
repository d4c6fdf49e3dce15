using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Extras;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>What a profile adds to its calls, as it is sent.</summary>
public sealed class RequestExtrasTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.Anthropic)]
    [InlineData(Providers.Ollama)]
    public async Task ExtraBody_IsAddedToTheBody(string provider)
    {
        await world.CallAsync(
            provider,
            AnswerOf(provider),
            p =>
            {
                p.ExtraBody = """{"top_k": 40, "options": {"num_ctx": 8192}}""";
                p.Parameters = new ModelParameters { Temperature = null, MaxTokens = 33 };
            }
        );

        var body = world.Server.Last.Body;
        (body.GetProperty("top_k").GetInt32(), body.GetProperty("options").GetProperty("num_ctx").GetInt32()).Should().Be((40, 8192));
        body.GetProperty("model").GetString().Should().Be("fake-1");
        body.GetProperty("stream").GetBoolean().Should().BeTrue();
        body.GetProperty("messages").GetArrayLength().Should().BePositive();
        if (provider == Providers.Ollama)
        {
            body.GetProperty("options").GetProperty("num_predict").GetInt32().Should().Be(33, "objects are merged");
        }
    }

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.Anthropic)]
    [InlineData(Providers.Ollama)]
    public async Task ExtraHeaders_AreSent(string provider)
    {
        var keys = world.Host.Get<ModelKeys>();
        await world.CallAsync(
            provider,
            AnswerOf(provider),
            p =>
                p.ExtraHeaders = keys.Encrypt(
                    ExtraHeaders.Write(new Dictionary<string, string> { ["OpenAI-Project"] = "proj_1", ["X-Team"] = "a b" })
                )
        );

        var headers = world.Server.Last.Headers;
        (headers["OpenAI-Project"], headers["X-Team"]).Should().Be(("proj_1", "a b"));
    }

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.OpenAICompatible)]
    public async Task Seed_IsSent(string provider)
    {
        await world.CallAsync(provider, AnswerOf(provider), p => p.Parameters = new ModelParameters { Temperature = null, Seed = 7 });

        world.Number("seed").Should().Be(7);
    }

    [Fact]
    public async Task Ollama_Seed_IsAnOption()
    {
        await world.CallAsync(Providers.Ollama, OllamaTranscripts.Answer(), p => p.Parameters = new ModelParameters { Seed = 7 });

        world.Server.Last.Body.GetProperty("options").GetProperty("seed").GetInt32().Should().Be(7);
    }

    [Theory]
    [InlineData("""{"model": "x"}""", "cannot set “model”")]
    [InlineData("""{"messages": []}""", "cannot set “messages”")]
    [InlineData("""{"Stream": false}""", "cannot set “Stream”")]
    [InlineData("""{"provider": {"order": ["x"]}}""", "cannot set “provider”")]
    [InlineData("""{"service_tier": "priority"}""", "cannot set “service_tier”")]
    [InlineData("""{"tools": []}""", "cannot set “tools”")]
    [InlineData("""{"max_tokens": 9}""", "cannot set “max_tokens”")]
    [InlineData("""{"n": 9}""", "cannot set “n”")]
    [InlineData("""{"options": {"num_predict": 9}}""", "cannot set “num_predict”")]
    [InlineData("""{"temperature": 1}""", "in its own field")]
    [InlineData("""{"a": 1, "a": 2}""", "twice")]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("{", "not valid JSON")]
    public async Task ExtraBody_ThatWouldChangeTheCall_IsRefused(string body, string message) =>
        (await ErrorAsync(Content() with { ExtraBody = body })).Should().Contain(message);

    [Fact]
    public async Task ExtraBody_TooLong_IsRefused() =>
        (await ErrorAsync(Content() with { ExtraBody = $$"""{"a": "{{new string('x', 9000)}}"}""" })).Should().Contain("at most 8 KB");

    [Theory]
    [InlineData("Authorization", "x", "cannot be set")]
    [InlineData("Host", "x", "cannot be set")]
    [InlineData("X-Forwarded-For", "1.2.3.4", "cannot be set")]
    [InlineData("X-A b", "x", "cannot be set")]
    [InlineData("X-Team", "a\r\nHost: b", "printable ASCII")]
    [InlineData("X-Team", "", "1 to 2,000")]
    public async Task ExtraHeader_ThatIsNotAllowed_IsRefused(string name, string value, string message) =>
        (await ErrorAsync(Content() with { ExtraHeaders = new Dictionary<string, string?> { [name] = value } })).Should().Contain(message);

    [Fact]
    public async Task ExtraHeaders_AreStoredEncrypted_KeptByNameAndBoundToTheirAddress()
    {
        var service = world.Host.Service;
        var content = Content() with
        {
            ExtraHeaders = new Dictionary<string, string?> { ["X-Team"] = "canary-header", ["X-Old"] = "old" },
        };
        var created = (await service.CreateAsync(world.Admin.Actor, content, Token)).Value;
        created.ExtraHeaders.Should().Equal("X-Old", "X-Team");
        JsonSerializer.Serialize(created).Should().NotContain("canary-header");

        var kept = content with { ExtraHeaders = new Dictionary<string, string?> { ["X-Team"] = null } };
        (await service.UpdateAsync(world.Admin.Actor, created.Id, kept, null, Token)).Value.ExtraHeaders.Should().Equal("X-Team");
        await using var db = await world.Host.Database.Contexts.CreateDbContextAsync(Token);
        var stored = db.ModelProfiles.Single(p => p.Id == created.Id).ExtraHeaders!;
        stored.Should().NotContain("canary-header");
        ExtraHeaders.Read(world.Host.Get<ModelKeys>().Decrypt(stored)).Should().Contain("X-Team", "canary-header").And.HaveCount(1);

        var moved = kept with { Endpoint = "https://elsewhere.example/v1", ApiKey = "sk-new" };
        (await service.UpdateAsync(world.Admin.Actor, created.Id, moved, null, Token))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Message.Should()
            .Contain("Enter the values of the extra headers again");
    }

    private async Task<string?> ErrorAsync(ModelProfileContent content) =>
        (await world.Host.Service.CreateAsync(world.Admin.Actor, content, Token)).Problem?.Errors.Single().Message;

    private static ModelProfileContent Content() =>
        new()
        {
            Name = $"Extras {Guid.NewGuid():N}",
            Provider = Providers.OpenAICompatible,
            Endpoint = "https://models.example/v1",
            Model = "m",
            ApiKey = "sk-old",
            Parameters = new ModelParameters { Temperature = null },
        };

    private static Transcript AnswerOf(string provider) =>
        provider switch
        {
            Providers.Anthropic => AnthropicTranscripts.Answer(),
            Providers.Ollama => OllamaTranscripts.Answer(),
            _ => OpenAITranscripts.Answer(),
        };
}
