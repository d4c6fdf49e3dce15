using Bunit;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Features.Storage;

namespace PromptPilot.Tests.Components.Storage;

public sealed class HostsTableTests : ComponentTest
{
    private static readonly HostView Ready = new(
        "app/1",
        "app",
        "1.2.3",
        DateTime.UtcNow,
        HasLease: true,
        HasSession: true,
        SecondsSilent: 2,
        RoundTripMs: 7,
        Redis: null,
        IsListening: true,
        Runs: 3,
        Slots: 256,
        LagMs: 4,
        ClockMs: -12,
        NotReady: null,
        Duties: "all"
    );

    [Fact]
    public void Host_ThatIsReady_ShowsItsFigures()
    {
        var text = TextOf(Ready);

        text.Should().Contain("Ready").And.Contain("this host").And.Contain("3 of 256").And.Contain("7 ms").And.Contain("4 ms");
        text.Should().Contain("not used").And.Contain("12 ms behind").And.Contain("all").And.Contain("2 s ago");
    }

    [Fact]
    public void Host_ThatIsNotReady_SaysWhy()
    {
        TextOf(Ready with { NotReady = "The disk is full." }).Should().Contain("Not ready").And.Contain("The disk is full.");
        TextOf(Ready with { IsListening = false }).Should().Contain("Starting").And.Contain("not received");
        TextOf(Ready with { HasSession = false }).Should().Contain("Reconnecting").And.Contain("connection to PostgreSQL");
        TextOf(Ready with { HasLease = false }).Should().Contain("Not responding").And.Contain("Restart it");
        TextOf(Ready with { HasLease = false, HasSession = false }).Should().Contain("Ended");
    }

    [Fact]
    public void Clock_ThatIsFarOff_IsMarked()
    {
        Render(Ready).FindAll(".host-late").Should().BeEmpty();
        Render(Ready with { ClockMs = 3_600_000 }).Find(".host-late").TextContent.Should().Be("1 h 0 min ahead");
    }

    private string TextOf(HostView host) => Render(host).Find("tbody tr").TextContent;

    private IRenderedComponent<HostsTable> Render(HostView host) =>
        Render<HostsTable>(parameters => parameters.Add(table => table.Hosts, [host]).Add(table => table.Here, "app/1"));
}
