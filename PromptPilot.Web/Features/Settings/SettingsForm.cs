using PromptPilot.Core.Settings;

namespace PromptPilot.Web.Features.Settings;

/// <summary>What is typed into one group of settings, beside what counts.</summary>
public sealed class SettingsForm(SettingGroup group)
{
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _takenBack = new(StringComparer.Ordinal);

    public SettingGroup Group { get; } = group;

    /// <summary>The group's settings as they stand.</summary>
    public IReadOnlyList<SettingState> States { get; private set; } = [];

    public bool IsChanged => States.Any(IsDifferent);

    /// <summary>Shows settings as they stand now; what is typed stays, unless it was just saved.</summary>
    public void Show(IReadOnlyList<SettingState> all, bool saved)
    {
        if (saved)
        {
            _typed.Clear();
            _takenBack.Clear();
        }

        States = [.. all.Where(state => state.Setting.Group == Group)];
    }

    public string Text(SettingState state) =>
        _takenBack.Contains(state.Setting.Key) ? state.Without : _typed.GetValueOrDefault(state.Setting.Key, state.Value);

    public void Type(SettingState state, string? text)
    {
        _takenBack.Remove(state.Setting.Key);
        _typed[state.Setting.Key] = text ?? "";
    }

    /// <summary>Whether the page's value is to go, so that the file or the default counts again.</summary>
    public bool IsTakenBack(SettingState state) => _takenBack.Contains(state.Setting.Key);

    public void TakeBack(SettingState state)
    {
        _typed.Remove(state.Setting.Key);
        _takenBack.Add(state.Setting.Key);
    }

    /// <summary>What differs from what counts.</summary>
    public IReadOnlyList<SettingChange> Changes() =>
        [.. States.Where(IsDifferent).Select(state => new SettingChange(state.Setting.Key, IsTakenBack(state) ? null : Text(state), state.Revision))];

    /// <summary>An empty field of a secret means that it stays: what is stored is never shown.</summary>
    private bool IsDifferent(SettingState state) => state.FixedBy is null && (IsTakenBack(state) || Text(state) != state.Value);
}
