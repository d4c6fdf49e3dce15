namespace PromptPilot.Core.Users;

/// <summary>
/// Who may use a profile: the one place where that rule is code. It is asked when a step is saved with it and when a run or a try with it
/// starts; a run that is under way continues.
/// </summary>
public static class ModelUse
{
    /// <summary>
    /// The roles that a profile can be limited to. Admins always may, since they could allow themselves; viewers run nothing.
    /// </summary>
    public static IReadOnlyList<Role> Choices { get; } = [Role.Collaborator, Role.Architect];

    /// <param name="roles">The roles of the profile; empty: everyone with the run permission.</param>
    public static bool Allows(IReadOnlyCollection<Role> roles, Role role) => roles.Count == 0 || role == Role.Admin || roles.Contains(role);

    /// <summary>The roles that may use it, as text: “architects and admins”.</summary>
    public static string Words(IReadOnlyCollection<Role> roles) =>
        roles.Count == 0 ? "everyone who can run workflows"
        : string.Join(", ", roles.Where(role => role != Role.Admin).Order().Select(role => role.ToString().ToLowerInvariant() + "s"))
            is { Length: > 0 } words
            ? $"{words} and admins"
        : "admins";

    /// <summary>The message to a user who cannot use a profile.</summary>
    public static string Refusal(string name, IReadOnlyCollection<Role> roles) =>
        $"Your role cannot use the model profile “{name}”. It is limited to {Words(roles)}. Choose another one, or ask an "
        + "admin for access.";
}
