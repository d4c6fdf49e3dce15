using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class MappingRow
{
    private IReadOnlyList<Completion> _completions = [];
    private int _at = -1;
    private int _caret = int.MaxValue;

    [Parameter, EditorRequired]
    public required VariableChoice Variable { get; set; }

    [Parameter, EditorRequired]
    public required string Field { get; set; }

    [Parameter]
    public string Expression { get; set; } = "";

    [Parameter]
    public EventCallback<string> ExpressionChanged { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ReadableKey> Keys { get; set; }

    [Parameter]
    public string? Error { get; set; }

    /// <summary>What is worth knowing though nothing is wrong.</summary>
    [Parameter]
    public string? Hint { get; set; }

    /// <summary>What the expression gave in the last run.</summary>
    [Parameter]
    public string? Sample { get; set; }

    private string ListId => FieldIds.Of(Field) + "-list";

    private bool IsOpen => _completions.Count > 0;

    private Task TypeAsync(string? text)
    {
        _caret = ExpressionCompletion.CaretAfter(Expression, text ?? "");
        (_completions, _at) = (ExpressionCompletion.Of(text ?? "", _caret, Keys), -1);
        return ChangeAsync(text);
    }

    private Task KeyAsync(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when IsOpen:
                _at = (_at + 1) % _completions.Count;
                break;
            case "ArrowUp" when IsOpen:
                _at = (_at <= 0 ? _completions.Count : _at) - 1;
                break;
            case "ArrowDown":
                _completions = ExpressionCompletion.Of(Expression, _caret, Keys);
                break;
            case "Enter" when IsOpen && _at >= 0:
                return TakeAsync(_completions[_at]);
            case "Escape":
                return CloseAsync();
        }

        return Task.CompletedTask;
    }

    private Task TakeAsync(Completion completion)
    {
        (_completions, _at) = ([], -1);
        return ChangeAsync(completion.Text);
    }

    private Task CloseAsync()
    {
        (_completions, _at) = ([], -1);
        return Task.CompletedTask;
    }

    private Task ChangeAsync(string? text) => ExpressionChanged.InvokeAsync(text ?? "");
}
