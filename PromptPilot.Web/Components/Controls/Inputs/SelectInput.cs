using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>A choice from a list in the portal's look. Only on interactive pages; see docs/adr/0025.</summary>
public sealed class SelectInput<T> : MudSelect<T>
{
#pragma warning disable BL0005 // Defaults, set before any parameter.
    public SelectInput()
    {
        Variant = Variant.Outlined;
        Margin = Margin.Dense;
    }
#pragma warning restore BL0005
}
