using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A class a screen, so that both are looked at side by side; the other theme of each is with the long tests.</summary>
public sealed class EveryPageOnADeskTests(Chrome chrome) : EveryPageTests(chrome)
{
    private const int Width = 1280;

    [Fact]
    public Task Page_InLight_IsAccessibleAndFits() => LookAsync(ColorScheme.Light, Width);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Page_InDark_IsAccessibleAndFits() => LookAsync(ColorScheme.Dark, Width);
}

/// <inheritdoc cref="EveryPageOnADeskTests"/>
public sealed class EveryPageOnAPhoneTests(Chrome chrome) : EveryPageTests(chrome)
{
    private const int Width = 375;

    [Fact]
    public Task Page_InDark_IsAccessibleAndFits() => LookAsync(ColorScheme.Dark, Width);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Page_InLight_IsAccessibleAndFits() => LookAsync(ColorScheme.Light, Width);
}
