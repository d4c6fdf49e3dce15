namespace PromptPilot.Core.Shared.Settings;

/// <summary>Section <c>PromptPilot:Portal</c>.</summary>
public sealed class PortalSettings
{
    public const string Section = "PromptPilot:Portal";
    public const int MaxName = 40;

    /// <summary>Name of the portal. 1 to 40 characters. Null in a settings file means the product's name.</summary>
    public string Name
    {
        get;
        set => field = value ?? Product;
    } = Product;

    private const string Product = "PromptPilot";
}
