using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

public class ModelProfilePagesTests(Chrome chrome)
{
    [Fact]
    public async Task Admin_CreatesTestsCorrectsAndDeletesAProfile()
    {
        await using var server = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;

        await window.GoAsync("/admin/model-profiles/new");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("OpenAI needs an API key.")).ToBeVisibleAsync();

        await page.GetByTestId("provider-openai-compatible").CheckAsync();
        await page.GetByTestId("name").FillAsync("Team server");
        await page.GetByTestId("model").FillAsync("fake-1");
        await page.GetByTestId("endpoint").FillAsync(server.Endpoint);
        await page.GetByTestId("api-key").FillAsync("sk-canary-42");
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-answer")).ToHaveTextAsync("The team met and agreed on three clear steps.");
        await Assertions.Expect(page.GetByTestId("api-key")).ToHaveValueAsync("");

        server.Default = FakeAnswer.Error(404, "No such model.", "model_not_found");
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-fault")).ToContainTextAsync("No such model.");
        (await page.ContentAsync()).Should().NotContain("canary");

        await page.GetByTestId("endpoint").FillAsync(server.Endpoint + "/other");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("type the key again")).ToBeVisibleAsync();
        await page.GetByTestId("endpoint").FillAsync(server.Endpoint);
        await page.GetByTestId("save").ClickAsync();

        await page.GetByTestId("delete").ClickAsync();
        await page.GetByTestId("confirm-yes").ClickAsync();
        await page.WaitForURLAsync("**/admin/model-profiles");
        await Assertions.Expect(page.GetByText("Team server")).ToHaveCountAsync(0);
        window.AssertClean();
    }
}
