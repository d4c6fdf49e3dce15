using Bunit;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Features.Storage;

namespace PromptPilot.Tests.Components.Controls;

public sealed class HostsCardTests : ComponentTest
{
    [Theory]
    [InlineData(true, true, "Running")]
    [InlineData(true, false, "Reconnecting")]
    [InlineData(false, true, "Not responding")]
    [InlineData(false, false, "Ended")]
    public void Host_ShowsItsState_AndWhichOneAnswers(bool hasLease, bool hasSession, string state)
    {
        var host = new HostView("app/1", "app", "1.2.3", DateTime.UtcNow, hasLease, hasSession, 2, 7, null, true, 3);

        var card = Render<HostsCard>(parameters => parameters.Add(c => c.Hosts, [host]).Add(c => c.Here, "app/1"));

        card.Find("tbody tr")
            .TextContent.Should()
            .Contain(state)
            .And.Contain("app (this host)")
            .And.Contain("7 ms")
            .And.Contain("not used");
    }
}
