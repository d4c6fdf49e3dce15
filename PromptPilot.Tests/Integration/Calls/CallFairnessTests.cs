using System.Diagnostics;
using System.Net;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Calls of one key that wait for a busy model profile do not delay those of another.</summary>
[Collection(CallTests.Name)]
public sealed class CallFairnessTests : IAsyncDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(40);

    private readonly CallWorld _world;

    public CallFairnessTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task SingleCall_BesideManyOfAnotherKey_ComesAfterOneOfThem()
    {
        _world.Model.Script = _ => FakeAnswer.Of("Done.") with { FirstTokenDelay = Duration };
        var many = Samples.Count(80, 500);
        var profile = await _world.Api.AddProfileAsync(_world.Model.Endpoint, "Busy", new { concurrentCalls = 2 });
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator, Permission.Run);
        using var greedy = _world.Portal.CreateClient(person);
        var key = await _world.Portal.Get<ApiKeyService>().CreateAsync(person.Actor, new NewApiKey("another", Permission.Run), Token);
        using var modest = _world.Portal.CreateClient(key.Value.Key);
        var before = _world.Model.Calls.Count;
        var done = 0;
        var calls = Enumerable
            .Range(0, many)
            .Select(async i =>
            {
                var status = await CallAsync(greedy, profile, $"greedy {i}");
                Interlocked.Increment(ref done);
                return status;
            })
            .ToList();
        await Eventually.HoldsAsync(() => _world.Model.Calls.Count >= before + 10, "calls of the first key to be made");

        var (doneBefore, started) = (Volatile.Read(ref done), Stopwatch.StartNew());
        var answer = await CallAsync(modest, profile, "modest");
        var (waited, overtaken) = (started.Elapsed, Volatile.Read(ref done) - doneBefore);

        answer.Should().Be(HttpStatusCode.OK);
        overtaken.Should().BeLessThan(many / 3, "the other key has a line of its own");
        (await Task.WhenAll(calls)).Should().OnlyContain(status => status == HttpStatusCode.OK || status == HttpStatusCode.TooManyRequests);
        TestContext.Current.SendDiagnosticMessage(
            $"{many} calls wait; the single one took {waited.TotalMilliseconds:0} ms and {overtaken} of the others ended before it"
        );
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{many} calls wait; the single one took {waited.TotalMilliseconds:0} ms and {overtaken} of the others ended before it"
        );
    }

    [Fact]
    public async Task CallThatIsCancelledWhileItWaits_UsesNoPermit()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call =>
            call.Prompt.Contains("held", StringComparison.Ordinal) ? FakeAnswer.Of("Done.") with { Gate = gate.Task } : null;
        var profile = await _world.Api.AddProfileAsync(_world.Model.Endpoint, "One at a time", new { concurrentCalls = 1 });
        using var client = await _world.AddKeyAsync(Permission.Run);
        var before = _world.Model.Calls.Count;
        var held = CallAsync(client, profile, "held");
        await Eventually.HoldsAsync(() => _world.Model.Calls.Count > before, "the first call");
        using var leaves = new CancellationTokenSource();
        var leaving = CallAsync(client, profile, "leaves", leaves.Token);
        var last = CallAsync(client, profile, "last");
        await leaves.CancelAsync();
        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();

        gate.SetResult();

        (await held).Should().Be(HttpStatusCode.OK);
        (await last).Should().Be(HttpStatusCode.OK);
        (await CallAsync(client, profile, "later")).Should().Be(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient client, string profile, string ticket, CancellationToken? until = null)
    {
        using var content = System.Net.Http.Json.JsonContent.Create(new { model = profile, variables = new { ticket } });
        using var answer = await client.PostAsync(
            new Uri($"/api/v1/{CallWorld.Address}/complete", UriKind.Relative),
            content,
            until ?? Token
        );
        return answer.StatusCode;
    }
}
