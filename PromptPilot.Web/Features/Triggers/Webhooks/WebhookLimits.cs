using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>Limits what one sender may send to one trigger, so that a flood harms no one else.</summary>
internal static class WebhookLimits
{
    public const string Policy = "webhooks";

    public static IServiceCollection AddWebhookLimits(this IServiceCollection services) =>
        services.AddRateLimiter(limiter =>
            limiter.AddPolicy(
                Policy,
                http =>
                {
                    var options = http.RequestServices.GetRequiredService<IOptions<WebhooksOptions>>().Value;
                    var (burst, perSecond) = (options.Burst, options.RequestsPerSecond);
                    return RateLimitPartition.GetTokenBucketLimiter(
                        (http.Connection.RemoteIpAddress, RateLimits.LaneOf(http.Request.Path.Value), burst, perSecond),
                        _ => RateLimits.Bucket(burst, perSecond)
                    );
                }
            )
        );
}
