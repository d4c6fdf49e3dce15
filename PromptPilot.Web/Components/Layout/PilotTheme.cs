using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MudBlazor;
using MudBlazor.Utilities;

namespace PromptPilot.Web.Components.Layout;

/// <summary>
/// The look, in one place: a table of tokens for light and dark, mapped onto MudBlazor's theme.
/// Served as a stylesheet that holds both, so that the browser picks the right one before the first paint: by <c>data-theme</c> on the root
/// element, else by what the system asks for.
/// </summary>
internal static class PilotTheme
{
    private const string Sans = "system-ui";

    private static readonly Tokens Light = new(
        Background: "#f6f7f9",
        Surface: "#ffffff",
        Sunken: "#f0f2f5",
        Line: "#e1e5ea",
        Field: "#8a94a3",
        Text: "#171b21",
        Muted: "#566070",
        Accent: "#3451c7",
        OnAccent: "#ffffff",
        AccentSoft: "#e8ecfb",
        Ok: "#17734a",
        OkSoft: "#e2f3ea",
        Warn: "#8a5a00",
        WarnSoft: "#fbf0d9",
        Error: "#b42a24",
        ErrorSoft: "#fbe6e4"
    );

    private static readonly Tokens Dark = new(
        Background: "#0f1217",
        Surface: "#171b22",
        Sunken: "#11151b",
        Line: "#2a313b",
        Field: "#667284",
        Text: "#e7eaef",
        Muted: "#9aa5b5",
        Accent: "#93a9ff",
        OnAccent: "#0f1217",
        AccentSoft: "#222b4d",
        Ok: "#62c796",
        OkSoft: "#16301f",
        Warn: "#e3b45c",
        WarnSoft: "#33280f",
        Error: "#f08a83",
        ErrorSoft: "#3a1a18"
    );

    /// <summary>The whole stylesheet: sizes and type once, colors for light, dark, and dark by system preference.</summary>
    public static string Css { get; } = Write();

    /// <summary>The address it is served at; the query changes with its content, so that it can be cached forever.</summary>
    public static string Url { get; } = $"theme.css?v={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Css)))[..12]}";

    public static IEndpointRouteBuilder MapTheme(this IEndpointRouteBuilder app)
    {
        app.MapGet(
                "/theme.css",
                (HttpContext http) =>
                {
                    http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
                    return Results.Text(Css, "text/css; charset=utf-8");
                }
            )
            .AllowAnonymous()
            .ExcludeFromDescription();
        return app;
    }

    private static string Write()
    {
        var light = new ThemeWriter(Theme(Light)).Lines();
        var dark = new ThemeWriter(Theme(Dark)).Lines().Where(IsColor).ToList();
        var darkBlock = $"color-scheme:dark;{Own(Dark)}{string.Concat(dark)}";
        return $":root{{color-scheme:light;{Own(Light)}{string.Concat(light)}}}\n"
            + $":root[data-theme=dark]{{{darkBlock}}}\n"
            + $"@media (prefers-color-scheme:dark){{:root:not([data-theme]){{{darkBlock}}}}}\n";
    }

    private static bool IsColor(string line) =>
        line.StartsWith("--mud-palette", StringComparison.Ordinal) || line.StartsWith("--mud-native", StringComparison.Ordinal);

