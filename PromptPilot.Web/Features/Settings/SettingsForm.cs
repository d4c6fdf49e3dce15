using PromptPilot.Core.Settings;

namespace PromptPilot.Web.Features.Settings;

/// <summary>The entered values of one group of settings, beside the effective ones.</summary>
public sealed class SettingsForm(SettingGroup group)
{
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reset = new(StringComparer.Ordinal);

    public SettingGroup Group { get; } = group;

    /// <summary>The group's current settings.</summary>
    public IReadOnlyList<SettingState> States { get; private set; } = [];

    public bool IsChanged => States.Any(IsDifferent);

    /// <summary>
    /// Shows settings as they are now. What is typed stays, with the state it was typed over, so that someone else's change meanwhile is
    /// noticed; what was just saved goes, as far as nothing else was typed since.
    /// </summary>
    /// <param name="saved">The saved values of this group.</param>
    public void Show(IReadOnlyList<SettingState> all, IReadOnlyList<SettingChange> saved)
    {
        var keys = saved.Select(change => change.Key).ToHashSet();
        foreach (var change in saved)
        {
            if (change.Value is null ? !_reset.Remove(change.Key) : _typed.GetValueOrDefault(change.Key) == change.Value)
            {
                _typed.Remove(change.Key);
            }
        }

        var before = States.ToDictionary(state => state.Setting.Key);
        States =
        [
            .. all.Where(state => state.Setting.Group == Group)
                .Select(state =>
                    IsTyped(state) && !keys.Contains(state.Setting.Key) && before.TryGetValue(state.Setting.Key, out var old) ? old : state
                ),
        ];
    }

    public string Text(SettingState state) =>
        _reset.Contains(state.Setting.Key) ? state.Without : _typed.GetValueOrDefault(state.Setting.Key, state.Value);

    public void Type(SettingState state, string? text)
    {
        _reset.Remove(state.Setting.Key);
        _typed[state.Setting.Key] = text ?? "";
    }

    /// <summary>True to remove the page's value, so that the file or the default applies again.</summary>
    public bool IsReset(SettingState state) => _reset.Contains(state.Setting.Key);

    public void Reset(SettingState state)
    {
        _typed.Remove(state.Setting.Key);
        _reset.Add(state.Setting.Key);
    }

    /// <summary>The changes to the effective values.</summary>
    public IReadOnlyList<SettingChange> Changes() =>
        [
            .. States
                .Where(IsDifferent)
                .Select(state => new SettingChange(state.Setting.Key, IsReset(state) ? null : Text(state), state.Revision)),
        ];

    private bool IsTyped(SettingState state) => _typed.ContainsKey(state.Setting.Key) || _reset.Contains(state.Setting.Key);

    /// <summary>An empty field of a secret means that it stays: what is stored is never shown.</summary>
    private bool IsDifferent(SettingState state) => state.FixedBy is null && (IsReset(state) || Text(state) != state.Value);
}
