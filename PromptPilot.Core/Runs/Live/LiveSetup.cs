using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Runs.Live;

/// <summary>The door to what hosts show each other of their runs. A host alone needs none of it.</summary>
public static class LiveSetup
{
    /// <param name="hasRedis">Whether tokens are carried too. Otherwise a run of another host advances with each of its commits.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IServiceCollection AddForeignRuns(this IServiceCollection services, bool hasRedis)
    {
        services.AddSingleton<ForeignRuns>();
        services.AddHostedService(provider => provider.GetRequiredService<ForeignRuns>());
        return hasRedis ? services.AddSingleton<RedisConnection>().AddHostedService<RedisRelay>() : services;
    }
}
