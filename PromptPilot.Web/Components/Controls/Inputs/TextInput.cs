using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>A line or several of text in the portal's look. Only on interactive pages; see docs/adr/0025.</summary>
public sealed class TextInput<T> : MudTextField<T>
{
    public TextInput() => InputDefaults.Apply(this);
}
