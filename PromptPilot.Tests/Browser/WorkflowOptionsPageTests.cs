using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The options of steps and workflows in the form, as an author sets them.</summary>
public sealed class WorkflowOptionsPageTests(Chrome chrome, SharedPortalWithReceivers portal)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private const string LongName = "zusammenfassung_der_unternehmenskommunikation_und_aller_kundenanfragen_der_abteilung";
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
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex($"/workflows/{_world.WorkflowId}$"));
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
    [Trait("Category", "Soak")]
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

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Schema_MadeInTheFormAndFromAnExample_ByKeyboardAndMouse()
    {
        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        await OpenAsync(2);
        await ChooseAsync("option-outputFormat", "JSON");

        await Page.GetByTestId("schema-add").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Name(0)).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync(LongName);
        await Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(Page.GetByTestId("schema-kind")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(Page.GetByTestId("schema-kind")).ToHaveValueAsync("WholeNumber");
        await Page.GetByTestId("schema-description").FillAsync($"What {LongName} is about");

        await Page.GetByTestId("schema-add").ClickAsync();
        await NameAsync(1, "mood");
        await Page.GetByTestId("schema-kind").Nth(1).SelectOptionAsync("Choice");
        await Page.GetByTestId("schema-choices").FillAsync($"good\n{LongName}");
        await Page.GetByTestId("schema-add").ClickAsync();
        await NameAsync(2, "people");
        await Page.GetByTestId("schema-kind").Nth(2).SelectOptionAsync("Group");
        await Page.GetByLabel("Add field to people").ClickAsync();
        await NameAsync(3, LongName);
        await Page.GetByTestId("schema-list").Nth(2).CheckAsync();
        await Page.GetByLabel("Move mood up").ClickAsync();
        await Assertions.Expect(Name(0)).ToHaveValueAsync("mood");
        await Name(3).ScrollIntoViewIfNeededAsync();
        await LookAsync("schema-form");

        await Page.GetByTestId("schema-as-json").ClickAsync();
        var json = System.Text.Json.Nodes.JsonNode.Parse(await Page.GetByTestId("schema-json").InputValueAsync())!;
        json["properties"]!.AsObject().Select(property => property.Key).Should().Equal("mood", LongName, "people");
        json["properties"]![LongName]!["type"]!.GetValue<string>().Should().Be("integer");
        json["properties"]!["mood"]!["enum"]!.AsArray().Should().HaveCount(2);
        json["properties"]!["people"]!["items"]!["properties"]!.AsObject().Should().ContainKey(LongName);

        await Page.GetByTestId("schema-from-example").PressAsync("Enter");
        await Assertions.Expect(Page.GetByTestId("schema-example")).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync("{\"title\": ");
        await Page.GetByTestId("schema-take-example").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("schema-example")).ToHaveAttributeAsync("aria-invalid", "true");
        await LookAsync("schema-example");
        await Page.GetByTestId("schema-example").FillAsync($$"""{"title": "Rent", "{{LongName}}": [{"on": "2026-11-30"}]}""");
        await Page.GetByTestId("schema-take-example").PressAsync("Enter");
        await Assertions.Expect(Page.GetByTestId("schema-example")).ToHaveCountAsync(0);
        await Page.GetByTestId("schema-as-form").ClickAsync();
        await Assertions.Expect(Name(1)).ToHaveValueAsync(LongName);
        await Assertions.Expect(Page.GetByTestId("schema-list").Nth(1)).ToBeCheckedAsync();
        await Assertions.Expect(Page.GetByTestId("schema-kind").Nth(2)).ToHaveValueAsync("Date");

        await Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        var saved = await _world.Api.SendAsync(HttpMethod.Get, $"workflows/{_world.WorkflowId}", null);
        saved
            .GetProperty("steps")[2]
            .GetProperty("jsonSchema")
            .GetProperty("properties")
            .GetProperty("title")
            .Text("type")
            .Should()
            .Be("string");
        _window.AssertClean();

        async Task NameAsync(int place, string name)
        {
            await Name(place).FillAsync(name);
            await Name(place).PressAsync("Tab");
        }

        ILocator Name(int place) => Page.GetByTestId("schema-name").Nth(place);
    }

    /// <summary>Nothing for axe to find, and nothing wider than a phone.</summary>
    private async Task LookAsync(string name)
    {
        foreach (
            var (theme, width) in new[]
            {
                (ColorScheme.Light, 1280),
                (ColorScheme.Dark, 375),
                (ColorScheme.Dark, 1280),
                (ColorScheme.Light, 375),
            }
        )
        {
            await Page.SetViewportSizeAsync(width, 800);
            await Page.EmulateMediaAsync(new() { ColorScheme = theme });
            await _window.ScreenshotAsync($"{name}-{theme.ToString().ToLowerInvariant()}-{width}");
            if ((theme == ColorScheme.Light) == (width == 1280))
            {
                (await _window.CheckAccessibilityAsync()).Should().BeEmpty();
                (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width);
            }
        }

        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Page.SetViewportSizeAsync(1280, 800);
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
