using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>What the controls of forms have in common: the parameters of their <see cref="Field"/>.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public abstract class FieldInput<T> : ComponentBase
{
    private readonly string _id = "field-" + Ids.New();

    /// <summary>Needed if something outside refers to the control.</summary>
    [Parameter]
    public string? Id { get; set; }

    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public bool IsOptional { get; set; }

    [Parameter]
    public T? Value { get; set; }

    [Parameter]
    public EventCallback<T> ValueChanged { get; set; }

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Help { get; set; }

    /// <summary>Of the frame.</summary>
    [Parameter]
    public string? Class { get; set; }

    /// <summary>Of the control, e.g. its placeholder or a test id.</summary>
    [Parameter(CaptureUnmatchedValues = true)]
    public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    protected string ControlId => Id ?? _id;

    /// <summary>The control's attributes and, before them, those that its frame gives it.</summary>
    protected IReadOnlyDictionary<string, object> With(IReadOnlyDictionary<string, object> state) => FieldText.Join(state, Attributes);
}
