using System.Security.Cryptography;
using System.Text;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Triggers;

/// <summary>Senders with names and secrets of their own.</summary>
public sealed class WebhookSendersTests
{
    private const string SlackSecret = "8f742231b10e8888abcd99yyyzzz85a5";
    private const long SlackTime = 1_531_420_618;

    /// <summary>The example of Slack's documentation.</summary>
    private const string SlackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        + "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    private const string SlackSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    [Theory]
    [InlineData(SlackSignature, SlackTime, 0, null)]
    [InlineData(SlackSignature, SlackTime, 299, null)]
    [InlineData(SlackSignature, SlackTime, 301, WebhookVerdict.Stale)]
    [InlineData(SlackSignature, SlackTime + 1, 0, WebhookVerdict.Forged)]
    [InlineData("v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", SlackTime, 0, WebhookVerdict.Forged)]
    [InlineData("v0=a2114d57", SlackTime, 0, WebhookVerdict.Forged)]
    [InlineData(null, SlackTime, 0, WebhookVerdict.NotSigned)]
    public void Slack_IsCheckedAsItsDocumentationSays(string? signature, long time, int secondsLater, WebhookVerdict? refusal)
    {
        var request = Request(SlackBody, ("X-Slack-Request-Timestamp", $"{time}"), ("X-Slack-Signature", signature));

        var check = Check(WebhookVerification.Slack, SlackSecret, request, SlackTime + secondsLater);

        check.Refusal.Should().Be(refusal);
        Check(WebhookVerification.Slack, "another secret of an app", request, SlackTime + secondsLater).Refusal.Should().NotBeNull();
    }

    [Fact]
    public void Stripe_TakesAnyOfSeveralSignatures_WithinFiveMinutes()
    {
        const string Secret = "whsec_a-secret-of-an-endpoint";
        const string Body = """{"id":"evt_1","type":"charge.failed"}""";
        var right = Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{SlackTime}.{Body}"))
        );
        var wrong = new string('0', 64);

        Verdict($"t={SlackTime},v1={wrong},v1={right},v0={wrong}", 0).Should().BeNull();
        Verdict($"t={SlackTime},v1={right}", 301).Should().Be(WebhookVerdict.Stale);
        Verdict($"t={SlackTime},v0={right}", 0).Should().Be(WebhookVerdict.Forged, "v0 is of another scheme");
        Verdict($"t={SlackTime + 1},v1={right}", 0).Should().Be(WebhookVerdict.Forged);
        Verdict($"v1={right}", 0).Should().Be(WebhookVerdict.Forged);
        Verdict(null, 0).Should().Be(WebhookVerdict.NotSigned);

        WebhookVerdict? Verdict(string? header, int later) =>
            Check(WebhookVerification.Stripe, Secret, Request(Body, ("Stripe-Signature", header)), SlackTime + later).Refusal;
    }

    [Theory]
    [InlineData("a secret token of GitLab", null)]
    [InlineData("another", WebhookVerdict.Forged)]
    [InlineData(null, WebhookVerdict.NotSigned)]
    public void GitLab_ComparesItsToken(string? token, WebhookVerdict? refusal)
    {
        var check = Check(
            WebhookVerification.GitLab,
            "a secret token of GitLab",
            Request("{}", ("X-Gitlab-Token", token), ("Idempotency-Key", "k")),
            SlackTime
        );

        check.Refusal.Should().Be(refusal);
        check.MessageKey.Should().Be(refusal is null ? "key:k" : null);
    }

    [Fact]
    public void Svix_NamesOfHeaders_AreThoseOfStandardWebhooks()
    {
        const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        var signature = WebhookSignatures.SignStandard(Secret, "msg_1", $"{SlackTime}", "{}"u8);
        var request = Request("{}", ("svix-id", "msg_1"), ("svix-timestamp", $"{SlackTime}"), ("svix-signature", $"v1,{signature}"));

        Check(WebhookVerification.StandardWebhooks, Secret, request, SlackTime).MessageKey.Should().Be("id:msg_1");
        Check(WebhookVerification.StandardWebhooks, "not base64, of another sender", request, SlackTime)
            .Refusal.Should()
            .Be(WebhookVerdict.Forged);
    }

    private static WebhookCheck Check(WebhookVerification verification, string secret, WebhookRequest request, long now) =>
        WebhookVerifier.Check(verification, [secret], request, DateTimeOffset.FromUnixTimeSeconds(now));

    private static WebhookRequest Request(string body, params (string Name, string? Value)[] headers) =>
        new(
            headers
                .Where(header => header.Value is not null)
                .ToDictionary(header => header.Name, header => header.Value!, StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetBytes(body)
        );
}
