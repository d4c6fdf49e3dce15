using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Settings;

namespace PromptPilot.Web.Features.Settings;

public sealed partial class SettingField
{
    [Parameter, EditorRequired]
    public SettingState State { get; set; } = default!;

    [Parameter, EditorRequired]
    public SettingsForm Form { get; set; } = default!;

    [Parameter]
    public string? Error { get; set; }

    /// <summary>Raised when something was typed.</summary>
    [Parameter]
    public EventCallback OnTyped { get; set; }

    private Setting Setting => State.Setting;

    private string Key => Setting.Key[(Setting.Key.IndexOf(':') + 1)..].Replace(':', '-');

    private string Id => $"setting-{Key}";

    private string Text => Form.Text(State);

    private string Help =>
        Setting.Reach switch
        {
            SettingReach.Each => Setting.Help,
            SettingReach.PerHost => $"{Setting.Help} Each host counts separately.",
            SettingReach.AllHosts => $"{Setting.Help} Applies to all hosts together.",
        };

    private bool IsStored => Setting.Kind == SettingKind.Secret && State.IsSet && !Form.IsReset(State);

    private bool IsFixed => State.FixedBy is not null;

    private string SourceId => $"{Id}-source";

    private string ResetText =>
        Setting.IsSecret ? "Saving resets this to the value from the settings file or the default."
        : State.Without.Length == 0 ? "Saving resets this to its default, which is empty."
        : $"Saving resets this to “{State.Without.Replace("\n", ", ")}”.";

    private Task Type(string? text)
    {
        Form.Type(State, text);
        return OnTyped.InvokeAsync();
    }

    private Task Reset()
    {
        Form.Reset(State);
        return OnTyped.InvokeAsync();
    }
}
