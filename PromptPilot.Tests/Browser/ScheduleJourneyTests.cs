using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A schedule from building it by clicking to what was missed over a restart.</summary>
public sealed class ScheduleJourneyTests(Chrome chrome)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280, ColorScheme.Light, Traits = new[] { "Category", "Soak" })]
    [InlineData(375, ColorScheme.Dark)]
    public async Task Schedule_IsBuiltByClicking_FiresLive_AndShowsWhatWasMissedOverARestart(int width, ColorScheme theme)
    {
        using var directory = new TempDirectory();
        await using var model = await FakeModelServer.StartAsync();
        var options = new PortalOptions { DataDirectory = directory.Path };
        string person,
            id;
        await using (var portal = await PortalHost.StartAsync(options))
        {
            using var client = portal.CreateAdminClient();
            var api = new RunApi(client);
            var workflowId = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("facts", ["text"]));
            var ann = await portal.AddPersonAsync(Role.Architect);
            person = ann.Email;
            await using var window = await chrome.OpenAsync(portal.BaseAddress, width, 900, theme);
            await window.SignInAsync(ann);
            var page = window.Page;

            await window.GoAsync($"/workflows/{workflowId}");
            await page.GetByTestId("add-schedule").ClickAsync();
            await Assertions.Expect(page.GetByTestId("in-words")).ToHaveTextAsync("Every weekday at 9:00");

            await window.GoAsync("/triggers");
            await page.GetByTestId("schedule-workflow").SelectOptionAsync(workflowId);
            await page.GetByTestId("create-schedule").ClickAsync();
            await Assertions.Expect(page.GetByTestId("in-words")).ToHaveTextAsync("Every weekday at 9:00");
            await page.GetByTestId("rhythm").SelectOptionAsync("MonthlyWeekday");
            await page.GetByTestId("place").SelectOptionAsync("L");
            await page.GetByTestId("place-day").SelectOptionAsync("5");
            await Assertions.Expect(page.GetByTestId("in-words")).ToHaveTextAsync("The last Friday of each month at 9:00");
            await Assertions.Expect(page.GetByTestId("preview").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(5);
            await page.GetByTestId("rhythm").SelectOptionAsync("Minutes");
            await page.GetByTestId("step").SelectOptionAsync("30");
            await page.GetByTestId("zone").FillAsync("Nowhere/Land");
            await page.GetByTestId("zone").BlurAsync();
            await Assertions.Expect(page.GetByTestId("zone-error")).ToContainTextAsync("There is no time zone");
            await page.GetByTestId("zone").FillAsync("Europe/Berlin");
            await page.GetByTestId("zone").BlurAsync();
            await Assertions.Expect(page.GetByTestId("zone-error")).ToHaveCountAsync(0);
            await page.GetByTestId("schedule-input-text").FillAsync("Notes of the half hour.");
            (await window.CheckAccessibilityAsync()).Should().BeEmpty();
            await window.ScreenshotAsync($"schedule-drawer-{theme.ToString().ToLowerInvariant()}-{width}");
            await page.GetByTestId("save-schedule").ClickAsync();
            await Assertions.Expect(page.GetByTestId("schedule")).ToContainTextAsync("Every 30 minutes");

            await page.GetByTestId("schedule-link").ClickAsync();
            await Assertions.Expect(page).ToHaveURLAsync(new Regex("/triggers/schedules/[^/]+$"));
            id = page.Url.Split('/')[^1];
            await Assertions.Expect(page.GetByTestId("next-firings").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(5);
            await page.GetByTestId("run-now").ClickAsync();
            await Assertions.Expect(page.GetByTestId("firing")).ToHaveAttributeAsync("data-outcome", "fired");
            await Assertions.Expect(page.GetByTestId("firing-run")).ToBeVisibleAsync();
            window.AssertClean();

            await using var db = await portal.Contexts.CreateDbContextAsync(Token);
            var then = DateTime.UtcNow.AddHours(-2);
            await db.Triggers.Where(trigger => trigger.Id == id).ExecuteUpdateAsync(set => set.SetProperty(t => t.NextAt, then), Token);
        }

        await using var again = await PortalHost.StartAsync(options);
        await using var back = await chrome.OpenAsync(again.BaseAddress, width, 900, theme);
        await back.SignInAsync(person, TestPeople.Password);
        await back.GoAsync($"/triggers/schedules/{id}");
        await Assertions.Expect(back.Page.Locator("[data-outcome=missed]").First).ToContainTextAsync("PromptPilot was not running.");
        (await back.CheckAccessibilityAsync()).Should().BeEmpty();
        await back.ScreenshotAsync($"schedule-missed-{theme.ToString().ToLowerInvariant()}-{width}");
        (await back.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .BeLessThanOrEqualTo(0);
        await back.Page.GetByTestId("switch-schedule").ClickAsync();
        await Assertions.Expect(back.Page.GetByTestId("switch-schedule")).ToHaveTextAsync("Resume");
        back.AssertClean();
    }
}
