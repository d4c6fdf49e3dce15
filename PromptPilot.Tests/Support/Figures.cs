namespace PromptPilot.Tests.Support;

/// <summary>What measurements come down to.</summary>
internal static class Figures
{
    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    public static double P95(IEnumerable<double> values) => Percentile(values, 95);

    /// <summary>The value that <paramref name="percent"/> of all do not exceed (nearest rank).</summary>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0
            ? throw new InvalidOperationException("Nothing was measured.")
            : sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * sorted.Count) - 1)];
    }

    /// <summary>A whole number from the environment, e.g. <c>SOAK_QUEUED</c>.</summary>
    public static int FromEnvironment(string name, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? $"{otherwise}", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Printed by <c>./test.sh --soak</c>.</summary>
    public static void Tell(params FormattableString[] parts) =>
        TestContext.Current.SendDiagnosticMessage("{0}", string.Concat(parts.Select(FormattableString.Invariant)));
}
