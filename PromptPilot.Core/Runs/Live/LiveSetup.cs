using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Runs.Live;

/// <summary>Registers the services with which hosts show each other's runs. A single host needs none of them.</summary>
public static class LiveSetup
{
    /// <param name="hasRedis">Whether tokens are sent too. Otherwise a run of another host is updated with each of its commits.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IServiceCollection AddForeignRuns(this IServiceCollection services, bool hasRedis)
    {
        services.AddSingleton<ForeignRuns>();
        services.AddHostedService(provider => provider.GetRequiredService<ForeignRuns>());
        return hasRedis ? services.AddSingleton<RedisConnection>().AddHostedService<RedisRelay>() : services;
    }
}
