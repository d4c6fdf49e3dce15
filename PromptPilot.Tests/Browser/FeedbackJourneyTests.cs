using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A collaborator rates outputs by keyboard alone; what was rated low is found again.</summary>
public sealed class FeedbackJourneyTests(Chrome chrome)
{
    [Fact]
    public async Task Collaborator_RatesByKeyboard_CorrectsSkipsAndUndoes()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        await world.Api.RunAsync(world.WorkflowId, "Notes of Monday.");
        await world.Api.RunAsync(world.WorkflowId, "Notes of Tuesday.");
        await using var ann = await world.SignInAsync(Role.Collaborator);
        await using var bob = await world.SignInAsync(Role.Collaborator);
        var page = ann.Page;
        var status = page.GetByTestId("rating-status");
        await ann.GoAsync("/feedback");
        await bob.GoAsync("/feedback");
        await Assertions.Expect(page.GetByTestId("to-rate")).ToHaveTextAsync("6 to rate");
        await Assertions.Expect(bob.Page.GetByTestId("to-rate")).ToHaveTextAsync("5 to rate");

        // 2, a comment, a corrected output, and the next.
        await page.Keyboard.PressAsync("2");
        await Assertions.Expect(page.GetByTestId("rate-2")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("c");
        await page.Keyboard.TypeAsync("Leaves out the date");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("e");
        await Assertions.Expect(page.GetByTestId("rate-correction")).Not.ToHaveValueAsync("");
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" On Friday.");
        await page.Keyboard.PressAsync("Control+Enter");
        await Assertions.Expect(status).ToContainTextAsync("Saved 2 of 5, Poor");

        // 5 and Enter; undone; rated again; one skipped.
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
        await ann.ScreenshotAsync("feedback-journey");

        await ann.GoAsync("/feedback/ratings?max=2");
        await Assertions.Expect(page.GetByTestId("rating-row")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("rating-row")).ToContainTextAsync("Leaves out the date");
        await Assertions.Expect(page.GetByTestId("rating-row")).ToContainTextAsync("Corrected");
        await ann.GoAsync("/feedback/ratings");
        await Assertions.Expect(page.GetByTestId("rating-row")).ToHaveCountAsync(2);
        var kept = await world.Api.SendAsync(HttpMethod.Get, "feedback?maxRating=2", null);
        kept.GetProperty("items")[0].GetProperty("correctedOutput").GetString().Should().EndWith(" On Friday.");
        ann.AssertClean();
    }
}
