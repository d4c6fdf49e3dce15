using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>Two people in the same workflow, and its history.</summary>
public sealed class ConflictJourneyTests(Chrome chrome, SharedPortalWithReceivers portal)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private BrowserWorld _world = null!;
    private BrowserWindow _ann = null!;
    private BrowserWindow _bob = null!;

    private string Edit => $"/workflows/{_world.WorkflowId}/edit";

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome, portal);
        _ann = await _world.SignInAsync(await _world.Portal.AddPersonAsync(Role.Architect, name: "Ann Author"));
        _bob = await _world.SignInAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task SecondToSave_SeesWhoseChangeItIs_TakesTheirs_AndUndoBringsOwnBack()
    {
        await ConflictAsync();
        await Assertions.Expect(_bob.Page.Locator("#conflict")).ToBeFocusedAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToContainTextAsync("Ann Author changed this workflow");
        await Assertions
            .Expect(_bob.Page.GetByTestId("their-changes"))
            .ToContainTextAsync("Step “digest” fills “facts” with facts | upcase instead of facts.");
        await _bob.Page.GetByTestId("my-changes-open").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("my-changes")).ToContainTextAsync("Step “mood” is now called “tone”.");

        await _bob.Page.GetByTestId("conflict-reload").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToHaveCountAsync(0);
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("mood");
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        await _bob.Page.GetByTestId("undo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        (await KeysAsync()).Should().Equal("facts", "tone", "digest");
        _bob.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task SecondToSave_MaySaveOverTheirs_AlsoWhereTheyDeletedAStep()
    {
        await ConflictAsync(async page =>
        {
            await page.GetByTestId("step-card").Nth(2).ClickAsync();
            await page.GetByTestId("step-delete").ClickAsync();
            await Assertions.Expect(page.GetByTestId("step-card")).ToHaveCountAsync(2);
        });
        await Assertions.Expect(_bob.Page.GetByTestId("their-changes")).ToContainTextAsync("is removed");

        await _bob.Page.GetByTestId("conflict-overwrite").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToHaveCountAsync(0);
        (await KeysAsync()).Should().Equal("facts", "tone", "digest");
        _bob.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task SecondToSave_MaySaveACopy_AndNeitherIsLost()
    {
        await ConflictAsync();
        await _bob.Page.GetByTestId("conflict-copy").ClickAsync();
        await Assertions.Expect(_bob.Page).ToHaveURLAsync(new Regex($"/(?!{_world.WorkflowId})[0-9a-f-]+/edit$"));
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
        await Assertions.Expect(_bob.Page.GetByTestId("workflow-name")).ToHaveValueAsync(new Regex(@"\(copy\)$"));
        (await KeysAsync()).Should().Equal("facts", "mood", "digest");
        _bob.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ArchivedAndTakenOutMeanwhile_IsNoConflict_SinceNothingWouldBeUndone()
    {
        await _bob.GoAsync(Edit);
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/archive", null);
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/unarchive", null);
        await RenameAsync(_bob);
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        (await KeysAsync()).Should().Equal("facts", "tone", "digest");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task PublishedMeanwhile_IsNoConflict_AndPublishingMakesTheNextVersion()
    {
        await _bob.GoAsync(Edit);
        var draft = await _world.Api.FindWorkflowAsync(_world.WorkflowId);
        await _world.Api.SendAsync(HttpMethod.Put, $"workflows/{_world.WorkflowId}", draft);
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/publish", null);
        await RenameAsync(_bob);
        await _bob.Page.GetByTestId("publish").ClickAsync();
        await Assertions.Expect(_bob.Page).ToHaveURLAsync(new Regex($"{_world.WorkflowId}$"));
        (await KeysAsync()).Should().Equal("facts", "tone", "digest");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task TakeTheirs_ByADoubleClick_TakesThemOnce_AndUndoBringsMineBack()
    {
        await ConflictAsync();
        await _bob.Page.GetByTestId("conflict-reload").DblClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToHaveCountAsync(0);
        await Assertions.Expect(Card(_bob, 1)).Not.ToContainTextAsync("tone");
        await _bob.Page.GetByTestId("undo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
        _bob.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task DeletedMeanwhile_CanBeSavedAsACopy()
    {
        await _bob.GoAsync(Edit);
        await RenameAsync(_bob);
        await _world.Api.SendAsync(HttpMethod.Delete, $"workflows/{_world.WorkflowId}", null);
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToContainTextAsync("deleted this workflow");
        await _bob.Page.GetByTestId("conflict-copy").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("workflow-name")).ToHaveValueAsync(new Regex(@"\(copy\)$"));
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task History_SaysWhatChanged_AndRestoresAsADraftThatUndoTakesBack()
    {
        await _bob.GoAsync(Edit);
        await RenameAsync(_bob);
        await _bob.Page.GetByTestId("version-note").FillAsync("Speak of tone");
        await _bob.Page.GetByTestId("publish").ClickAsync();
        await Assertions.Expect(_bob.Page).ToHaveURLAsync(new Regex("/workflows/[0-9a-f-]{36}$"));
        await _bob.Page.GetByTestId("to-versions").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("workflow-version-2")).ToContainTextAsync("Speak of tone");
        await Assertions.Expect(_bob.Page.GetByTestId("workflow-version-2")).ToContainTextAsync("current");
        await _bob.Page.GetByTestId("changed-2").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("difference").First).ToContainTextAsync("Step “mood” is now called “tone”.");
        await _bob.Page.GetByTestId("compare-from").SelectOptionAsync("");
        await _bob.Page.GetByTestId("compare-show").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("no-differences")).ToBeVisibleAsync();

        await _bob.Page.GetByTestId("restore-1").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("mood");
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("Unsaved changes");
        await Assertions.Expect(_bob.Page).ToHaveURLAsync(new Regex("/edit$"));
        (await KeysAsync()).Should().Equal(["facts", "tone", "digest"], "nothing is saved yet");
        await _bob.Page.GetByTestId("undo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
        await _bob.Page.GetByTestId("redo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("mood");
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        (await KeysAsync()).Should().Equal("facts", "mood", "digest");
        _bob.AssertClean();
    }

    [Fact]
    public async Task Unsaved_IsOfferedAfterTheTabWasLost_TakenUpAsOneChange_AndSavedInItsPlace()
    {
        _bob.Page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await _bob.GoAsync(Edit);
        await RenameAsync(_bob);
        await Eventually.HoldsAsync(
            () =>
                _bob.Page.EvaluateAsync<bool>(
                    "() => Object.entries(localStorage).some(([key, value]) => key.startsWith('pilot-draft:workflow:') && "
                        + "value.includes('tone'))"
                ),
            "the browser to keep the draft"
        );

        await _bob.GoAsync(Edit);
        await Assertions.Expect(_bob.Page.GetByTestId("draft-offer")).ToContainTextAsync("You have unsaved changes");
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("mood");
        await _bob.ScreenshotAsync("designer-draft-offer");
        await _bob.Page.GetByTestId("draft-take").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");
        await Assertions.Expect(_bob.Page.GetByTestId("draft-offer")).ToHaveCountAsync(0);
        await _bob.Page.GetByTestId("undo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("mood");
        await _bob.Page.GetByTestId("redo").ClickAsync();
        await Assertions.Expect(Card(_bob, 1)).ToContainTextAsync("tone");

        var before = await IdsAsync();
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        (await KeysAsync()).Should().Equal("facts", "tone", "digest");
        (await IdsAsync()).Should().Equal(before, "its steps are the same steps");
        await Eventually.HoldsAsync(
            () => _bob.Page.EvaluateAsync<bool>("() => !Object.keys(localStorage).some(key => key.startsWith('pilot-draft:'))"),
            "the saved draft to go"
        );
        _bob.AssertClean();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    [Trait("Category", "Soak")]
    public async Task ConflictAndHistory_AreAccessibleAndFit(ColorScheme theme, int width)
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        await window.GoAsync(Edit);
        await ChangeAsAnnAsync(null);
        await window.Page.GetByTestId(width < 720 ? "outline-workflow" : "open-workflow").ClickAsync();
        await window.Page.GetByTestId("workflow-name").FillAsync("Another name");
        await window.Page.GetByTestId("workflow-name").BlurAsync();
        if (width < 1100)
        {
            await window.Page.Keyboard.PressAsync("Escape");
        }

        await window.Page.GetByTestId("save").ClickAsync();
        await window.Page.GetByTestId("my-changes-open").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("my-changes")).ToContainTextAsync("Another name");
        var name = $"{theme.ToString().ToLowerInvariant()}-{width}";
        await window.ScreenshotAsync($"designer-conflict-{name}");
        var found = new List<string>(await window.CheckAccessibilityAsync());
        await window.Page.GetByTestId("conflict-overwrite").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
        await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/publish",
            new { message = "A clearer name, and the facts as they were" }
        );
        await window.GoAsync($"/workflows/{_world.WorkflowId}/versions");
        await window.Page.GetByTestId("changed-2").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("difference").First).ToBeVisibleAsync();
        await window.ScreenshotAsync($"workflow-versions-{name}");
        found.AddRange(await window.CheckAccessibilityAsync());
        (await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .Be(0);
        found.Should().BeEmpty();
    }

    private static ILocator Card(BrowserWindow window, int index) => window.Page.GetByTestId("step-card").Nth(index);

    /// <summary>Bob opens the workflow, Ann changes and saves it, Bob changes something else and saves.</summary>
    private async Task ConflictAsync(Func<IPage, Task>? change = null)
    {
        await _bob.GoAsync(Edit);
        await ChangeAsAnnAsync(change);
        await RenameAsync(_bob);
        await _bob.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_bob.Page.GetByTestId("conflict")).ToBeVisibleAsync();
    }

    private async Task ChangeAsAnnAsync(Func<IPage, Task>? change)
    {
        await _ann.GoAsync(Edit);
        await (change ?? UpcaseAsync)(_ann.Page);
        await Assertions.Expect(_ann.Page.GetByTestId("save-state")).ToHaveTextAsync("Unsaved changes");
        await _ann.Page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(_ann.Page.GetByTestId("save-state")).ToHaveTextAsync("All changes saved");
    }

    private static async Task UpcaseAsync(IPage page)
    {
        await page.GetByTestId("step-card").Nth(2).ClickAsync();
        await page.GetByTestId("mapping-expression").First.FillAsync("facts | upcase");
    }

    private static async Task RenameAsync(BrowserWindow window)
    {
        await Card(window, 1).ClickAsync();
        await window.Page.GetByTestId("step-output-key").FillAsync("tone");
        await window.Page.GetByTestId("step-output-key").BlurAsync();
        await Assertions.Expect(Card(window, 1)).ToContainTextAsync("tone");
        await Assertions.Expect(window.Page.GetByTestId("save-state")).ToHaveTextAsync("Unsaved changes");
    }

    private Task<IEnumerable<string>> KeysAsync() => OfStepsAsync("outputKey");

    private Task<IEnumerable<string>> IdsAsync() => OfStepsAsync("id");

    private async Task<IEnumerable<string>> OfStepsAsync(string field) =>
        (await _world.Api.SendAsync(HttpMethod.Get, $"workflows/{_world.WorkflowId}", null))
            .GetProperty("steps")
            .EnumerateArray()
            .Select(step => step.Text(field));
}
