using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A workflow over a file: uploaded, its column chosen, started, watched; what failed is retried.</summary>
public sealed class BatchJourneyTests(Chrome chrome)
{
    [Fact]
    [Trait("Category", "Soak")]
    public async Task File_BecomesABatch_WhoseRowsShowTheirOutputs()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        world.Model.Script = call =>
            call.Prompt.Contains("broken", StringComparison.Ordinal)
                ? FakeAnswer.Error(401, "Incorrect API key provided.")
                : FakeAnswer.Of("They meet.");
        await using var ada = await world.SignInAsync(Role.Architect);
        var page = ada.Page;
        await ada.GoAsync($"/workflows/{world.WorkflowId}");
        await page.GetByTestId("to-batches").ClickAsync();
        await page.GetByTestId("file").WaitForAsync(new() { State = WaitForSelectorState.Attached });

        // A file that is chosen before Blazor listens is not noticed.
        await page.WaitForFunctionAsync("() => '_blazorInputFileNextFileId' in document.querySelector('[data-testid=file]')");
        await page.GetByTestId("file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "survey.csv",
                    MimeType = "text/csv",
                    Buffer = "id,answer\n1,Fine.\n2,broken\n"u8.ToArray(),
                }
            );
        await Assertions.Expect(page.GetByTestId("batch-columns")).ToContainTextAsync("is required");
        await page.GetByTestId("column-text").SelectOptionAsync("answer");
        await Assertions.Expect(page.GetByTestId("batch-rows")).ToContainTextAsync("Fine.");
        await Assertions.Expect(page.GetByTestId("experiment-preview")).ToContainTextAsync("at most");
        await ada.ScreenshotAsync("batch-form");
        (await ada.CheckAccessibilityAsync()).Should().BeEmpty();

        await page.GetByTestId("batch-start").ClickAsync();

        await Assertions.Expect(page.GetByTestId("status").First).ToContainTextAsync("Finished 2 of 2");
        await Assertions.Expect(page.GetByTestId("row").First).ToContainTextAsync("They meet.");
        await Assertions.Expect(page.GetByTestId("row").Last).ToContainTextAsync("Incorrect API key");
        world.Model.Script = _ => FakeAnswer.Of("They meet.");
        await page.GetByTestId("experiment-resume").ClickAsync();
        await Assertions.Expect(page.GetByTestId("row").Last).ToContainTextAsync("Succeeded");
        await ada.ScreenshotAsync("batch-done");
        ada.AssertClean();
    }
}
