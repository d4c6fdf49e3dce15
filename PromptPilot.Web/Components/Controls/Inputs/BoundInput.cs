using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// An <c>input</c>, or a <c>textarea</c> for several lines. Unlike <c>@bind</c> in markup, it chooses the event at run time, and a late
/// answer of the server does not undo what was typed since: neither one that arrives late here, nor (js/typing.js) one that arrives late
/// in the browser.
/// </summary>
public sealed class BoundInput : ComponentBase
{
    private readonly TypedText _text = new();
    private ElementReference _element;
    private int _seen;

    [Parameter]
    public string? Value { get; set; }

    [Parameter]
    public EventCallback<string> ValueChanged { get; set; }

    [Parameter]
    public int Lines { get; set; } = 1;

    /// <summary>Whether each key is reported, not only the complete text.</summary>
    [Parameter]
    public bool IsImmediate { get; set; }

    /// <summary>Whether it has the focus when it appears.</summary>
    [Parameter]
    public bool HasFocus { get; set; }

    [Parameter(CaptureUnmatchedValues = true)]
    public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    protected override void OnParametersSet() => _text.Arrive(Value ?? "");

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, Lines > 1 ? "textarea" : "input");
        builder.AddAttribute(1, "rows", Lines > 1 ? Lines : null);
        builder.AddMultipleAttributes(2, Attributes);
        builder.AddAttribute(3, "data-reports", IsImmediate ? "input" : null);

        // Before the value: the browser takes attributes in this order.
        builder.AddAttribute(4, "data-seen", _seen);
        builder.AddAttribute(5, "value", _text.Shown);
        builder.AddAttribute(
            6,
            IsImmediate ? "oninput" : "onchange",
            EventCallback.Factory.CreateBinder(this, text => TakeAsync(text ?? ""), _text.Shown)
        );
        builder.SetUpdatesAttributeName("value");
        builder.AddElementReferenceCapture(7, element => _element = element);
        builder.CloseElement();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && HasFocus)
        {
            await _element.FocusAsync();
        }
    }

    private Task TakeAsync(string text)
    {
        _seen++;
        _text.Type(text);
        _text.Send(text);
        return ValueChanged.InvokeAsync(text);
    }
}
