using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Prompts;

public sealed partial class PromptHistory
{
    private string? _left;
    private string? _right;
    private PromptComparison? _comparison;
    private (string Left, string Right) _names;
    private Problem? _problem;
    private bool _isInline = true;

    /// <summary>The newest first.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<PromptVersion> Versions { get; set; } = [];

    [Parameter]
    public bool HasMore { get; set; }

    [Parameter, EditorRequired]
    public string Latest { get; set; } = "";

    [Parameter]
    public IReadOnlyList<PromptLabelItem> Labels { get; set; } = [];

    /// <summary>Names by user id.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string> People { get; set; } = new Dictionary<string, string>();

    /// <summary>The current content of the editor.</summary>
    [Parameter]
    public Func<PromptState>? Editor { get; set; }

    [Parameter]
    public bool CanEdit { get; set; }

    [Parameter]
    public EventCallback<PromptVersion> OnRestore { get; set; }

    /// <summary>A version is to get a label.</summary>
    [Parameter]
    public EventCallback<string> OnLabel { get; set; }

    [Parameter]
    public EventCallback OnMore { get; set; }

    /// <summary>The version a side shows; empty: what is in the editor.</summary>
    private string Chosen(int side) => side == 0 ? _left ?? (Versions.Count > 1 ? Versions[1].Version : Latest) : _right ?? Latest;

    private void Choose(int side, string version) => (_left, _right) = side == 0 ? (version, _right) : (_left, version);

    private string? Before(PromptVersion version)
    {
        var at = Versions.ToList().IndexOf(version);
        return at + 1 < Versions.Count ? Versions[at + 1].Version : null;
    }

    private Task ShowAsync(string left, string right)
    {
        (_left, _right) = (left, right);
        return CompareAsync();
    }

    private async Task CompareAsync()
    {
        var (left, right) = (StateOf(Chosen(0)), StateOf(Chosen(1)));
        if (left is null || right is null)
        {
            _problem = Problem.Invalid("This version is no longer in the list. Choose another one.");
            return;
        }

        (_problem, _names) = (null, (Name(Chosen(0)), Name(Chosen(1))));

        // Long texts take a while to compare: not on the thread of the viewer's circuit.
        _comparison = await Task.Run(() => PromptComparison.Of(left, right));
    }

    private static string Name(string version) => version.Length == 0 ? "in the editor" : version;

    private PromptState? StateOf(string version) =>
        version.Length == 0 ? Editor?.Invoke()
        : Versions.FirstOrDefault(v => v.Version == version) is { } found ? PromptState.Of(found)
        : null;
}
