using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PromptPilot.Core.Shared.Settings;

/// <summary>Looks at one section of the settings before anything starts.</summary>
public interface ISettingsCheck
{
    /// <summary>What is wrong, one sentence each, beginning with the key.</summary>
    IReadOnlyList<string> Errors();
}

/// <summary>Registers a section of the settings so that all that is wrong in it is told at once, at start.</summary>
public static class SettingsRegistration
{
    /// <summary>Binds <typeparamref name="T"/> to a section; rules are added with <c>Validate(rule, "Section:Key is …")</c>.</summary>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton<ISettingsCheck>(provider =>
            new SettingsCheck<T>(section, provider.GetRequiredService<IConfiguration>(), () => provider.GetRequiredService<IOptions<T>>().Value));
        return services.AddOptions<T>().BindConfiguration(section);
    }
}

internal sealed class SettingsCheck<T>(string section, IConfiguration configuration, Func<T> read) : ISettingsCheck
{
    public IReadOnlyList<string> Errors()
    {
        var unreadable = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(Unreadable).OfType<string>().ToList();
        if (unreadable.Count > 0)
        {
            // The binder would stop at the first of these.
            return unreadable;
        }

        try
        {
            read();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }

    private string? Unreadable(PropertyInfo property)
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
