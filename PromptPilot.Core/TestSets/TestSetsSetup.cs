using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>The door of the feature.</summary>
public static class TestSetsSetup
{
    public static IServiceCollection AddTestSets(this IServiceCollection services) =>
        services
            .AddSingleton<TestSetService>()
            .AddSingleton<TestCaseService>()
            .AddSingleton<RunCaseService>()
            .AddSingleton<ExampleService>()
            .AddSingleton<IPersonalTexts, PersonalCases>();
}
