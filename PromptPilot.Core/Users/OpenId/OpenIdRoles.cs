namespace PromptPilot.Core.Users.OpenId;

/// <summary>Maps the provider's groups to a role.</summary>
internal static class OpenIdRoles
{
    /// <summary>Whether the provider's groups determine roles. Otherwise admins manage them in the portal.</summary>
    public static bool AreMapped(OpenIdOptions options) =>
        options.AdminGroups.Length + options.ArchitectGroups.Length + options.CollaboratorGroups.Length + options.ViewerGroups.Length > 0;

    /// <summary>The most powerful role of all groups, else the default; null: none. Names are compared exactly.</summary>
    public static Role? Of(OpenIdOptions options, IReadOnlyCollection<string> groups) =>
        options.AdminGroups.Any(groups.Contains) ? Role.Admin
        : options.ArchitectGroups.Any(groups.Contains) ? Role.Architect
        : options.CollaboratorGroups.Any(groups.Contains) ? Role.Collaborator
        : options.ViewerGroups.Any(groups.Contains) ? Role.Viewer
        : options.DefaultRole switch
        {
            OpenIdDefaultRole.None => null,
            OpenIdDefaultRole.Viewer => Role.Viewer,
            OpenIdDefaultRole.Collaborator => Role.Collaborator,
            OpenIdDefaultRole.Architect => Role.Architect,
        };
}
