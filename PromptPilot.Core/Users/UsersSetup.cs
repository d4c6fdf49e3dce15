using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Users;

/// <summary>The door of the feature.</summary>
public static class UsersSetup
{
    public static IServiceCollection AddUsers(this IServiceCollection services) => services.AddSingleton<Access>();
}
