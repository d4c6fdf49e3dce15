using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>What a step changes about a call, read from the body that arrives over real HTTP.</summary>
public sealed class StructuredOutputTests : IAsyncLifetime
{
    private const string Closed =
        """{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"array","items":{"$ref":"#/$defs/c"}}},"required":["a","b"],"additionalProperties":false,"$defs":{"c":{"const":"x"}}}""";
    private const string Open = """{"type":"object","properties":{"a":{"type":"string"}}}""";

    private ModelsHost _host = null!;
    private FakeModelServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ModelsHost.StartAsync(null);
        _server = await FakeModelServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(Providers.OpenAI, "max_completion_tokens")]
    [InlineData(Providers.OpenAICompatible, "max_tokens")]
    public async Task Parameters_OfTheStep_GoOverTheProfiles(string provider, string maxTokens)
    {
        var profile = await _host.AddProfileAsync(
            _server.Endpoint,
            provider,
            change: p =>
                p.Parameters = new ModelParameters
                {
                    Temperature = 0.25,
                    MaxTokens = 321,
                    TopP = 0.9,
                }
        );
        var request = new ModelRequest(profile.Id, "summary", null, "Go.");

        await _host.CallAsync(request with { Parameters = new ParameterChanges(Temperature: 1.5) });
        await _host.CallAsync(request with { Parameters = new ParameterChanges(MaxTokens: 9) });
        await _host.CallAsync(request with { Parameters = new ParameterChanges(0, 10, 0.5) });
        await _host.CallAsync(request);

        _server
            .Calls.Select(call => (Number(call, "temperature"), Number(call, maxTokens), Number(call, "top_p")))
            .Should()
            .Equal((1.5, 321, 0.9), (0.25, 9, 0.9), (0, 10, 0.5), (0.25, 321, 0.9));
        _server.Calls.Count(HasFormat).Should().Be(0);
    }

    [Fact]
    public async Task Parameters_OfTheStep_CountForTheOfflineModelToo()
    {
        var profile = await _host.AddProfileAsync(null, Providers.Offline);
        var request = new ModelRequest(
            profile.Id,
            "summary",
            null,
            "Summarize:\n\nThe team met on Monday and agreed to ship the long awaited report on Friday."
        );

        (await _host.CallAsync(request with { Parameters = new ParameterChanges(MaxTokens: 4) })).Truncated.Should().BeTrue();
        (await _host.CallAsync(request)).Truncated.Should().BeFalse();
    }

    [Theory]
    [InlineData(Providers.OpenAI, Closed, true)]
    [InlineData(Providers.OpenAI, Open, false)]
    [InlineData(Providers.Gemini, Closed, true)]
    [InlineData(Providers.Gemini, Open, false)]
    [InlineData(Providers.Gemini, """{"type":"array","items":{"type":"string"}}""", false)]
    [InlineData(Providers.OpenAICompatible, Open, false)]
    public async Task Schema_WhereTheProviderHasStructuredOutput_IsSent(string provider, string schema, bool isStrict)
    {
        await CallAsync(provider, "Make an object.", schema);

        var format = _server.Calls.Single().Body.GetProperty("response_format");
        format.GetProperty("type").GetString().Should().Be("json_schema");
        var sent = format.GetProperty("json_schema");
        sent.GetProperty("name").GetString().Should().Be("output");
        JsonElement
            .DeepEquals(sent.GetProperty("schema"), JsonElement.Parse(Sent(provider, schema)))
            .Should()
            .BeTrue(sent.GetProperty("schema").GetRawText());
        (sent.TryGetProperty("strict", out var strict) && strict.ValueKind == JsonValueKind.True).Should().Be(isStrict);
        _server.Calls.Single().Body.GetProperty("stream").GetBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(Providers.OpenAI, """{"type":"array"}""", "Give me JSON.", "OpenAI takes schemas of objects only")]
    [InlineData(Providers.OpenAI, null, "Go.", "OpenAI refuses json_object when the prompt does not say JSON")]
    [InlineData(Providers.OpenAICompatible, null, "Give me JSON.", "many such servers refuse json_object")]
    public async Task Format_ThatWouldBeRefused_IsNotSent(string provider, string? schema, string prompt, string because)
    {
        await CallAsync(provider, prompt, schema);

        HasFormat(_server.Calls.Single()).Should().BeFalse(because);
    }

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.Gemini)]
    public async Task JsonWithoutSchema_WhenThePromptSaysJson_AsksForAnObject(string provider)
    {
        await CallAsync(provider, "Answer in json.", null);

        _server.Calls.Single().Body.GetProperty("response_format").GetRawText().Should().Be("""{"type":"json_object"}""");
    }

    [Fact]
    public async Task Profile_WithoutStructuredOutput_SendsNoFormat()
    {
        await CallAsync(Providers.OpenAICompatible, "Give me JSON.", Open, structured: false);
        await CallAsync(Providers.OpenAI, "Give me JSON.", null, structured: false);

        _server.Calls.Select(HasFormat).Should().Equal(false, false);
    }

    [Fact]
    public void Settings_OfCallsThatAreAlike_AreTheSameObject()
    {
        var settings = new CallSettings(
            new ModelProfile
            {
                Name = "x",
                NormalizedName = "X",
                Provider = Providers.OpenAI,
                Model = "m",
                StructuredOutput = true,
            }
        );
        var plain = new ModelRequest("x", "summary", null, "Go.");
        var changed = plain with { Parameters = new ParameterChanges(MaxTokens: 7), AsJson = true, JsonSchema = JsonElement.Parse(Open) };

        settings
            .For(plain)
            .Should()
            .BeSameAs(settings.For(plain with { Messages = ModelMessage.Of(null, "Other."), FunctionName = "other" }));
        settings
            .For(changed)
            .Should()
            .BeSameAs(settings.For(changed with { Parameters = new ParameterChanges(MaxTokens: 7), JsonSchema = JsonElement.Parse(Open) }));
        settings.For(changed).Should().NotBeSameAs(settings.For(plain));
        settings.For(changed).Should().NotBeSameAs(settings.For(changed with { JsonSchema = JsonElement.Parse(Closed) }));
    }

    private async Task CallAsync(string provider, string prompt, string? schema, bool structured = true)
    {
        var profile = await _host.AddProfileAsync(_server.Endpoint, provider, change: p => p.StructuredOutput = structured);
        await _host.CallAsync(
            new ModelRequest(profile.Id, "summary", null, prompt)
            {
                AsJson = true,
                JsonSchema = schema is null ? null : JsonElement.Parse(schema),
            }
        );
    }

    /// <summary>A constant has its type with strict servers, and is a choice of one with Gemini.</summary>
    private static string Sent(string provider, string schema) =>
        schema.Replace(
            """{"const":"x"}""",
            provider == Providers.Gemini ? """{"enum":["x"],"type":"string"}""" : """{"const":"x","type":"string"}""",
            StringComparison.Ordinal
        );

    private static bool HasFormat(FakeCall call) => call.Body.TryGetProperty("response_format", out _);

    private static double Number(FakeCall call, string field) => call.Body.GetProperty(field).GetDouble();
}
