using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>A number in the portal's look. Only on interactive pages; see docs/adr/0025.</summary>
public sealed class NumberInput<T> : MudNumericField<T>
{
#pragma warning disable BL0005 // Defaults, set before any parameter.
    public NumberInput()
    {
        Variant = Variant.Outlined;
        Margin = Margin.Dense;
    }
#pragma warning restore BL0005
}
