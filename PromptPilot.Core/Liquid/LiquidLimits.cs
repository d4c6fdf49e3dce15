namespace PromptPilot.Core.Liquid;

/// <summary>Limits of one template. Users write templates and models write the data: neither may stop the host.</summary>
internal static class LiquidLimits
{
    /// <summary>Characters of a template's text.</summary>
    public const int Text = 1024 * 1024;

    /// <summary>Characters inside one <c>{{ }}</c> or <c>{% %}</c>.</summary>
    public const int Tag = 8_000;

    /// <summary>Filters in one expression.</summary>
    public const int Filters = 100;

    /// <summary>Parts inside parts.</summary>
    public const int Parts = 50;

    /// <summary>Blocks inside blocks.</summary>
    public const int Depth = 50;

    /// <summary>Characters of the output, and of any one text made on the way.</summary>
    public const int Output = 4 * 1024 * 1024;

    /// <summary>Characters made by filters and captures in all.</summary>
    public const long Work = 64L * 1024 * 1024;

    /// <summary>Rounds of all loops together.</summary>
    public const int Rounds = 100_000;

    /// <summary>Items of one list.</summary>
    public const int Items = 1_000_000;

    public static readonly TimeSpan Time = TimeSpan.FromSeconds(2);
}
