using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace PromptPilot.Core.Settings;

/// <summary>The groups in which the settings page shows settings.</summary>
public enum SettingGroup
{
    Portal,
    Mail,
    SignIn,
    OpenId,
    Network,
    Retention,
    Limits,
}

/// <summary>The type of a setting's value.</summary>
public enum SettingKind
{
    Text,
    Number,
    Switch,

    /// <summary>One of <see cref="Setting.Choices"/>.</summary>
    Choice,

    /// <summary>One entry a line.</summary>
    List,

    /// <summary>Write-only: stored encrypted, never shown.</summary>
    Secret,
}

/// <summary>What a limit applies to where several hosts share a database.</summary>
public enum SettingReach
{
    /// <summary>It is no limit, or one of a single request, run or call.</summary>
    Each,

    /// <summary>Every host counts alone.</summary>
    PerHost,

    /// <summary>All hosts count together.</summary>
    AllHosts,
}

/// <summary>
/// A key of the configuration that admins may set on the settings page. Its value is text: numbers in digits, <c>true</c> or <c>false</c>,
/// a list with one entry a line.
/// </summary>
/// <param name="Key">Configuration key, e.g. <c>PromptPilot:Smtp:Host</c>.</param>
/// <param name="Title">Its label.</param>
/// <param name="Help">Its help text: what it does, and when to change it.</param>
/// <param name="Default">The value when no source sets it.</param>
public sealed record Setting(string Key, SettingGroup Group, SettingKind Kind, string Title, string Help, string Default = "")
{
    public const int MaxLength = 8000;

    /// <summary>The unit of a number.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What it limits where several hosts share a database.</summary>
    public SettingReach Reach { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>
    /// For a secret: the keys that decide its receiver. If one of them changes, the secret must be entered again. Otherwise anyone who can
    /// change settings could have it sent to themselves.
    /// </summary>
    public IReadOnlyList<string> GoesTo { get; init; } = [];

    /// <summary>For a list: entries can contain spaces and commas, so only line breaks separate them.</summary>
    public bool KeepsSpaces { get; init; }

    public bool IsSecret => Kind == SettingKind.Secret;

    /// <summary>The name of its environment variable.</summary>
    public string Variable => Key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    /// <summary>A property of a class of settings; kind, choices and default are the property's.</summary>
    public static Setting Of<T>(string section, string property, SettingGroup group, string title, string help)
        where T : new()
    {
        var info = typeof(T).GetProperty(property) ?? throw new ArgumentException($"{typeof(T).Name} has no {property}.", nameof(property));
        var type = Nullable.GetUnderlyingType(info.PropertyType) ?? info.PropertyType;
        return new Setting(ConfigurationPath.Combine(section, property), group, KindOf(type), title, help, TextOf(info.GetValue(new T())))
        {
            Choices = type.IsEnum ? Enum.GetNames(type) : [],
        };
    }

    private static SettingKind KindOf(Type type) =>
        type == typeof(bool) ? SettingKind.Switch
        : type == typeof(int) ? SettingKind.Number
        : type == typeof(string[]) ? SettingKind.List
        : type.IsEnum ? SettingKind.Choice
        : SettingKind.Text;

    internal static string TextOf(object? value) =>
        value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            string[] list => string.Join('\n', list),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
}
