using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>What the checks of pages find, so that their silence means something.</summary>
public sealed class BrowserWindowTests(Chrome chrome)
{
    [Fact]
    public async Task CheckAccessibility_PictureWithoutAText_IsFound_EachTimeItIsAsked()
    {
        await using var window = await chrome.OpenAsync(new Uri("http://localhost/"));
        await window.Page.SetContentAsync(
            "<!doctype html><html lang='en'><title>A page</title><main><h1>One</h1><img src='data:,'></main>"
        );

        for (var time = 0; time < 2; time++)
        {
            (await window.CheckAccessibilityAsync()).Should().ContainSingle().Which.Should().StartWith("image-alt: <img");
        }
    }
}
