namespace PromptPilot.Core.Shared.Settings;

/// <summary>Section <c>PromptPilot:Portal</c>.</summary>
public sealed class PortalSettings
{
    public const string Section = "PromptPilot:Portal";
    public const int MaxName = 40;

    /// <summary>What people here call the portal. 1 to 40 characters. A null in a settings file counts as the product's name.</summary>
    public string Name
    {
        get;
        set => field = value ?? Product;
    } = Product;

    private const string Product = "PromptPilot";
}
