using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>A key is replaced while calls go on, is tried before it counts, and goes nowhere it was not typed for.</summary>
public sealed class KeyRotationTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    private const string NewKey = "sk-canary-new-9876543210";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Providers.Anthropic, "x-api-key", "")]
    [InlineData(Providers.OpenAI, "Authorization", "Bearer ")]
    [InlineData(Providers.Ollama, "Authorization", "Bearer ")]
    public async Task Replaced_WhileACallStreams_TheCallEndsWithTheOldOne_AndTheNextTakesTheNew(
        string provider,
        string header,
        string scheme
    )
    {
        var gate = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        var view = await CreateAsync(provider);
        var answer = AnswerOf(provider);
        world.Server.Script = call => answer with { Gate = call.Headers[header] == scheme + ProviderWorld.Key ? gate.Task : null };
        var before = world.Server.Calls.Count;
        var underWay = world.Host.Gateway.CallAsync(new ModelRequest(view.Id, "a", null, "Go."), _ => first.TrySetResult(), Token);
        await first.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);

        var replaced = (
            await world.Host.Service.UpdateAsync(world.Admin.Actor, view.Id, Content(provider, NewKey), view.Revision, Token)
        ).Value;
        var next = await world.Host.Gateway.CallAsync(new ModelRequest(view.Id, "b", null, "Go."), static _ => { }, Token);
        next.Fault.Should().BeNull();
        underWay.IsCompleted.Should().BeFalse();
        gate.SetResult();
        (await underWay).Fault.Should().BeNull("the call under way has lost nothing");

        world.Server.Calls.Skip(before).Select(call => call.Headers[header]).Should().Equal(scheme + ProviderWorld.Key, scheme + NewKey);
        replaced.ApiKeySetAt.Should().BeOnOrAfter(view.ApiKeySetAt!.Value);
        JsonSerializer.Serialize(replaced, AppJson.Options).Should().NotContain("canary");
    }

    [Fact]
    public async Task Trial_OfANewKey_ChangesNothing_AndCallsWithIt()
    {
        var view = await CreateAsync(Providers.Anthropic);
        world.Server.Script = call =>
            call.Headers["x-api-key"] == NewKey
                ? AnthropicTranscripts.Error(401, "authentication_error", $"invalid x-api-key {NewKey}")
                : AnthropicTranscripts.Answer();
        var trials = world.Host.Get<ModelTrialService>();

        var bad = (await trials.TestAsync(world.Admin.Actor, view.Id, Content(Providers.Anthropic, NewKey), Token)).Value;
        var stored = (await trials.TestAsync(world.Admin.Actor, view.Id, Content(Providers.Anthropic, null), Token)).Value;

        bad.Fault!.Code.Should().Be(ErrorCode.Auth);
        bad.Fault.Message.Should().NotContain("canary");
        (stored.Fault, stored.Answer, stored.CachedTokens).Should().Be((null, "Hello!", 65));
        (await world.Host.Service.FindAsync(world.Admin.Actor, view.Id, Token)).Value.Revision.Should().Be(view.Revision);
    }

    [Fact]
    public async Task Trial_AtAnotherAddress_NeedsTheKeyAgain_AndPrivateAddressesStayClosed()
    {
        var view = await CreateAsync(Providers.Anthropic);
        var trials = world.Host.Get<ModelTrialService>();
        var elsewhere = Content(Providers.Anthropic, null) with { Endpoint = "https://elsewhere.example.org" };
        var inside = Content(Providers.Anthropic, NewKey) with { Endpoint = "https://10.0.0.1" };

        foreach (var (content, field) in new[] { (elsewhere, "apiKey"), (inside, "endpoint") })
        {
            (await trials.TestAsync(world.Admin.Actor, view.Id, content, Token))
                .Problem!.Errors.Select(error => error.Field)
                .Should()
                .Equal(field);
            (await trials.ListModelsAsync(world.Admin.Actor, view.Id, content, Token))
                .Problem!.Errors.Select(error => error.Field)
                .Should()
                .Equal(field);
        }
    }

    [Fact]
    public async Task Stored_IsEncrypted_AndItsTimeGoesWithIt()
    {
        var view = await CreateAsync(Providers.Gemini);
        view.ApiKeySetAt.Should().NotBeNull();
        await using (var db = await world.Host.OpenAsync())
        {
            (await db.ModelProfiles.SingleAsync(p => p.Id == view.Id, Token)).ApiKey.Should().NotContain("canary");
        }

        var kept = (await world.Host.Service.UpdateAsync(world.Admin.Actor, view.Id, Content(Providers.Gemini, null), null, Token)).Value;
        kept.ApiKeySetAt.Should().Be(view.ApiKeySetAt);
        (await world.Host.Service.UpdateAsync(world.Admin.Actor, view.Id, Content(Providers.Gemini, ""), null, Token))
            .Problem!.Errors.Single()
            .Message.Should()
            .Be("Gemini needs an API key.");
    }

    private static Transcript AnswerOf(string provider) =>
        provider switch
        {
            Providers.Anthropic => AnthropicTranscripts.Answer(),
            Providers.Ollama => OllamaTranscripts.Answer(),
            _ => OpenAITranscripts.Answer(),
        };

    private ModelProfileContent Content(string provider, string? key) =>
        new()
        {
            Name = _name,
            Provider = provider,
            Endpoint = world.Server.Address,
            Model = "fake-1",
            ApiKey = key,
            Parameters = new ModelParameters { Temperature = null },
        };

    private async Task<ModelProfileView> CreateAsync(string provider) =>
        (await world.Host.Service.CreateAsync(world.Admin.Actor, Content(provider, ProviderWorld.Key), Token)).Value;

    private readonly string _name = $"Rotated {Guid.NewGuid():N}";
}
