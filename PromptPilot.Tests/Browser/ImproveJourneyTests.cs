using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// From a low rating to a better prompt: rated by keyboard, made a test case, old against new over the cases, and production moved once a
/// second person has approved with the table in front of them.
/// </summary>
public sealed class ImproveJourneyTests(Chrome chrome)
{
    [Fact]
    public async Task LowRating_BecomesATestCase_ProvesTheNextVersion_AndProductionMovesWithASecondPerson()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        world.Model.Script = call =>
            FakeAnswer.Of(call.Prompt.Contains("Name the day.", StringComparison.Ordinal) ? "They meet on Friday." : "They meet.");
        await world.Api.RunAsync(world.WorkflowId, "Notes of Monday.");
        await world.Api.RunAsync(world.WorkflowId, "Notes of Tuesday.");
        await using var ann = await world.SignInAsync(Role.Collaborator);
        await using var ada = await world.SignInAsync(Role.Architect);
        await ann.GoAsync("/feedback");
        await ada.GoAsync("/feedback");
        await Assertions.Expect(ann.Page.GetByTestId("to-rate")).ToHaveTextAsync("6 to rate");
        await Assertions.Expect(ada.Page.GetByTestId("to-rate")).ToHaveTextAsync("5 to rate");

        await RateAsync(ann.Page);
        await ann.ScreenshotAsync("feedback-rated");