    private static string Own(Tokens t) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"--bg:{t.Background};--surface:{t.Surface};--sunken:{t.Sunken};--line:{t.Line};--text:{t.Text};--muted:{t.Muted};"
                + $"--accent:{t.Accent};--on-accent:{t.OnAccent};--accent-soft:{t.AccentSoft};--ok:{t.Ok};--ok-soft:{t.OkSoft};"
                + $"--warn:{t.Warn};--warn-soft:{t.WarnSoft};--err:{t.Error};--err-soft:{t.ErrorSoft};"
        );

    private static MudTheme Theme(Tokens t) =>
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = t.Accent,
                PrimaryContrastText = t.OnAccent,
                Secondary = t.Muted,
                SecondaryContrastText = t.Surface,
                Tertiary = t.Accent,
                TertiaryContrastText = t.OnAccent,
                Info = t.Accent,
                InfoContrastText = t.OnAccent,
                Success = t.Ok,
                SuccessContrastText = t.Surface,
                Warning = t.Warn,
                WarningContrastText = t.Surface,
                Error = t.Error,
                ErrorContrastText = t.Surface,
                Dark = t.Text,
                DarkContrastText = t.Surface,
                TextPrimary = t.Text,
                TextSecondary = t.Muted,
                TextDisabled = new MudColor(t.Muted).SetAlpha(0.75),
                ActionDefault = t.Muted,
                ActionDisabled = new MudColor(t.Muted).SetAlpha(0.6),
                ActionDisabledBackground = t.Sunken,
                Surface = t.Surface,
                Background = t.Background,
                BackgroundGray = t.Sunken,
                DrawerBackground = t.Surface,
                DrawerText = t.Text,
                DrawerIcon = t.Muted,
                AppbarBackground = t.Surface,
                AppbarText = t.Text,
                LinesDefault = t.Line,
                LinesInputs = t.Field,
                TableLines = t.Line,
                TableStriped = t.Sunken,
                TableHover = t.Sunken,
                Divider = t.Line,
                DividerLight = t.Line,
                Skeleton = t.Line,
            },
            LayoutProperties = new LayoutProperties
            {
                DefaultBorderRadius = "6px",
                AppbarHeight = "48px",
                DrawerWidthLeft = "208px",
                DrawerMiniWidthLeft = "52px",
            },
            Shadows = new Shadow { Elevation = [.. Enumerable.Range(0, 26).Select(Elevation)] },
            Typography = new Typography
            {
                Default = new DefaultTypography
                {
                    FontFamily = [Sans, "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"],
                    FontSize = "14px",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                H1 = new H1Typography
                {
                    FontFamily = [Sans],
                    FontSize = "20px",
                    FontWeight = "650",
                    LineHeight = "1.3",
                    LetterSpacing = "-.015em",
                },
                H2 = new H2Typography
                {
                    FontSize = "16px",
                    FontWeight = "600",
                    LineHeight = "1.4",
                    LetterSpacing = "-.01em",
                },
                H3 = new H3Typography
                {
                    FontSize = "15px",
                    FontWeight = "600",
                    LineHeight = "1.4",
                    LetterSpacing = "normal",
                },
                H4 = new H4Typography
                {
                    FontSize = "14px",
                    FontWeight = "600",
                    LineHeight = "1.4",
                    LetterSpacing = "normal",
                },
                H5 = new H5Typography
                {
                    FontSize = "14px",
                    FontWeight = "600",
                    LineHeight = "1.4",
                    LetterSpacing = "normal",
                },
                H6 = new H6Typography
                {
                    FontSize = "14px",
                    FontWeight = "600",
                    LineHeight = "1.4",
                    LetterSpacing = "normal",
                },
                Subtitle1 = new Subtitle1Typography
                {
                    FontSize = "14px",
                    FontWeight = "400",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                Subtitle2 = new Subtitle2Typography
                {
                    FontSize = "13px",
                    FontWeight = "600",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                Body1 = new Body1Typography
                {
                    FontSize = "14px",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                Body2 = new Body2Typography
                {
                    FontSize = "13px",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                Button = new ButtonTypography
                {
                    FontSize = "14px",
                    FontWeight = "500",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                    TextTransform = "none",
                },
                Caption = new CaptionTypography
                {
                    FontSize = "12px",
                    LineHeight = "1.5",
                    LetterSpacing = "normal",
                },
                Overline = new OverlineTypography
                {
                    FontSize = "11px",
                    LineHeight = "1.5",
                    LetterSpacing = ".06em",
                },
            },
        };

    /// <summary>Hairlines instead of shadows: only what floats over the page (menus, dialogs) casts one.</summary>
    private static string Elevation(int level) => level < 8 ? "none" : "0 8px 28px rgba(10,14,22,.18)";

    private sealed record Tokens(
        string Background,
        string Surface,
        string Sunken,
        string Line,
        string Field,
        string Text,
        string Muted,
        string Accent,
        string OnAccent,
        string AccentSoft,
        string Ok,
        string OkSoft,
        string Warn,
        string WarnSoft,
        string Error,
        string ErrorSoft
    );

    /// <summary>Lets MudBlazor itself write the variables of a theme, outside a page.</summary>
    private sealed class ThemeWriter : MudThemeProvider
    {
        public ThemeWriter(MudTheme theme) => Theme = theme;

        public string[] Lines()
        {
            var css = new StringBuilder();
            GenerateTheme(css);
            return css.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
    }
}
