using System.Globalization;

namespace PromptPilot.Core.Shared;

/// <summary>
/// Money is a whole number of nano-USD (10⁻⁹ USD) in the database and a decimal of USD outside: sums over long are exact and fast.
/// </summary>
public static class Money
{
    private const decimal NanosPerDollar = 1_000_000_000m;

    public static long ToNanos(decimal usd) => (long)decimal.Round(usd * NanosPerDollar, MidpointRounding.AwayFromZero);

    public static decimal ToUsd(long nanos) => nanos / NanosPerDollar;

    /// <summary>For messages: $5.00, $1,234.50, $0.0034. At least cents, and below a dollar as much as it takes.</summary>
    public static string Text(long nanos)
    {
        var usd = ToUsd(nanos);
        return "$" + usd.ToString(Math.Abs(usd) >= 1 ? "N2" : "0.00#######", CultureInfo.InvariantCulture);
    }
}
