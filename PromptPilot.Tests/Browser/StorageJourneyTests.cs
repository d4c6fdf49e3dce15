using Microsoft.Playwright;
using PromptPilot.Core.Storage;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>An admin looks at what is kept, and takes a backup home that restores.</summary>
public sealed class StorageJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome);
        _world.Model.Script = _ => FakeAnswer.Of("Done.");
        await _world.Api.RunAsync(_world.WorkflowId, "What is kept of this?");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(375, ColorScheme.Dark)]
    [Trait("Category", "Soak")]
    public async Task Storage_ShowsSizesAndWhatGoesNext_AndABackupRestores(int width, ColorScheme theme)
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;
        await window.GoAsync("/admin/storage");

        await page.GetByTestId("preview-retention").ClickAsync();
        await Assertions.Expect(page.GetByTestId("retention-sum")).ToContainTextAsync("Nothing will be removed");
        await page.GetByTestId("measure").ClickAsync();
        await Assertions.Expect(page.GetByText("ExecutionLogs")).ToBeVisibleAsync();
        await page.GetByTestId("check").ClickAsync();
        await Assertions.Expect(page.GetByTestId("check-result")).ToContainTextAsync("OK");
        await window.ScreenshotAsync($"storage-{theme.ToString().ToLowerInvariant()}-{width}");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .BeLessThanOrEqualTo(0);

        await page.GetByTestId("passphrase").FillAsync("a passphrase typed by hand");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("download-backup").ClickAsync());
        using var files = new TempDirectory();
        var file = Path.Combine(files.Path, download.SuggestedFilename);
        await download.SaveAsAsync(file);
        var data = Path.Combine(files.Path, "data");
        Directory.CreateDirectory(data);
        BackupRestore
            .Restore(
                file,
                "a passphrase typed by hand",
                new StoragePaths(Path.Combine(data, "promptpilot.db"), Path.Combine(data, "keys"), Path.Combine(data, "backups"))
            )
            .Problem.Should()
            .BeNull();
        DatabaseCopy.Check(Path.Combine(data, "promptpilot.db")).Should().BeEmpty();
        window.AssertClean();
    }
}
