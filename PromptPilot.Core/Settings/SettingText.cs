using System.Globalization;

namespace PromptPilot.Core.Settings;

/// <summary>Reads what people type into a setting's field.</summary>
internal static class SettingText
{
    /// <summary>The text as stored, or its error. Ranges are checked by the rules of the sections.</summary>
    public static (string Value, string? Error) Read(Setting setting, string typed)
    {
        if (typed.Length > Setting.MaxLength)
        {
            return ("", $"A setting can have at most {Setting.MaxLength:N0} characters.");
        }

        var text = setting.IsSecret ? typed : typed.Trim();
        return setting.Kind switch
        {
            SettingKind.Text or SettingKind.Secret => text.Any(char.IsControl)
                ? ("", "Remove line breaks and other control characters.")
                : (text, null),
            SettingKind.List => (
                string.Join(
                    '\n',
                    text.Split(
                            setting.KeepsSpaces ? ['\n', '\r'] : ['\n', '\r', ',', ' ', '\t'],
                            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
                        )
                        .Distinct(setting.KeepsSpaces ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase)
                ),
                null
            ),
            SettingKind.Switch => bool.TryParse(text, out var flag) ? (flag ? "true" : "false", null) : ("", "Choose on or off."),
            SettingKind.Choice => setting.Choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase))
                is { } choice
                ? (choice, null)
                : ("", $"Choose one of {string.Join(", ", setting.Choices)}."),
            SettingKind.Number => Number(setting, text),
        };
    }

    private static (string Value, string? Error) Number(Setting setting, string text)
    {
        if (text.Length == 0 && setting.Default.Length == 0)
        {
            return ("", null);
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (number.ToString(CultureInfo.InvariantCulture), null)
            : ("", "Enter a whole number.");
    }
}
