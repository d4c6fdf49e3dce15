namespace PromptPilot.Core.Users.Setup;

/// <summary>
/// Section <c>PromptPilot:Setup</c>: unattended installation. Ignored once there is a user.
/// </summary>
public sealed class SetupOptions
{
    public const string Section = "PromptPilot:Setup";
    public const int MinKeyLength = 24;
    public const int MaxKeyLength = 200;

    public string AdminEmail { get; set; } = "";

    public string AdminPassword { get; set; } = "";

    /// <summary>Becomes an API key of the admin, with the scope admin. Empty: none.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>True: creates sample prompts and workflows with the first admin.</summary>
    public bool SampleWorkspace { get; set; } = true;

    /// <summary>True: the first admin is created from these settings.</summary>
    public bool IsUnattended => AdminEmail.Length > 0;
}
