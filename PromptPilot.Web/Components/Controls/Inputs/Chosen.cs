using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// Reads the value of a change event. A script can send anything in place of an offered choice: then the field keeps what it has.
/// </summary>
internal static class Chosen
{
    /// <returns>The text; <paramref name="current"/> if the event has none.</returns>
    public static string Text(ChangeEventArgs change, string current) => change.Value as string ?? current;

    /// <inheritdoc cref="Text(ChangeEventArgs, string)"/>
    public static T Of<T>(ChangeEventArgs change, T current)
        where T : struct, Enum => Of(change.Value as string, current);

    /// <returns>The choice; <paramref name="current"/> if the text is none of them.</returns>
    public static T Of<T>(string? text, T current)
        where T : struct, Enum => Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) ? value : current;

    /// <returns>The whole number, if it is in the range; else <paramref name="current"/>.</returns>
    public static int Number(string? text, int current, int least, int most) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : current;
}
