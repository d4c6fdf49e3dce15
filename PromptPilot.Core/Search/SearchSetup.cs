using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Search;

/// <summary>The door of the feature.</summary>
public static class SearchSetup
{
    public static IServiceCollection AddSearch(this IServiceCollection services) => services.AddSingleton<SearchService>();
}
