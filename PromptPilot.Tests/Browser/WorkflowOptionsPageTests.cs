using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The options of steps and workflows in the form, as an author sets them.</summary>
public sealed class WorkflowOptionsPageTests(Chrome chrome, SharedPortalWithReceivers portal)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private const string Schema = """{"type": "object", "required": ["title"]}""";

    private BrowserWorld _world = null!;
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome, portal);
        _window = await _world.SignInAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Options_SetAndSaved_AreThereAfterAReload_AndPublish()
    {
        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        await OpenAsync(2);
        await Field("steps-2-when").FillAsync("mood = 'bad'");
        await Assertions.Expect(Page.GetByTestId("step")).ToContainTextAsync("Compare with “==”");
        await Field("steps-2-when").FillAsync("mood contains 'bad'");
        await Field("steps-2-forEach").FillAsync("facts | split: '.'");
        await Field("steps-2-maxParallelItems").FillAsync("8");
        await Field("steps-2-maxAttempts").FillAsync("5");
        await Field("steps-2-timeoutSeconds").FillAsync("90 s");
        await ChooseAsync("option-onError", "Use a default");
        await ChooseAsync("option-outputFormat", "JSON");
        await Page.GetByTestId("schema-as-json").ClickAsync();
        // Until the click has had its effect, the form has this id.
        await Page.Locator("textarea#field-steps-2-jsonSchema").FillAsync(Schema);
        await Field("steps-2-defaultOutput").FillAsync("""{"title": "none"}""");
        await Page.GetByLabel("Require review").CheckAsync();
        await Field("steps-2-review-instructions").FillAsync("Is it polite?");
        await Field("steps-2-review-timeoutSeconds").FillAsync("2 days");
        await ChooseAsync("option-review-onTimeout", "It is approved");
        await Page.GetByTestId("step").GetByTestId("mapping-pick").First.ClickAsync();
        await Assertions.Expect(Page.GetByTestId("mapping-key").First).ToContainTextAsync("item");
        await Page.GetByTestId("mapping-key").First.ClickAsync();
        await Page.GetByTestId("open-workflow").ClickAsync();
        await Page.GetByTestId("workflow-options").ClickAsync();
        await Field("timeoutSeconds").FillAsync("30 min");
        await Field("limits-runBudget").FillAsync("0.25");
        await Field("limits-keepDays").FillAsync("90");
        await Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");

        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");

        await Assertions.Expect(Page.GetByTestId("workflow-options")).ToContainTextAsync("30 min per run · $0.25 per run · kept 90 days");
        await OpenAsync(2);
        await Assertions
            .Expect(Page.GetByTestId("step-options"))
            .ToContainTextAsync(
                new System.Text.RegularExpressions.Regex(
                    "mood contains 'bad'.*facts . split: '.', 8 in parallel.*JSON with schema.*Required, approved after 2 days"
                        + ".*5 attempts · 90 s per attempt.*Use a default",
                    System.Text.RegularExpressions.RegexOptions.Singleline
                )
            );
        await Assertions.Expect(Field("steps-2-when")).ToHaveValueAsync("mood contains 'bad'");
        await Assertions.Expect(Field("steps-2-jsonSchema")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("\"required\""));
        await Assertions.Expect(Field("steps-2-review-timeoutSeconds")).ToHaveValueAsync("2 days");
        await Assertions.Expect(Page.GetByTestId("step-card").Nth(2)).ToContainTextAsync("when · each · review");
        await Assertions.Expect(Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");

        await Page.GetByTestId("publish").ClickAsync();
        await Page.WaitForURLAsync($"**/workflows/{_world.WorkflowId}");
        await Assertions.Expect(Page.GetByTestId("step-marks")).ToContainTextAsync("mood contains 'bad'");
        await Assertions.Expect(Page.GetByTestId("limits")).ToContainTextAsync("$0.25 per run");
        (await _world.Api.SendAsync(HttpMethod.Get, $"workflows/{_world.WorkflowId}", null))
            .GetProperty("publishedVersion")
            .GetInt32()
            .Should()
            .Be(2);
        _window.AssertClean();
    }

    [Fact]
    public async Task Problem_InsideAFold_LeadsToItsField()
    {
        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        await OpenAsync(1);
        await Field("steps-1-maxAttempts").FillAsync("many");
        await Field("steps-1-maxAttempts").BlurAsync();
        await Assertions.Expect(Page.GetByTestId("problem")).ToHaveTextAsync("Step 2, attempts");
        await Page.GetByTestId("option-row-retries").ClickAsync();
        await Assertions.Expect(Field("steps-1-maxAttempts")).ToHaveCountAsync(0);
        await Assertions.Expect(Page.GetByTestId("step-options")).ToContainTextAsync("1 problem");

        await Page.GetByTestId("problem").ClickAsync();

        await Assertions.Expect(Field("steps-1-maxAttempts")).ToBeFocusedAsync();
        await Assertions.Expect(Field("steps-1-maxAttempts")).ToHaveValueAsync("many");
    }

    private ILocator Field(string id) => Page.Locator($"#field-{id}");

    private async Task OpenAsync(int step)
    {
        await Page.GetByTestId("step-card").Nth(step).ClickAsync();
        await Assertions.Expect(Field($"steps-{step}-outputKey")).ToBeVisibleAsync();
        await Page.EvaluateAsync(
            "document.querySelectorAll('[data-testid=step-options] [aria-expanded=false]').forEach(row => row.click())"
        );
        await Assertions.Expect(Field($"steps-{step}-parameters-temperature")).ToBeVisibleAsync();
    }

    private Task<IReadOnlyList<string>> ChooseAsync(string testId, string word) =>
        Page.GetByTestId(testId).SelectOptionAsync(new SelectOptionValue { Label = word });
}