        var promptId = (await world.Api.SendAsync(HttpMethod.Get, "feedback?maxRating=2", null)).GetProperty("items")[0].Text("promptId");
        await SaveNextVersionAsync(world, promptId);
        var setId = await MakeSetAsync(ada, promptId);
        await MakeCaseAsync(ann);
        await CompareAsync(ada, setId);
        await using var ben = await world.SignInAsync(Role.Architect);
        await ProtectAsync(world, promptId, setId);
        await AskAsync(ada, promptId);
        await ApproveAsync(ben, new Uri(ada.Page.Url).AbsolutePath);
        (await world.Api.SendAsync(HttpMethod.Get, $"prompts/{promptId}/versions", null))
            .GetProperty("items")[0]
            .Text("version")
            .Should()
            .Be(await ProductionAsync(world, promptId));
        ben.AssertClean();
        ann.AssertClean();
        ada.AssertClean();
    }

    /// <summary>Production is on the first version, and moves only with the set and one approval.</summary>
    private static async Task ProtectAsync(BrowserWorld world, string promptId, string setId)
    {
        var label = $"prompts/{promptId}/labels/production";
        await world.Api.SendAsync(HttpMethod.Put, label, new { version = "1.0.0" });
        await world.Api.SendAsync(
            HttpMethod.Put,
            $"{label}/protection",
            new
            {
                testSetId = setId,
                modelProfileId = world.ProfileId,
                minPassPercent = 100,
                approvals = 1,
            }
        );
    }

    private static async Task<string> ProductionAsync(BrowserWorld world, string promptId)
    {
        var name = (await world.Api.SendAsync(HttpMethod.Get, $"prompts/{promptId}", null)).Text("name");
        var found = await world.Api.SendAsync(HttpMethod.Get, $"prompts/by-name/{Uri.EscapeDataString(name)}?label=production", null);
        return found.Text("version");
    }

    private static async Task AskAsync(BrowserWindow window, string promptId)
    {
        var page = window.Page;
        await window.GoAsync($"/prompts/{promptId}");
        await page.GetByTestId("move-label").ClickAsync();
        await Assertions.Expect(page.GetByTestId("label-move")).ToContainTextAsync("Request moving production to");
        await page.GetByTestId("label-note").FillAsync("Names the day now.");
        await page.GetByTestId("label-move").ClickAsync();
        await Assertions.Expect(page.GetByTestId("change-experiment-result")).ToContainTextAsync("Better on 2, worse on 0, same on 0");
        await Assertions.Expect(page.GetByTestId("change-missing")).ToHaveTextAsync("0 of 1 approvals.");
        await Assertions.Expect(page.GetByTestId("change-approve")).ToHaveCountAsync(0);
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("change-open");
    }

    private static async Task ApproveAsync(BrowserWindow window, string path)
    {
        await window.GoAsync(path);
        await Assertions.Expect(window.Page.GetByTestId("change-diff")).ToContainTextAsync("Name the day.");
        await window.Page.GetByTestId("change-approve").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("status").First).ToContainTextAsync("Applied");
    }

    /// <summary>2 with a comment and a corrected output; 5, undone, then 4; one skipped. Not a click.</summary>
    private static async Task RateAsync(IPage page)
    {
        var status = page.GetByTestId("rating-status");
        await page.Keyboard.PressAsync("2");
        await Assertions.Expect(page.GetByTestId("rate-2")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("c");
        await page.Keyboard.TypeAsync("Leaves out the day");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("e");
        await Assertions.Expect(page.GetByTestId("rate-correction")).Not.ToHaveValueAsync("");
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" On Friday.");
        await page.Keyboard.PressAsync("Control+Enter");
        await Assertions.Expect(status).ToContainTextAsync("Saved 2 of 5, Poor");
        await page.Keyboard.PressAsync("5");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(status).ToContainTextAsync("Saved 5 of 5");
        await page.Keyboard.PressAsync("u");
        await Assertions.Expect(status).ToHaveTextAsync("Rating undone.");
        await page.Keyboard.PressAsync("4");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(status).ToContainTextAsync("Saved 4 of 5");
        await page.Keyboard.PressAsync("s");
        await Assertions.Expect(status).ToContainTextAsync("Skipped");
    }

    private static async Task SaveNextVersionAsync(BrowserWorld world, string promptId)
    {
        var prompt = await world.Api.SendAsync(HttpMethod.Get, $"prompts/{promptId}", null);
        await world.Api.SendAsync(
            HttpMethod.Put,
            $"prompts/{promptId}",
            new { name = prompt.Text("name"), content = prompt.Text("content") + " Name the day." }
        );
    }

    private static async Task<string> MakeSetAsync(BrowserWindow window, string promptId)
    {
        var page = window.Page;
        await window.GoAsync($"/prompts/{promptId}?tab=tests");
        await page.GetByTestId("set-in-place-name").FillAsync("Core cases");
        await page.GetByTestId("set-in-place-create").ClickAsync();
        await page.GetByTestId("prompt-tests").GetByText("Core cases").First.ClickAsync();
        await page.GetByTestId("check-add").ClickAsync();
        await page.GetByTestId("check-value").FillAsync("Friday");
        await page.GetByTestId("checks-save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("set-version")).ToHaveTextAsync("version 2");
        return new Uri(page.Url).Segments[^1];
    }

    private static async Task MakeCaseAsync(BrowserWindow window)
    {
        await window.GoAsync("/feedback/ratings?max=2");
        await Assertions.Expect(window.Page.GetByTestId("rating-row")).ToContainTextAsync("Leaves out the day");
        await window.Page.GetByTestId("make-case").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("rating-row")).ToContainTextAsync("Case 1 in Core cases");
        await window.ScreenshotAsync("feedback-ratings-low");
    }

    private static async Task CompareAsync(BrowserWindow window, string setId)
    {
        var page = window.Page;
        await window.GoAsync($"/test-sets/{setId}");
        await Assertions.Expect(page.GetByTestId("case")).ToContainTextAsync("On Friday.");
        await page.GetByTestId("case-add").ClickAsync();
        await page.GetByTestId("case-name").FillAsync("Short notes");
        foreach (var input in await page.Locator("[data-testid^=case-input-]").AllAsync())
        {
            await input.FillAsync("They meet.");
        }

        await page.GetByTestId("case-save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("case")).ToHaveCountAsync(2);
        await page.GetByTestId("experiment-new").ClickAsync();
        await Assertions.Expect(page.GetByTestId("experiment-preview")).ToContainTextAsync("4 calls, at most");
        await window.ScreenshotAsync("experiment-form");
        await page.GetByTestId("experiment-start").ClickAsync();
        await Assertions.Expect(page.GetByTestId("comparison")).ToContainTextAsync("Better on 2, worse on 0, same on 0");
        await Assertions.Expect(page.GetByTestId("status").First).ToContainTextAsync("Finished 4 of 4");
        await page.GetByTestId("open-case").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("diff-inline")).ToContainTextAsync("Friday");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("experiment-done");
    }
}
