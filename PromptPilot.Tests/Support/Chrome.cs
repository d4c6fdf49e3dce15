using System.Collections.Concurrent;
using Microsoft.Playwright;
using PromptPilot.Tests.Support;

[assembly: AssemblyFixture(typeof(Chrome))]

namespace PromptPilot.Tests.Support;

/// <summary>
/// One Chromium for the whole test run, started when the first test asks for it. A test has its windows to itself; the next one gets them
/// emptied, because the process behind a new window costs as much as two pages, and compiles the portal's scripts again.
/// </summary>
public sealed class Chrome : IAsyncDisposable
{
    private static readonly string[] KnownPaths =
    [
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> _start = new(StartAsync);

    /// <summary>Emptied windows for the next test, by whether they accept any certificate.</summary>
    private readonly Dictionary<bool, ConcurrentBag<IBrowserContext>> _kept = new() { [false] = [], [true] = [] };

    /// <summary>Opens a private window: cookies of its own.</summary>
    /// <param name="baseAddress">The portal; requests to anywhere else are recorded, and find no host.</param>
    /// <param name="width">Of the viewport, in CSS pixels.</param>
    public async Task<BrowserWindow> OpenAsync(
        Uri baseAddress,
        int width = 1280,
        int height = 900,
        ColorScheme colorScheme = ColorScheme.Light,
        bool acceptsAnyCertificate = false
    )
    {
        var kept = _kept[acceptsAnyCertificate];
        var context = kept.TryTake(out var emptied) ? emptied : await CreateAsync(acceptsAnyCertificate);
        var window = await BrowserWindow.OpenAsync(context, baseAddress, kept.Add);
        await window.Page.SetViewportSizeAsync(width, height);
        await window.Page.EmulateMediaAsync(new() { ColorScheme = colorScheme });
        return window;
    }

    public async ValueTask DisposeAsync()
    {
        if (_start.IsValueCreated)
        {
            var (driver, browser) = await _start.Value;
            await browser.CloseAsync();
            driver.Dispose();
        }
    }

    private async Task<IBrowserContext> CreateAsync(bool acceptsAnyCertificate)
    {
        var (_, browser) = await _start.Value;
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
                ReducedMotion = ReducedMotion.Reduce,
                IgnoreHTTPSErrors = acceptsAnyCertificate,
                Locale = "en-GB",
                TimezoneId = "Europe/Berlin",
            }
        );
        await context.AddInitScriptAsync(BrowserWindow.ReportViolations);
        // Stays open, and with it the process of all pages of this context.
        await context.NewPageAsync();
        return context;
    }

    private static async Task<(IPlaywright Driver, IBrowser Browser)> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Eventually.DefaultLimit.TotalMilliseconds);
        var driver = await Playwright.CreateAsync();
        var browser = await driver.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = FindChromium(),
                Args =
                [
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    // One process for all pages of a window.
                    "--renderer-process-limit=1",
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                ],
            }
        );
        return (driver, browser);
    }

    private static string FindChromium() =>
        Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } path
            ? path
            : KnownPaths.FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("There is no Chromium. ./test.sh installs it; or set CHROMIUM_PATH.");
}
