using MudBlazor;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>The look of MudBlazor's inputs, for which it has no global defaults; see docs/adr/0025.</summary>
internal static class InputDefaults
{
    /// <summary>Called by constructors, before parameters are set.</summary>
    public static void Apply<T>(MudBaseInput<T> input)
    {
#pragma warning disable BL0005 // Nothing is rendered yet.
        (input.Variant, input.Margin) = (Variant.Outlined, Margin.Dense);
#pragma warning restore BL0005
    }
}
