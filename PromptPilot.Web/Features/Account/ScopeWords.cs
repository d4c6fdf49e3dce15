using PromptPilot.Core.Users;

namespace PromptPilot.Web.Features.Account;

/// <summary>Labels of the scopes of an API key.</summary>
internal static class ScopeWords
{
    public static string Of(Permission scope) =>
        scope switch
        {
            Permission.Read => "Read",
            Permission.Report => "Read and report",
            Permission.Run => "Read and run",
            Permission.Write => "Read, run and write",
            Permission.Admin => "Everything",
        };
}
