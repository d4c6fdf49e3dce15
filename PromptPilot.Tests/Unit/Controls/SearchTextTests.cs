using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Filters;

namespace PromptPilot.Tests.Unit.Controls;

public class SearchTextTests
{
    private readonly SearchText _text = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Arrive_OwnAddressLate_KeepsWhatWasTypedSince()
    {
        (await TypeAsync("m")).Should().BeTrue();
        (await TypeAsync("meet ")).Should().BeTrue();

        _text.Arrive("m");
        _text.Shown.Should().Be("meet ");
        _text.Arrive("meet");
        _text.Shown.Should().Be("meet ");
        _text.Arrive("m");
        _text.Shown.Should().Be("m", "going back is not ours");
    }

    [Fact]
    public async Task Type_BeforeTypingRests_OnlyTheLastCounts()
    {
        var first = _text.TypeAsync("m", _time, Token);
        var second = _text.TypeAsync("me", _time, Token);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await first).Should().BeFalse();
        (await second).Should().BeTrue();
    }

    [Fact]
    public void Arrive_SameAddressAgain_LeavesTheField()
    {
        _text.Arrive("a");
        _text.Shown.Should().Be("a");
        _ = _text.TypeAsync("ab", _time, Token);
        _text.Arrive("a");
        _text.Shown.Should().Be("ab");
    }

    private async Task<bool> TypeAsync(string text)
    {
        var typed = _text.TypeAsync(text, _time, Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        return await typed;
    }
}
