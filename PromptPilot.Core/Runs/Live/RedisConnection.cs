using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Shared.Settings;
using StackExchange.Redis;

namespace PromptPilot.Core.Runs.Live;

/// <summary>The connection string of Redis, which is a secret. If it is set, hosts show each other's tokens.</summary>
public sealed class RedisConnection(IConfiguration configuration) : ISettingsCheck
{
    public const string Key = "PromptPilot:Redis";

    public IReadOnlyList<string> Keys => [Key];

    /// <summary>The setting; null when there is no Redis.</summary>
    public static string? Find(IConfiguration configuration) => configuration[Key] is { Length: > 0 } text ? text : null;

    public IReadOnlyList<string> Errors(IConfiguration configuration) => Find(configuration) is { } text ? ErrorsOf(text) : [];

    /// <summary>Does not fail without Redis, and connects once it is available.</summary>
    internal ConfigurationOptions Options()
    {
        var options = ConfigurationOptions.Parse(Find(configuration)!);
        options.AbortOnConnectFail = false;
        options.ClientName ??= "PromptPilot";
        return options;
    }

    /// <summary>Does not quote the value, which may contain a password.</summary>
    private static string[] ErrorsOf(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0 ? [] : [$"{Key} has no host. Example: redis.example.org:6379"];
        }
        catch (ArgumentException)
        {
            return [$"{Key} is not a Redis connection string. Example: redis.example.org:6379,password=…"];
        }
    }
}
