using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Runs.Reviews;

/// <summary>What a review link names.</summary>
/// <param name="Until">When it expires.</param>
internal sealed record ReviewLink(string RunId, string StepId, DateTime Until);

/// <summary>
/// Signs and reads the links to reviews that leave the portal. A link carries no right: it only names a review, and it expires so that old
/// messages lead nowhere.
/// </summary>
public sealed class ReviewLinks(IDataProtectionProvider provider)
{
    /// <summary>How long a link works, unless the review ends earlier.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(14);

    private const char Separator = '|';

    private readonly IDataProtector _protector = provider.CreateProtector("PromptPilot.Runs.ReviewLink");

    /// <param name="at">When the message was written.</param>
    /// <param name="until">When the review ends by itself; null: never.</param>
    /// <returns>The path of the page that opens it.</returns>
    internal string PathOf(string runId, string stepId, DateTime at, DateTime? until)
    {
        var end = until < at + Longest ? until.Value : at + Longest;
        var seconds = new DateTimeOffset(end, TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"/reviews/{_protector.Protect(string.Join(Separator, runId, stepId, seconds))}";
    }

    /// <returns>Null: it is not one of ours, or was changed.</returns>
    internal ReviewLink? Read(string token)
    {
        try
        {
            return
                _protector.Unprotect(token).Split(Separator) is [var runId, var stepId, var seconds]
                && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
                ? new ReviewLink(runId, stepId, DateTimeOffset.FromUnixTimeSeconds(end).UtcDateTime)
                : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
