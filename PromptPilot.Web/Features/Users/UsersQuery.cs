using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Users;

/// <summary>The list of users as its address filters it.</summary>
public sealed record UsersQuery(string? Role, string? State)
{
    internal UserFilter ToFilter(string? search) => new(search, QueryWord.Enum<Role>(Role), QueryWord.Enum<UserState>(State));
}
