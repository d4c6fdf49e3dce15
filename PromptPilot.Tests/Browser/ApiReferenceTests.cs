using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The API reference works under the strict policy, and asks no other host for anything.</summary>
[Trait("Category", "Soak")]
public sealed class ApiReferenceTests(Chrome chrome)
{
    [Fact]
    public async Task Reference_WithoutSigningIn_ShowsTheEndpoints_AndKeepsThePolicy()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var window = await chrome.OpenAsync(portal.BaseAddress);

        var first = await window.GotoAsync("/scalar/");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Prompts" }).First).ToBeVisibleAsync();

        window.AssertClean();
        var second = await window.GotoAsync("/scalar/");
        var nonces = new[] { Nonce(first!), Nonce(second!) };
        nonces.Should().OnlyHaveUniqueItems("a nonce is used once").And.NotContain("");
        Nonce((await window.GotoAsync("/account/sign-in"))!).Should().BeEmpty("no other page runs inline scripts");
    }

    private static string Nonce(IResponse response) =>
        response.Headers["content-security-policy"].Split("'nonce-") is [_, var rest] ? rest.Split('\'')[0] : "";
}
