using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>A choice from a list in the portal's look. Only on interactive pages; see docs/adr/0025.</summary>
public sealed class SelectInput<T> : MudSelect<T>
{
    public SelectInput() => InputDefaults.Apply(this);
}
