using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Api.Calls;
using PromptPilot.Web.Features.Chat;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Hostile callers of prompts and chats who have a valid key.</summary>
[Collection(CallTests.Name)]
public sealed class HostileCallTests(CallWorld world)
{
    private static readonly string Model = JsonSerializer.Serialize($"prompt/{CallWorld.PromptName}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_ThatLeaves_CostsNothing_UntilItsCallHasEnded()
    {
        var live = world.Portal.Get<LiveCall>();
        var person = await world.Portal.AddPersonAsync(Role.Admin);
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var client = new CancellationTokenSource();
        var call = live.MakeAsync(
            person.Actor,
            async (_, _) =>
            {
                begun.SetResult();
                await end.Task;
                return 1;
            },
            (_, _) => Task.CompletedTask,
            _ => Task.CompletedTask,
            client.Token
        );
        await begun.Task;

        // A loop that did not notice this would go round without a pause until the call has ended, and then return its result.
        var leaving = Task.Run(client.Cancel, Token);
        try
        {
            await leaving.WaitAsync(TimeSpan.FromSeconds(10), Token);
        }
        finally
        {
            end.SetResult();
        }

        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Client_ThatLeavesBeforeTheFirstText_PaysForWhatTheModelReads()
    {
        var calls = world.Model.Calls.Count;
        world.Model.Script = _ => FakeAnswer.Of("Never") with { Gate = new TaskCompletionSource().Task };
        var ticket = $"Left early {Guid.NewGuid()}";
        using (var client = await world.AddKeyAsync(Permission.Run))
        {
            using var leave = new CancellationTokenSource();
            var call = client.PostAsync(
                new Uri($"/api/v1/{CallWorld.Address}/complete", UriKind.Relative),
                JsonContent.Create(new { variables = new { ticket }, model = world.ProfileId }),
                leave.Token
            );
            await Eventually.HoldsAsync(() => world.Model.Calls.Count > calls, "the model to be called");
            await leave.CancelAsync();
            await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();
        }

        world.Model.Script = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await world.Portal.Contexts.CreateDbContextAsync(Token);
                return await db.ExecutionLogs.AnyAsync(
                    log => log.ErrorCode == ErrorCode.Cancelled && log.Output == "" && log.InputTokens > 5 && log.OutputTokens == 0,
                    Token
                );
            },
            "the cancelled call to be logged with what was read"
        );
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"model":"\ud800","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"\u0000","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"PADDED","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"M","messages":[{"role":"\ud800","content":"x"}]}""")]
    [InlineData("""{"model":"M","messages":[{"\ud800":1}]}""")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":[{"type":"\udc00","text":"x"}]}]}""")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"response_format":{"type":"\ud800"}}""")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"response_format":{"\ud800":1}}""")]
    [InlineData("""{"model":"prompt/Two","messages":[{"role":"user","content":"{\"\\ud800\":1}"}]}""")]
    public async Task Chat_WithInvalidText_Is400(string body)
    {
        await AddTwoAsync();
        var padded = JsonSerializer.Serialize($"prompt/{CallWorld.PromptName}{new string(' ', 1000)}");
        body = body.Replace("\"M\"", Model, StringComparison.Ordinal).Replace("\"PADDED\"", padded, StringComparison.Ordinal);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await world.Api.Http.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, Token);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync(Token));
        (await CallWorld.JsonAsync(answer)).GetProperty("error").Text("message").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("/v1/%6Dodels/x/v1/models")]
    [InlineData("/v1/%6Dodels/v1/models")]
    [InlineData("/v1/%6Dodels/v1/models/")]
    public async Task Model_AtAnAddressWithOtherEscapes_IsNotFound(string address)
    {
        using var answer = await world.Api.Http.GetAsync(
            new Uri(
                world.Portal.BaseAddress.GetLeftPart(UriPartial.Authority) + address,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            ),
            Token
        );
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Chat_ThatIsRefusedAfterASignOfLife_EndsItsStreamWithAnError()
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        var request = new ChatRequest("prompt/x", [], IsStreamed: true, WithUsage: false, Parameters: null);
        var answer = new ChatAnswer(http, request, DateTimeOffset.UnixEpoch);
        await answer.BeatAsync(Token);
        var result = await answer.RefuseAsync(new Problem(ProblemKind.TooMany, "At its limit.", []), Token);

        result.Should().Be(Results.Empty);
        Encoding.UTF8.GetString(body.ToArray()).Should().Contain("rate_limit_exceeded").And.Contain("At its limit.");
    }

    [Fact]
    public async Task Variables_ThatAreAllUnknown_GetAShortAnswer()
    {
        var variables = Enumerable.Range(0, 5000).ToDictionary(i => $"{new string('x', 500)}{i}", _ => 1);
        using var answer = await CallWorld.PostAsync(world.Api.Http, $"{CallWorld.Address}/render", new { variables });
        var text = await answer.Content.ReadAsStringAsync(Token);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        text.Length.Should().BeLessThan(200_000);
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("details").GetArrayLength().Should().Be(Problem.MostErrors);
    }

    [Fact]
    public async Task Report_WhoseInputsHaveLongNames_IsRefused()
    {
        var input = new Dictionary<string, int> { [new string('x', 1_000_001)] = 1 };
        var report = new
        {
            promptVersionId = world.VersionId,
            model = "m",
            input,
            output = "",
        };
        using var answer = await CallWorld.PostAsync(world.Api.Http, "execution-logs", report);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CallWorld.JsonAsync(answer)).GetProperty("errors").TryGetProperty("input", out _).Should().BeTrue();
    }

    [Fact]
    public async Task LongWrites_OfOthers_DoNotHoldUpReaders()
    {
        var person = await world.Portal.AddPersonAsync(Role.Viewer);
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Token))
        {
            var before = DateTime.UtcNow.AddHours(-1);
            await db
                .ApiKeys.Where(key => key.Id == person.ApiKeyId)
                .ExecuteUpdateAsync(key => key.SetProperty(one => one.LastUsedAt, before), Token);
        }

        using var client = world.Portal.CreateClient(person);
        using var write = await world.Portal.Get<WriteGate>().EnterAsync("a long write", Token);
        using var answer = await client
            .GetAsync(new Uri("/api/v1/prompts?limit=1", UriKind.Relative), Token)
            .WaitAsync(TimeSpan.FromSeconds(15), Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    /// <summary>A prompt that takes its values as JSON in a message.</summary>
    private async Task AddTwoAsync()
    {
        using var found = await world.Api.Http.GetAsync(new Uri("/api/v1/prompts/by-name/Two", UriKind.Relative), Token);
        if (found.StatusCode == HttpStatusCode.NotFound)
        {
            await world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Two", content = "{{ a }} {{ b }}" });
        }
    }
}
