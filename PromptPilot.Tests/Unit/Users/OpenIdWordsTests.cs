using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Web.Features.Account.OpenId;

namespace PromptPilot.Tests.Unit.Users;

public sealed class OpenIdWordsTests
{
    private static readonly OpenIdOptions Acme = new()
    {
        Issuer = "https://id.example.org",
        ClientId = "portal",
        Name = "Acme",
    };

    /// <summary>The outcome is in an address that anyone may write.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("SignedIn")]
    [InlineData("nonsense")]
    [InlineData("99")]
    [InlineData("-1")]
    public void Of_WhatIsNoProblem_IsNothing(string? outcome) => OpenIdWords.Of(outcome, Acme).Should().BeNull();

    [Fact]
    public void Refusal_OfTheProvider_IsToldApart_FromOneThatCannotBeReached()
    {
        var refused = new InvalidOperationException("", new OpenIdConnectProtocolException("Message contains error: 'invalid_request'"));

        OpenIdHandlers.IsRefusal(refused).Should().BeTrue();
        OpenIdHandlers.IsRefusal(new InvalidOperationException("", new HttpRequestException("Connection refused"))).Should().BeFalse();
        OpenIdWords.Of(nameof(OpenIdOutcome.Misconfigured), Acme).Should().Contain("/account/oidc/callback");
    }

    [Fact]
    public void Of_EveryProblem_HasWords()
    {
        OpenIdOutcome[] fine = [OpenIdOutcome.SignedIn, OpenIdOutcome.SecondFactor, OpenIdOutcome.Linked];
        Enum.GetValues<OpenIdOutcome>()
            .Except(fine)
            .Should()
            .OnlyContain(outcome => !string.IsNullOrEmpty(OpenIdWords.Of(outcome.ToString(), Acme)));
    }
}
