using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>How much one sender may send to one trigger, so that a flood harms nobody else.</summary>
internal static class WebhookLimits
{
    public const string Policy = "webhooks";

    /// <summary>Addresses that do not exist must not make a counter each.</summary>
    private const int Lanes = 256;

    public static IServiceCollection AddWebhookLimits(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.AddPolicy(Policy, http =>
        {
            var options = http.RequestServices.GetRequiredService<IOptions<WebhooksOptions>>().Value;
            var lane = (uint)string.GetHashCode(http.Request.Path.Value, StringComparison.OrdinalIgnoreCase) % Lanes;
            return RateLimitPartition.GetTokenBucketLimiter((http.Connection.RemoteIpAddress, lane), _ => Bucket(options));
        });
        limiter.OnRejected = (context, cancellationToken) => RefuseAsync(context);
    });

    /// <summary>Ten refills a second where that is possible, so that what is above the rate is spread and not let in by bursts.</summary>
    private static TokenBucketRateLimiterOptions Bucket(WebhooksOptions options) => new()
    {
        TokenLimit = options.Burst,
        TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
        ReplenishmentPeriod = options.RequestsPerSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / options.RequestsPerSecond),
        QueueLimit = 0,
    };

    private static async ValueTask RefuseAsync(OnRejectedContext context)
    {
        var seconds = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await ApiResults.From(new Problem(ProblemKind.TooMany, $"Too many requests to this address. Try again in {seconds} s.", [])).ExecuteAsync(context.HttpContext);
    }
}
