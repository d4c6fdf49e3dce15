using Microsoft.Playwright;
using PromptPilot.Tests.Support;

[assembly: AssemblyFixture(typeof(Chrome))]

namespace PromptPilot.Tests.Support;

/// <summary>
/// One Chromium for the whole test run, started when the first test asks for it. A test has its windows to itself; the next one on the same
/// portal gets them emptied, because the process behind a new window costs as much as two pages.
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

    /// <summary>Emptied windows that are kept for the next test; those of portals that are gone are the oldest.</summary>
    private const int KeptWindows = 6;

    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> _start = new(StartAsync);
    private readonly Lock _lock = new();
    private readonly List<(BrowserNewContextOptions Options, IBrowserContext Context)> _kept = [];

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
        var options = new BrowserNewContextOptions
        {
            BaseURL = baseAddress.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colorScheme,
            ReducedMotion = ReducedMotion.Reduce,
            IgnoreHTTPSErrors = acceptsAnyCertificate,
            Locale = "en-GB",
            TimezoneId = "Europe/Berlin",
        };
        return await BrowserWindow.OpenAsync(
            TakeKept(options) ?? await CreateAsync(options),
            baseAddress,
            emptied => KeepAsync(options, emptied)
        );
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

    private async Task<IBrowserContext> CreateAsync(BrowserNewContextOptions options)
    {
        var (_, browser) = await _start.Value;
        var context = await browser.NewContextAsync(options);
        await context.AddInitScriptAsync(BrowserWindow.ReportViolations);
        // Stays open, and with it the process of all pages of this context.
        await context.NewPageAsync();
        return context;
    }

    private IBrowserContext? TakeKept(BrowserNewContextOptions options)
    {
        lock (_lock)
        {
            var found = _kept.FindIndex(kept => IsAlike(kept.Options, options));
            if (found < 0)
            {
                return null;
            }

            var context = _kept[found].Context;
            _kept.RemoveAt(found);
            return context;
        }
    }

    private async Task KeepAsync(BrowserNewContextOptions options, IBrowserContext context)
    {
        IBrowserContext? oldest = null;
        lock (_lock)
        {
            _kept.Add((options, context));
            if (_kept.Count > KeptWindows)
            {
                oldest = _kept[0].Context;
                _kept.RemoveAt(0);
            }
        }

        if (oldest is not null)
        {
            await oldest.DisposeAsync();
        }
    }

    private static bool IsAlike(BrowserNewContextOptions one, BrowserNewContextOptions other) =>
        one.BaseURL == other.BaseURL
        && one.ViewportSize!.Width == other.ViewportSize!.Width
        && one.ViewportSize.Height == other.ViewportSize.Height
        && one.ColorScheme == other.ColorScheme
        && one.IgnoreHTTPSErrors == other.IgnoreHTTPSErrors;

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
