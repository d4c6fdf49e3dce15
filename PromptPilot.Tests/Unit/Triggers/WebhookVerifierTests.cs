using System.Globalization;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Triggers;

/// <summary>
/// Who is believed. The vectors in Support/Vectors/webhooks.json were signed by the npm packages standardwebhooks and
/// @octokit/webhooks-methods.
/// </summary>
public class WebhookVerifierTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public void Standard_SignedByTheNpmLibrary_Passes()
    {
        var vectors = Vectors("standard");
        vectors.Should().HaveCountGreaterThan(20);
        foreach (var vector in vectors)
        {
            var at = vector.GetProperty("timestamp").GetInt64();
            var request = Request(
                vector.GetProperty("body").GetString()!,
                ("webhook-id", vector.GetProperty("id").GetString()!),
                ("webhook-timestamp", at.ToString(CultureInfo.InvariantCulture)),
                ("webhook-signature", vector.GetProperty("signature").GetString()!)
            );

            WebhookVerifier
                .Check(
                    WebhookVerification.StandardWebhooks,
                    [vector.GetProperty("secret").GetString()!],
                    request,
                    DateTimeOffset.FromUnixTimeSeconds(at)
                )
                .Refusal.Should()
                .BeNull();
            WebhookVerifier
                .Check(WebhookVerification.StandardWebhooks, [Other], request, DateTimeOffset.FromUnixTimeSeconds(at))
                .Refusal.Should()
                .Be(WebhookVerdict.Forged);
        }
    }

    [Fact]
    public void GitHub_SignedByTheNpmLibrary_Passes()
    {
        var vectors = Vectors("github");
        vectors.Should().HaveCountGreaterThan(20);
        foreach (var vector in vectors)
        {
            var request = Request(
                vector.GetProperty("body").GetString()!,
                ("X-Hub-Signature-256", vector.GetProperty("signature").GetString()!)
            );

            WebhookVerifier
                .Check(WebhookVerification.GitHub, [vector.GetProperty("secret").GetString()!], request, Now)
                .Refusal.Should()
                .BeNull();
            WebhookVerifier.Check(WebhookVerification.GitHub, ["another secret"], request, Now).Refusal.Should().Be(WebhookVerdict.Forged);
        }
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(-300, null)]
    [InlineData(300, null)]
    [InlineData(-301, WebhookVerdict.Stale)]
    [InlineData(301, WebhookVerdict.Stale)]
    [InlineData(-31_536_000, WebhookVerdict.Stale)]
    public void Standard_SignedAtAnotherTime_PassesWithinFiveMinutes(int seconds, WebhookVerdict? expected) =>
        Standard(Signed("{}", at: Now.AddSeconds(seconds))).Refusal.Should().Be(expected);

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public void Standard_WithoutAHeader_IsUnsigned(string missing)
    {
        var request = Signed("{}");
        var headers = request.Headers.Where(header => header.Key != missing).ToDictionary();

        Standard(request with { Headers = headers }).Refusal.Should().Be(WebhookVerdict.NotSigned);
    }

    [Theory]
    [InlineData("webhook-id", "msg_2")]
    [InlineData("webhook-timestamp", "1767225601")]
    [InlineData("webhook-timestamp", "-1")]
    [InlineData("webhook-timestamp", "now")]
    [InlineData("webhook-timestamp", "99999999999999999999")]
    [InlineData("webhook-timestamp", "1767225600.0")]
    [InlineData("webhook-signature", "v1,")]
    [InlineData("webhook-signature", "v1,AAAA")]
    [InlineData("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("webhook-signature", "v1,%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%")]
    [InlineData("webhook-signature", ",,, v1 v1a,AAAA")]
    public void Standard_WithAnythingChanged_IsForged(string header, string value)
    {
        var request = Signed("{}");
        var headers = new Dictionary<string, string>(request.Headers) { [header] = value };

        Standard(request with { Headers = headers }).Refusal.Should().Be(WebhookVerdict.Forged);
    }

    [Fact]
    public void Standard_WithAnotherBody_IsForged() =>
        Standard(Signed("{}") with { Body = "{ }"u8.ToArray() }).Refusal.Should().Be(WebhookVerdict.Forged);

    [Fact]
    public void Standard_WithBordersMovedIntoTheId_IsForged()
    {
        // id "a", body "1767225600.rest" and id "a.1767225600", body "rest" have the same signed text.
        var signature = WebhookSignatures.SignStandard(Secret, "a", "1767225600", "1767225600.rest"u8);
        var request = Request(
            "rest",
            ("webhook-id", "a.1767225600"),
            ("webhook-timestamp", "1767225600"),
            ("webhook-signature", $"v1,{signature}")
        );

        Standard(request).Refusal.Should().Be(WebhookVerdict.Forged);
    }

    [Fact]
    public void Standard_WithSeveralSignatures_PassesWhenOneMatches()
    {
        var request = Signed("{}");
        var wrong = WebhookSignatures.SignStandard(Other, "msg_1", "1767225600", "{}"u8);
        var both = new Dictionary<string, string>(request.Headers)
        {
            ["webhook-signature"] = $"v1a,AAAA v1,{wrong} {request.Headers["webhook-signature"]}",
        };

        Standard(request with { Headers = both }).Refusal.Should().BeNull();
    }

    [Fact]
    public void Standard_WithThousandsOfSignatures_LooksAtAFewOnly()
    {
        var request = Signed("{}");
        var wrong = WebhookSignatures.SignStandard(Other, "msg_1", "1767225600", "{}"u8);
        var many = string.Join(' ', Enumerable.Repeat($"v1,{wrong}", 5000)) + " " + request.Headers["webhook-signature"];

        Standard(request with { Headers = new Dictionary<string, string>(request.Headers) { ["webhook-signature"] = many } })
            .Refusal.Should()
            .Be(WebhookVerdict.Forged);
    }

    [Theory]
    [InlineData(WebhookVerification.StandardWebhooks)]
    [InlineData(WebhookVerification.GitHub)]
    [InlineData(WebhookVerification.Bearer)]
    public void Rotation_BothSecretsPass_AnyOtherDoesNot(WebhookVerification verification)
    {
        foreach (var secret in new[] { Secret, Other })
        {
            WebhookVerifier.Check(verification, [Secret, Other], SignedFor(verification, secret), Now).Refusal.Should().BeNull();
        }

        WebhookVerifier.Check(verification, [Secret], SignedFor(verification, Other), Now).Refusal.Should().Be(WebhookVerdict.Forged);
    }

    [Theory]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d")]
    [InlineData("sha256=")]
    [InlineData("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public void GitHub_WithAMisshapenSignature_IsForged(string signature) =>
        WebhookVerifier
            .Check(
                WebhookVerification.GitHub,
                ["It's a Secret to Everybody"],
                Request("Hello, World!", ("X-Hub-Signature-256", signature)),
                Now
            )
            .Refusal.Should()
            .Be(WebhookVerdict.Forged);

    [Fact]
    public void GitHub_SameBodyUnderAnotherDelivery_IsTheSameMessage()
    {
        var first = SignedFor(WebhookVerification.GitHub, Secret);
        var again = first with { Headers = new Dictionary<string, string>(first.Headers) { ["X-GitHub-Delivery"] = "another" } };

        var keys = new[] { first, again }
            .Select(request => WebhookVerifier.Check(WebhookVerification.GitHub, [Secret], request, Now).MessageKey)
            .ToList();

        keys[0].Should().NotBeNull().And.Be(keys[1]);
    }

    [Theory]
    [InlineData("Bearer wrong", WebhookVerdict.Forged)]
    [InlineData("Bearer ", WebhookVerdict.Forged)]
    [InlineData("Basic secret", WebhookVerdict.NotSigned)]
    [InlineData("", WebhookVerdict.NotSigned)]
    [InlineData("bearer secret", null)]
    public void Bearer_ByItsHeader_IsJudged(string authorization, WebhookVerdict? expected) =>
        WebhookVerifier
            .Check(WebhookVerification.Bearer, ["secret"], Request("{}", ("Authorization", authorization)), Now)
            .Refusal.Should()
            .Be(expected);

    [Fact]
    public void AnySecretVerification_WithoutSecrets_LetsNobodyIn()
    {
        foreach (var verification in Enum.GetValues<WebhookVerification>().Where(one => one != WebhookVerification.None))
        {
            WebhookVerifier.Check(verification, [], SignedFor(verification, Secret), Now).Refusal.Should().Be(WebhookVerdict.Forged);
        }
    }

    [Fact]
    public void None_TakesTheIdempotencyKeyAsTheMessage()
    {
        WebhookVerifier.Check(WebhookVerification.None, [], Request("{}"), Now).Should().Be(WebhookCheck.Passed(null));
        WebhookVerifier.Check(WebhookVerification.None, [], Request("{}", ("Idempotency-Key", "k")), Now).MessageKey.Should().Be("key:k");
        WebhookVerifier
            .Check(WebhookVerification.None, [], Request("{}", ("Idempotency-Key", new string('k', 300))), Now)
            .Refusal.Should()
            .Be(WebhookVerdict.Unreadable);
    }

    private static WebhookCheck Standard(WebhookRequest request) =>
        WebhookVerifier.Check(WebhookVerification.StandardWebhooks, [Secret], request, Now);

    private static WebhookRequest Signed(string body, DateTimeOffset? at = null, string secret = Secret)
    {
        var timestamp = (at ?? Now).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return Request(
            body,
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", "v1," + WebhookSignatures.SignStandard(secret, "msg_1", timestamp, Encoding.UTF8.GetBytes(body)))
        );
    }

    private static string HexOf(string secret, string text) =>
        Convert.ToHexStringLower(
            System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text))
        );

    private static WebhookRequest SignedFor(WebhookVerification verification, string secret) =>
        verification switch
        {
            WebhookVerification.StandardWebhooks => Signed("{}", secret: secret),
            WebhookVerification.GitHub => Request(
                "{}",
                ("X-Hub-Signature-256", WebhookSignatures.SignGitHub(secret, "{}"u8)),
                ("X-GitHub-Delivery", "first")
            ),
            WebhookVerification.Bearer => Request("{}", ("Authorization", $"Bearer {secret}")),
            WebhookVerification.Slack => Request(
                "{}",
                ("X-Slack-Request-Timestamp", $"{Now.ToUnixTimeSeconds()}"),
                ("X-Slack-Signature", "v0=" + HexOf(secret, $"v0:{Now.ToUnixTimeSeconds()}:{{}}"))
            ),
            WebhookVerification.Stripe => Request(
                "{}",
                ("Stripe-Signature", $"t={Now.ToUnixTimeSeconds()},v1={HexOf(secret, $"{Now.ToUnixTimeSeconds()}.{{}}")}")
            ),
            WebhookVerification.GitLab => Request("{}", ("X-Gitlab-Token", secret)),
            WebhookVerification.None => Request("{}"),
        };

    private static WebhookRequest Request(string body, params (string Name, string Value)[] headers) =>
        new(
            headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetBytes(body)
        );

    private static List<JsonElement> Vectors(string name)
    {
        using var document = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Support", "Vectors", "webhooks.json"))
        );
        return [.. document.RootElement.GetProperty(name).EnumerateArray().Select(vector => vector.Clone())];
    }
}
