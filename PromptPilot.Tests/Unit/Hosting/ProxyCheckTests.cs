using PromptPilot.Web.Hosting.Commands;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>What <c>doctor</c> concludes from the sign-in page about the proxy in front.</summary>
public sealed class ProxyCheckTests
{
    [Theory]
    [InlineData("https://example.org/", "/", "a=1; path=/; secure; httponly", "Ok")]
    [InlineData("https://example.org/", "/", "a=1; path=/; httponly", "Failed")]
    [InlineData("https://example.org/pilot/", "/pilot/", "a=1; secure", "Ok")]
    [InlineData("https://example.org/pilot/", "/", "a=1; secure", "Failed")]
    [InlineData("http://example.org/", "/", "a=1", "Warning")]
    [InlineData("http://localhost:5080/", "/", "a=1", "Ok")]
    public void Proxy_IsJudgedByWhatThePortalSaw(string address, string shownBase, string cookie, string expected) =>
        RemoteChecks
            .Judge(new Uri(address), $"""<head><base href="{shownBase}" /></head>""", [cookie])
            .Should()
            .ContainSingle()
            .Which.Status.ToString()
            .Should()
            .Be(expected);
}
