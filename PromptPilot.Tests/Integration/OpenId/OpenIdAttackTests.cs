using System.Net;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.OpenId;

/// <summary>Responses of the provider that were forged, replayed or meant for someone else.</summary>
[Collection(OpenIdTestGroup.Name)]
public sealed class OpenIdAttackTests(OpenIdWorld world)
{
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>Each token is valid except for one thing.</summary>
    public static TheoryData<string, string, Dictionary<string, object?>, bool> Tokens { get; } =
        new()
        {
            { "right", "", [], true },
            {
                "issuer",
                "",
                new() { ["iss"] = "https://evil.example" },
                false
            },
            {
                "no issuer",
                "",
                new() { ["iss"] = null },
                false
            },
            {
                "audience",
                "",
                new() { ["aud"] = "another-client" },
                false
            },
            {
                "nonce",
                "",
                new() { ["nonce"] = "of another sign-in" },
                false
            },
            {
                "no nonce",
                "",
                new() { ["nonce"] = null },
                false
            },
            {
                "expired",
                "",
                new() { ["exp"] = 1_700_000_000, ["iat"] = 1_699_999_000 },
                false
            },
            {
                "no expiry",
                "",
                new() { ["exp"] = null },
                false
            },
            { "alg none", "none", [], false },
            { "signature cut off", "cut", [], false },
            { "signed with the client's secret", "secret", [], false },
            { "signed by a stranger", "stranger", [], false },
        };

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task IdToken_ThatIsWrong_SignsNobodyIn(string what, string how, Dictionary<string, object?> claims, bool counts)
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        var person = OpenIdSignInTests.Claims(email, "builders");
        await world.SignsInAsync(ann, person);
        await world.ForgeAsync(
            new
            {
                subject = ann,
                how,
                claims,
                person,
            }
        );
        try
        {
            using var browser = new OpenIdBrowser(world.Portal);
            await browser.SignInAsync();

            (await browser.IsInAsync()).Should().Be(counts, what);
            (await world.FindAsync(email) is not null).Should().Be(counts, what);
            if (!counts)
            {
                browser.At.Query.Should().Contain("openId=Failed");
                browser.Page.Should().Contain("Sign-in with Acme failed");
            }
        }
        finally
        {
            await world.ForgeAsync(null);
        }
    }

    [Fact]
    public async Task UserInfo_OfAnotherPerson_IsRefused()
    {
        await world.ConfigureAsync();
        var ((ann, email), victim) = (OpenIdWorld.NewPerson(), OpenIdWorld.NewPerson());
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "builders"));
        await world.ForgeAsync(
            new
            {
                subject = ann,
                how = "",
                claims = new { },
                person = OpenIdSignInTests.Claims(victim.Email, "builders"),
                userInfoSubject = victim.Subject,
            }
        );
        try
        {
            using var browser = new OpenIdBrowser(world.Portal);
            (await browser.SignInAsync()).Query.Should().Contain("openId=Failed");
        }
        finally
        {
            await world.ForgeAsync(null);
        }
    }

    [Fact]
    public async Task Answer_UsedAgain_OrInAnotherBrowser_SignsNobodyIn()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        var sessions = await world.CountSessionsAsync(email);

        (await browser.OpenAsync(browser.Callback.PathAndQuery)).Query.Should().Contain("openId=Failed", "the state was used");
        using var fresh = new OpenIdBrowser(world.Portal);
        var callback = await fresh.OpenAsync("/account/oidc", until: "/account/oidc/callback");
        using var other = new OpenIdBrowser(world.Portal);
        (await other.OpenAsync(callback.PathAndQuery)).Query.Should().Contain("openId=Failed", "the state belongs to another browser");
        (await other.OpenAsync("/account/oidc/callback?code=x&state=y")).Query.Should().Contain("openId=Failed");
        (await other.OpenAsync("/account/oidc/callback")).Query.Should().Contain("openId=Failed");
        (await other.IsInAsync()).Should().BeFalse();
        (await world.CountSessionsAsync(email)).Should().Be(sessions);
        world
            .Portal.Log.Where(line => line.Contains("   at Microsoft", StringComparison.Ordinal))
            .Should()
            .BeEmpty("anyone can send these");
    }

    [Fact]
    public async Task Denied_AtTheProvider_SaysSo()
    {
        await world.ConfigureAsync();
        await world.SignsInAsync(null);
        using var browser = new OpenIdBrowser(world.Portal);

        (await browser.SignInAsync()).Query.Should().Contain("openId=Denied");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task ReturnUrl_LeadsOnlyInsideThePortal(string returnUrl)
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);

        (await browser.SignInAsync(returnUrl)).Should().Be(world.Portal.BaseAddress);
    }

    [Theory]
    [InlineData(false, false, "UnverifiedEmail")]
    [InlineData(false, true, "UnverifiedEmail")]
    [InlineData(null, true, "UnverifiedEmail")]
    [InlineData(true, false, "EmailTaken")]
    [InlineData(true, true, null)]
    public async Task EmailOfAnExistingUser_LeadsToTheAccount_OnlyIfVerifiedAndAllowed(bool? isVerified, bool links, string? refusal)
    {
        await world.ConfigureAsync(("LinkByEmail", links ? "true" : "false"));
        var victim = await world.Portal.AddPersonAsync(Role.Architect);
        await world.SignsInAsync(
            OpenIdWorld.NewPerson().Subject,
            isVerified is { } verified
                ? new
                {
                    name = "Eve",
                    email = victim.Email.ToUpperInvariant(),
                    email_verified = verified,
                    groups = new[] { "builders" },
                }
                : new
                {
                    name = "Eve",
                    email = victim.Email,
                    groups = new[] { "builders" },
                }
        );
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();

        (await browser.IsInAsync()).Should().Be(refusal is null);
        browser.At.Query.Should().Be(refusal is null ? "" : $"?openId={refusal}");
        (await world.CountSessionsAsync(victim.Email)).Should().Be(refusal is null ? 1 : 0);
    }

    [Fact]
    public async Task EmailOfTheToken_OtherThanThatOfTheVerifiedAnswer_TakesNoAccount()
    {
        await world.ConfigureAsync(("LinkByEmail", "true"));
        var victim = await world.Portal.AddPersonAsync(Role.Architect);
        var (eve, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(eve, OpenIdSignInTests.Claims(email, "builders"));
        await world.ForgeAsync(
            new
            {
                subject = eve,
                how = "",
                claims = new { email = victim.Email },
                person = OpenIdSignInTests.Claims(email, "builders"),
            }
        );
        try
        {
            using var browser = new OpenIdBrowser(world.Portal);
            (await browser.SignInAsync()).Query.Should().Contain("openId=UnverifiedEmail");
            (await world.CountSessionsAsync(victim.Email)).Should().Be(0);
        }
        finally
        {
            await world.ForgeAsync(null);
        }
    }

    [Fact]
    public async Task Answer_WithAnErrorOfAnyText_WritesOneShortLine()
    {
        await world.ConfigureAsync();
        await world.SignsInAsync(null);
        using var browser = new OpenIdBrowser(world.Portal);
        var callback = await browser.OpenAsync("/account/oidc", until: "/account/oidc/callback");
        var state = callback.Query.Split("state=")[1].Split('&')[0];

        var text = "first%0Ainfo: forged%1B[31m" + new string('x', 2000);
        await browser.OpenAsync($"/account/oidc/callback?state={state}&error=server_error&error_description={text}");

        browser.At.Query.Should().Contain("openId=Failed");
        var line = world
            .Portal.Log.Should()
            .ContainSingle(one =>
                one.Contains("A sign-in with OpenID Connect failed", StringComparison.Ordinal)
                && one.Contains("first info: forged", StringComparison.Ordinal)
            )
            .Which;
        line.Length.Should().BeLessThan(1000);
        line.Should().NotContain("\u001b");
    }

    [Fact]
    public async Task LogoutToken_OfAnySize_IsNotRead()
    {
        await world.ConfigureAsync();
        using var eve = new OpenIdBrowser(world.Portal);

        (await eve.PostAsync(OpenIdSignInTests.Logout, ("logout_token", new string('x', 20_000)))).Should().Be(HttpStatusCode.BadRequest);
        (await eve.PostAsync(OpenIdSignInTests.Logout, ("logout_token", new string('x', 200_000))))
            .Should()
            .Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task LockedUser_StaysOut()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        var user = (await world.FindAsync(email))!;
        var admin = (await world.Portal.GetAdminAsync()).Actor;
        await world.Portal.Get<UserService>().LockAsync(admin, user.Id, null, TestContext.Current.CancellationToken);

        (await browser.IsInAsync()).Should().BeFalse();
        (await browser.SignInAsync()).Query.Should().Contain("openId=Locked");
    }

    /// <summary>Logout tokens, each valid except for one thing.</summary>
    public static TheoryData<string, string, Dictionary<string, object?>> LogoutTokens { get; } =
        new()
        {
            {
                "no event",
                "",
                new() { ["events"] = new { } }
            },
            { "an id token", "", [] },
            {
                "with a nonce",
                "",
                new() { ["nonce"] = "n", ["events"] = Event() }
            },
            {
                "issuer",
                "",
                new() { ["iss"] = "https://evil.example", ["events"] = Event() }
            },
            {
                "audience",
                "",
                new() { ["aud"] = "another-client", ["events"] = Event() }
            },
            {
                "old",
                "",
                new()
                {
                    ["iat"] = 1_700_000_000,
                    ["exp"] = null,
                    ["events"] = Event(),
                }
            },
            {
                "nobody",
                "",
                new() { ["sub"] = null, ["events"] = Event() }
            },
            {
                "alg none",
                "none",
                new() { ["events"] = Event() }
            },
            {
                "signature cut off",
                "cut",
                new() { ["events"] = Event() }
            },
            {
                "client's secret",
                "secret",
                new() { ["events"] = Event() }
            },
            {
                "stranger",
                "stranger",
                new() { ["events"] = Event() }
            },
        };

    [Theory]
    [MemberData(nameof(LogoutTokens))]
    public async Task LogoutToken_ThatIsWrong_EndsNothing(string what, string how, Dictionary<string, object?> claims)
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        using var eve = new OpenIdBrowser(world.Portal);

        var token = await world.TokenAsync(OpenIdSignInTests.LogoutOf(ann, how, claims));
        (await eve.PostAsync(OpenIdSignInTests.Logout, ("logout_token", token))).Should().Be(HttpStatusCode.BadRequest, what);
        (await eve.PostAsync(OpenIdSignInTests.Logout, ("other", "x"))).Should().Be(HttpStatusCode.BadRequest);

        (await browser.IsInAsync()).Should().BeTrue(what);
    }

    private static Dictionary<string, object> Event() => new() { [LogoutEvent] = new { } };
}
