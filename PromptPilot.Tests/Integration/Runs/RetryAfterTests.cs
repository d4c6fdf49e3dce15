using System.Globalization;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// What a provider asks for by Retry-After is kept, as the fake server's own clock sees it; and only by those it is said to. The portal has
/// a single slot and parks after 200 ms.
/// </summary>
public sealed class RetryAfterTests : IAsyncLifetime
{
    private readonly FaultBench _bench = new();

    public async ValueTask InitializeAsync()
    {
        _bench.Settings["PromptPilot:Runs:MaxConcurrentRuns"] = "1";
        _bench.Settings["PromptPilot:Runs:ParkAfterSeconds"] = "0.2";
        await _bench.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_InSeconds_IsKept(int status)
    {
        var mark = _bench.Mark((_, call) => call == 1 ? FakeAnswer.Error(status, retryAfter: "1") : FakeAnswer.Of("fine"));

        var run = await _bench.RunAsync(await _bench.AddWorkflowAsync(await _bench.AddProfileAsync()), mark);

        run.Text("status").Should().Be("succeeded");
        var calls = _bench.CallsOf(mark);
        calls.Should().HaveCount(2);
        (calls[1].At - calls[0].At).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1)).And.BeLessThan(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task RetryAfter_AsADate_IsKept()
    {
        // A date has whole seconds.
        var date = new DateTime(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc).AddSeconds(3);
        var mark = _bench.Mark(
            (_, call) =>
                call == 1 ? FakeAnswer.Error(429, retryAfter: date.ToString("R", CultureInfo.InvariantCulture)) : FakeAnswer.Of("fine")
        );

        var run = await _bench.RunAsync(await _bench.AddWorkflowAsync(await _bench.AddProfileAsync()), mark);

        run.Text("status").Should().Be("succeeded");
        _bench.CallsOf(mark).Should().HaveCount(2);
        _bench.CallsOf(mark)[1].At.Should().BeOnOrAfter(date).And.BeBefore(date.AddSeconds(8));
    }

    [Fact]
    public async Task RetryAfter_BeyondADay_FailsAtOnceAndSaysSo()
    {
        var mark = _bench.Mark((_, _) => FakeAnswer.Error(429, retryAfter: "90000"));

        var run = await _bench.RunAsync(await _bench.AddWorkflowAsync(await _bench.AddProfileAsync()), mark);

        run.Text("status").Should().Be("failed");
        run.GetProperty("error").Text("message").Should().Contain("to wait 25 h");
        _bench.CallsOf(mark).Should().ContainSingle();
    }

    [Fact]
    public async Task RateLimit_ParksTheRunAndFreesItsSlot_OtherProfilesGoOn()
    {
        var limited = _bench.Mark((_, call) => call == 1 ? FakeAnswer.Error(429, retryAfter: "3") : FakeAnswer.Of("fine"));
        var slow = await _bench.AddWorkflowAsync(await _bench.AddProfileAsync());
        var quick = await _bench.AddWorkflowAsync(await _bench.AddProfileAsync());
        var parked = await _bench.StartRunAsync(slow, limited);
        await Eventually.HoldsAsync(async () => (await _bench.Api.FindAsync(parked)).Text("status") == "waiting", "the run to park");

        // A run of the same profile is held back, although the only slot is free; it does not hold up the other profile's.
        var behind = _bench.Mark((_, _) => FakeAnswer.Of("fine"));
        var held = await _bench.StartRunAsync(slow, behind);
        for (var i = 0; i < 5; i++)
        {
            var mark = _bench.Mark((_, _) => FakeAnswer.Of("fine"));
            (await _bench.RunAsync(quick, mark)).Text("status").Should().Be("succeeded");
            _bench.CallsOf(mark).Single().At.Should().BeBefore(_bench.CallsOf(limited)[0].At.AddSeconds(3));
        }

        _bench.CallsOf(limited).Should().ContainSingle();
        (await _bench.Api.FindAsync(held)).Text("status").Should().BeOneOf(["queued", "waiting"], "on PostgreSQL it parks");
        (await _bench.Api.EndOfAsync(parked)).Text("status").Should().Be("succeeded");
        (await _bench.Api.EndOfAsync(held)).Text("status").Should().Be("succeeded");
        var opens = _bench.CallsOf(limited)[0].At.AddSeconds(3);
        _bench.CallsOf(limited)[1].At.Should().BeOnOrAfter(opens);
        _bench.CallsOf(behind).Single().At.Should().BeOnOrAfter(opens);
    }
}
