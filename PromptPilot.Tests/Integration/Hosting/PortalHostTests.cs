using System.Net;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

public class PortalHostTests
{
    [Fact]
    public async Task Portal_TwoAtOnce_HaveTheirOwnAddresses()
    {
        await using var one = await PortalHost.StartAsync();
        await using var other = await PortalHost.StartAsync();
        using var client = one.CreateClient();

        var answer = await client.GetAsync(new Uri("/_framework/blazor.web.js", UriKind.Relative), TestContext.Current.CancellationToken);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        one.BaseAddress.Should().NotBe(other.BaseAddress);
    }
}
