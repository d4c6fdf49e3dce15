using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Shared.Settings;
using StackExchange.Redis;

namespace PromptPilot.Core.Runs.Live;

/// <summary>The connection string of Redis: a secret. Whether it is set decides if hosts show each other's tokens.</summary>
public sealed class RedisConnection(IConfiguration configuration) : ISettingsCheck
{
    public const string Key = "PromptPilot:Redis";

    public IReadOnlyList<string> Keys => [Key];

    /// <summary>The setting; null when there is no Redis.</summary>
    public static string? Find(IConfiguration configuration) => configuration[Key] is { Length: > 0 } text ? text : null;

    public IReadOnlyList<string> Errors(IConfiguration configuration) => Find(configuration) is { } text ? ErrorsOf(text) : [];

    /// <summary>Starts without Redis too, and connects once it is there.</summary>
    internal ConfigurationOptions Options()
    {
        var options = ConfigurationOptions.Parse(Find(configuration)!);
        options.AbortOnConnectFail = false;
        options.ClientName ??= "PromptPilot";
        return options;
    }

    /// <summary>Says nothing of the value, which may hold a password.</summary>
    private static string[] ErrorsOf(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0 ? [] : [$"{Key} names no host. Example: redis.example.org:6379"];
        }
        catch (ArgumentException)
        {
            return [$"{Key} is not a connection string of Redis. Example: redis.example.org:6379,password=…"];
        }
    }
}
