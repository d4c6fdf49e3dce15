using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>A number in the portal's look. Only on interactive pages; see docs/adr/0025.</summary>
public sealed class NumberInput<T> : MudNumericField<T>
{
    public NumberInput() => InputDefaults.Apply(this);
}
