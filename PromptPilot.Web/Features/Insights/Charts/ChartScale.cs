using System.Globalization;

namespace PromptPilot.Web.Features.Insights.Charts;

/// <summary>A series of a time chart: one value per point, null where there is none.</summary>
/// <param name="Tone">The CSS class of its color.</param>
public sealed record ChartSeries(string Name, string Tone, IReadOnlyList<double?> Values);

/// <summary>The value axis, from 0 to a round number in two steps.</summary>
internal sealed record ChartScale(double Top)
{
    /// <summary>Units of the drawing, which is stretched to fit.</summary>
    public const double Width = 480;
    public const double Height = 120;

    /// <summary>The smallest of 1, 2, 4, 5, 6 and 8 times a power of ten that is not below the largest value.</summary>
    public static ChartScale For(double largest)
    {
        if (largest <= 0)
        {
            return new ChartScale(1);
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        var step = new[] { 1.0, 2, 4, 5, 6, 8, 10 }.First(factor => factor * power >= largest * 0.999999);
        return new ChartScale(step * power);
    }

    public double Y(double value) => Height - (value / Top * Height);

    public double High(double value) => value / Top * Height;

    /// <summary>A number in a path or attribute.</summary>
    public static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A line through the values, each in the middle of its slot, with gaps where there is none.</summary>
    public string Path(IReadOnlyList<double?> values)
    {
        var path = new System.Text.StringBuilder();
        var isOn = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                path.Append(isOn ? 'L' : 'M').Append(Text(Middle(i, values.Count))).Append(' ').Append(Text(Y(value)));
                isOn = true;
            }
            else
            {
                isOn = false;
            }
        }

        return path.ToString();
    }

    public static double Middle(int index, int count) => (index + 0.5) * Width / count;
}
