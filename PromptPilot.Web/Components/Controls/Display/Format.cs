using System.Globalization;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls.Display;

/// <summary>Formats numbers for display, so that a duration or a price looks the same everywhere.</summary>
internal static class Format
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>1234567 → 1,234,567.</summary>
    public static string Count(long count) => count.ToString("N0", English);

    /// <summary>“1 run”, “2 runs”.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Tokens, whole up to five digits, then in thousands: 4,812 · 48.1k · 1.2M.</summary>
    public static string Tokens(long tokens) =>
        tokens switch
        {
            < 100_000 => Count(tokens),
            < 1_000_000 => (tokens / 1000m).ToString("0.#", English) + "k",
            _ => (tokens / 1_000_000m).ToString("0.##", English) + "M",
        };

    /// <summary>Nano-USD: cents and up with two digits, below that as many as it takes to see two figures; free is $0.</summary>
    public static string Money(long nanos)
    {
        var usd = Core.Shared.Money.ToUsd(nanos);
        return usd switch
        {
            0 => "$0",
            < 0.0001m => "<$0.0001",
            < 1 => "$" + usd.ToString("0.00##", English),
            _ => "$" + usd.ToString("N2", English),
        };
    }

    /// <summary>A duration: 340 ms · 4.6 s · 2 min 5 s · 1 h 12 min.</summary>
    public static string Duration(long milliseconds) =>
        TimeSpan.FromMilliseconds(Math.Max(0, milliseconds)) switch
        {
            { TotalMilliseconds: < 1000 } span => $"{span.TotalMilliseconds:0} ms",
            { TotalSeconds: < 59.95 } span => span.TotalSeconds.ToString("0.0", English) + " s",
            { TotalMinutes: < 60 } span => $"{(int)span.TotalMinutes} min {span.Seconds} s",
            var span => $"{(int)span.TotalHours} h {span.Minutes} min",
        };

    /// <summary>A clock that runs: 0:14 · 12:05 · 1:02:33.</summary>
    public static string Clock(TimeSpan span)
    {
        var positive = span < TimeSpan.Zero ? TimeSpan.Zero : span;
        return positive.TotalHours < 1
            ? $"{positive.Minutes}:{positive.Seconds:00}"
            : $"{(int)positive.TotalHours}:{positive.Minutes:00}:{positive.Seconds:00}";
    }

    /// <summary>The time since then, e.g. “5 min ago”; pilot.js has the same rule.</summary>
    public static string Ago(DateTime at, DateTime now)
    {
        var seconds = (long)Math.Round((now - at).TotalSeconds);
        var size = Math.Abs(seconds);
        if (size < 5)
        {
            return "just now";
        }

        var (unit, length) = size switch
        {
            < 60 => ("second", 1),
            < 3600 => ("minute", 60),
            < 86400 => ("hour", 3600),
            < 86400 * 45 => ("day", 86400),
            < 86400 * 365 => ("month", 86400 * 30),
            _ => ("year", 86400 * 365),
        };
        var words = Count(size / length, unit);
        return seconds >= 0 ? $"{words} ago" : $"in {words}";
    }

    /// <summary>A size in powers of 1024, with at most three digits.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < Units.Length - 1)
        {
            (value, unit) = (value / 1024, unit + 1);
        }

        return value.ToString(
                value >= 100 || unit == 0 ? "0"
                    : value >= 10 ? "0.#"
                    : "0.##",
                English
            )
            + " "
            + Units[unit];
    }

    /// <summary>The short form of an id: 0193ab12…e2f4.</summary>
    public static string ShortId(string id) => id.Length <= 12 ? id : $"{id[..8]}…{id[^4..]}";

    /// <summary>A share as a percentage: 0.934 → 93%.</summary>
    public static string Percent(double share) => (share * 100).ToString("0", English) + "%";
}
