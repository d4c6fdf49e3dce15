using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Settings;

/// <summary>
/// The door of the feature. The host puts the <see cref="StoredSettingsProvider"/> among its sources of configuration, and loads the
/// <see cref="StoredSettings"/> when the database is open.
/// </summary>
public static class SettingsSetup
{
    public static IServiceCollection AddStoredSettings(this IServiceCollection services)
    {
        services
            .AddSettings<PortalSettings>(PortalSettings.Section)
            .Validate(
                portal => portal.Name.Trim().Length is >= 1 and <= PortalSettings.MaxName,
                $"{PortalSettings.Section}:Name must have 1 to {PortalSettings.MaxName} characters."
            )
            .Validate(
                portal => !portal.Name.Any(char.IsControl),
                $"{PortalSettings.Section}:Name must not contain line breaks or other control characters."
            );
        foreach (var setting in SettingCatalog.All)
        {
            services.AddSingleton(setting);
        }

        return services
            .AddSingleton<MailTestService>()
            .AddSingleton<OpenIdTestService>()
            .AddSingleton<SettingLayers>()
            .AddSingleton<StoredSettings>()
            .AddSingleton<SettingsService>()
            .ReloadWhenChangedElsewhere<SettingsService>("StoredSettings", (settings, token) => settings.ReloadAsync(token));
    }
}
