using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls.Inputs;

public sealed partial class TagsInput
{
    private readonly string _list = "tags-" + Ids.New();
    private string _text = "";

    // How many changes of the text the server knows of; see js/typing.js.
    private int _seen;

    [Parameter]
    public IReadOnlyList<string> Value { get; set; } = [];

    [Parameter]
    public EventCallback<IReadOnlyList<string>> ValueChanged { get; set; }

    [Parameter]
    public string Label { get; set; } = "Tags";

    [Parameter]
    public string Placeholder { get; set; } = "Add a tag";

    /// <summary>Tags in use elsewhere.</summary>
    [Parameter]
    public IReadOnlyList<string> Suggestions { get; set; } = [];

    [Parameter]
    public string TestId { get; set; } = "tags";

    /// <summary>Of the input: its id and state inside a <see cref="Field"/>.</summary>
    [Parameter(CaptureUnmatchedValues = true)]
    public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    private async Task InputAsync(string? text)
    {
        _seen++;
        _text = text ?? "";
        if (_text.Contains(','))
        {
            await AddAsync();
        }
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Enter" && key is { CtrlKey: false, MetaKey: false })
        {
            await AddAsync();
        }
        else if (key.Key == "Backspace" && _text.Length == 0 && Value.Count > 0)
        {
            await SetAsync(Value.SkipLast(1));
        }
    }

    private async Task AddAsync()
    {
        var words = _text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _text = "";
        if (words.Length > 0)
        {
            await SetAsync(Value.Concat(words));
        }
    }

    private Task SetAsync(IEnumerable<string> tags) => ValueChanged.InvokeAsync(tags.Distinct(StringComparer.OrdinalIgnoreCase).ToList());
}
