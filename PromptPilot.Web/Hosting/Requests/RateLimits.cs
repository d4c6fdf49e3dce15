using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>
/// Limits the requests of one sender: by address, and for the API also by key, so that a flood harms no one else. Requests above the limit
/// are answered 429 with Retry-After. Webhooks have their own limits.
/// </summary>
internal static class RateLimits
{
    /// <summary>Keys and addresses that do not exist must not each create a counter.</summary>
    public const int Lanes = 256;

    public static IServiceCollection AddRateLimits(this IServiceCollection services) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, object>(Partition);
            limiter.OnRejected = (context, _) => RefuseAsync(context);
        });

    /// <summary>
    /// A bucket of <paramref name="burst"/> tokens. Ten refills a second where that is possible, so that what is above the rate is spread
    /// and not let in by bursts.
    /// </summary>
    public static TokenBucketRateLimiterOptions Bucket(int burst, double perSecond) =>
        new()
        {
            TokenLimit = burst,
            TokensPerPeriod = Math.Max(1, (int)(perSecond / 10)),
            ReplenishmentPeriod = perSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / perSecond),
            QueueLimit = 0,
        };

    /// <summary>One of a fixed number of lanes for a text that anyone may choose.</summary>
    public static int LaneOf(string? text) => (int)((uint)string.GetHashCode(text, StringComparison.OrdinalIgnoreCase) % Lanes);

    private static RateLimitPartition<object> Partition(HttpContext http)
    {
        // The limits are part of the bucket's name: changed ones apply immediately.
        var options = http.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value;
        if (PortalAuthentication.IsApi(http.Request) || IsProviderSignOut(http.Request))
        {
            var (burst, perSecond) = (options.ApiBurst, options.ApiRequestsPerSecond);
            return RateLimitPartition.GetTokenBucketLimiter<object>(
                ("api", http.Connection.RemoteIpAddress, LaneOf(ApiKeyAuthentication.KeyOf(http.Request)), burst, perSecond),
                _ => Bucket(burst, perSecond)
            );
        }

        var perMinute = options.SignInsPerMinute;
        return IsSignIn(http.Request)
            ? RateLimitPartition.GetTokenBucketLimiter<object>(
                (IsReturn(http.Request) ? "return" : "sign-in", http.Connection.RemoteIpAddress, perMinute),
                _ => Bucket(perMinute, perMinute / 60.0)
            )
            : RateLimitPartition.GetNoLimiter<object>("other");
    }

    /// <summary>An identity provider that signs out a whole company calls often.</summary>
    private static bool IsProviderSignOut(HttpRequest request) => request.Path == OpenIdPaths.Logout;

    /// <summary>Coming back from the provider has a limit of its own: who was let out is let in again.</summary>
    private static bool IsReturn(HttpRequest request) => request.Path.Equals(OpenIdPaths.Callback, StringComparison.OrdinalIgnoreCase);

    /// <summary>The addresses that accept a password or a code from anyone, or call the identity provider.</summary>
    private static bool IsSignIn(HttpRequest request) =>
        request.Path.StartsWithSegments(OpenIdPaths.Start, StringComparison.OrdinalIgnoreCase)
        || HttpMethods.IsPost(request.Method)
            && (
                request.Path.StartsWithSegments("/account", StringComparison.OrdinalIgnoreCase)
                || request.Path.StartsWithSegments("/setup", StringComparison.OrdinalIgnoreCase)
            );

    private static async ValueTask RefuseAsync(OnRejectedContext context)
    {
        var http = context.HttpContext;
        var seconds = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
            ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))
            : 1;
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (PortalAuthentication.IsForPrograms(http.Request))
        {
            await ApiResults
                .From(new Problem(ProblemKind.TooMany, $"Too many requests to this address. Try again in {seconds} s.", []))
                .ExecuteAsync(http);
            return;
        }

        // The page that explains it replaces the form's response.
        http.Request.Method = HttpMethods.Get;
    }
}
