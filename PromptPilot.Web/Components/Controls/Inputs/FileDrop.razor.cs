using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Components.Controls.Inputs;

public sealed partial class FileDrop
{
    private string? _said;
    private string? _error;

    /// <summary>The text input.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>Gets the text of the file.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnText { get; set; }

    /// <summary>Gets the name of the file, before its text.</summary>
    [Parameter]
    public EventCallback<string> OnName { get; set; }

    [Parameter]
    public long MaxBytes { get; set; } = 1024 * 1024;

    [Parameter]
    public string Accept { get; set; } = "text/*,.md,.txt,.json,.csv,.log,.xml,.yaml,.yml,.html";

    private async Task ReadAsync(InputFileChangeEventArgs change)
    {
        (_said, _error) = (null, null);
        if (change.FileCount != 1)
        {
            _error = change.FileCount > 1 ? "This field accepts one file. Choose one." : null;
            return;
        }

        var file = change.File;
        if (file.Size > MaxBytes)
        {
            _error =
                $"“{file.Name}” is {Format.Count(file.Size / 1024)} KB; the limit is {Format.Count(MaxBytes / 1024)} KB. Use "
                + "a smaller file.";
            return;
        }

        using var content = new MemoryStream();
        await using var stream = file.OpenReadStream(MaxBytes);
        await stream.CopyToAsync(content);
        if (TextFile.Read(content.ToArray()) is not { } text)
        {
            _error = $"“{file.Name}” is not a text file.";
            return;
        }

        _said = $"{file.Name}, {Format.Count(text.Length)} characters";
        await OnName.InvokeAsync(file.Name);
        await OnText.InvokeAsync(text);
    }
}
