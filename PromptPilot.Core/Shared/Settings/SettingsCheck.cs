using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace PromptPilot.Core.Shared.Settings;

/// <summary>Checks one section of the settings before anything starts.</summary>
public interface ISettingsCheck
{
    /// <summary>
    /// The known keys, from the root. Those of lists have no index. Any other key below <c>PromptPilot</c> is probably misspelt
    /// (<see cref="UnknownSettings"/>).
    /// </summary>
    IReadOnlyList<string> Keys { get; }

    /// <summary>
    /// What is wrong with this section as <paramref name="configuration"/> has it, one sentence each, beginning with the key.
    /// </summary>
    IReadOnlyList<string> Errors(IConfiguration configuration);
}

/// <summary>Registers a section of the settings so that all its errors are reported together, at start.</summary>
public static class SettingsRegistration
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section; rules are added with <c>Validate(rule, "Section:Key is …")</c>. Its
    /// <see cref="IOptions{T}"/> follow changes: admins change settings while the portal runs.
    /// A value that was copied into a field stays old.
    /// </summary>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class, new()
    {
        services.AddSingleton<ISettingsCheck>(provider => new SettingsCheck<T>(section, provider.GetServices<IValidateOptions<T>>()));
        services.AddSingleton<IOptions<T>, LiveOptions<T>>();
        return services.AddOptions<T>().BindConfiguration(section);
    }

    /// <summary>Makes options that are computed from <typeparamref name="TSettings"/> follow its changes.</summary>
    public static IServiceCollection FollowSettings<T, TSettings>(this IServiceCollection services)
        where T : class
        where TSettings : class
    {
        services.AddSingleton<IOptionsChangeTokenSource<T>, ChangesOf<T, TSettings>>();
        return services.AddSingleton<IOptions<T>, LiveOptions<T>>();
    }
}

/// <summary>
/// Signals a change when the settings have their new values; the configuration itself may signal the computed options first.
/// </summary>
internal sealed class ChangesOf<T, TSettings> : IOptionsChangeTokenSource<T>, IDisposable
    where TSettings : class
{
    private readonly IDisposable? _following;
    private ConfigurationReloadToken _token = new();

    public ChangesOf(IOptionsMonitor<TSettings> settings) =>
        _following = settings.OnChange(_ => Interlocked.Exchange(ref _token, new ConfigurationReloadToken()).OnReload());

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => _token;

    public void Dispose() => _following?.Dispose();
}

internal sealed class LiveOptions<T>(IOptionsMonitor<T> monitor) : IOptions<T>
    where T : class
{
    public T Value => monitor.CurrentValue;
}

internal sealed class SettingsCheck<T>(string section, IEnumerable<IValidateOptions<T>> rules) : ISettingsCheck
    where T : class, new()
{
    private static readonly IReadOnlyList<PropertyInfo> Properties =
    [
        .. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite),
    ];

    public IReadOnlyList<string> Keys => [.. Properties.Select(property => $"{section}:{property.Name}")];

    public IReadOnlyList<string> Errors(IConfiguration configuration)
    {
        var unreadable = Properties.Select(property => Unreadable(configuration, property)).OfType<string>().ToList();
        if (unreadable.Count > 0)
        {
            // The binder would stop at the first of these.
            return unreadable;
        }

        var settings = new T();
        configuration.GetSection(section).Bind(settings);
        return [.. rules.SelectMany(rule => rule.Validate(Options.DefaultName, settings).Failures ?? [])];
    }

    private string? Unreadable(IConfiguration configuration, PropertyInfo property)
    {
        var key = $"{section}:{property.Name}";
        try
        {
            configuration.GetSection(key).Get(property.PropertyType);
            return null;
        }
        catch (InvalidOperationException)
        {
            return $"{key} is “{configuration[key]}”, which is not {Wanted(property.PropertyType)}.";
        }
    }

    private static string Wanted(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(bool) ? "true or false"
            : plain == typeof(int) || plain == typeof(long) ? "a whole number"
            : plain == typeof(double) || plain == typeof(decimal) ? "a number"
            : plain == typeof(TimeSpan) ? "a time like 00:00:30"
            : plain.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(plain))}"
            : "of the right type";
    }
}
