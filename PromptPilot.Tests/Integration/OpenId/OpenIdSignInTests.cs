using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.OpenId;

/// <summary>Sign-in with a third-party provider: accounts, roles, invitations, links and sign-out.</summary>
[Collection(OpenIdTestGroup.Name)]
public sealed class OpenIdSignInTests(OpenIdWorld world)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstSignIn_CreatesTheUser_AndLaterOnesFollowTheGroups()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        using var browser = new OpenIdBrowser(world.Portal);

        await world.SignsInAsync(ann, Claims(email, "builders", "other"));
        (await browser.SignInAsync("/runs?status=failed")).PathAndQuery.Should().Be("/runs?status=failed");

        (await world.FindAsync(email))
            .Should()
            .BeEquivalentTo(
                new
                {
                    Name = "Ann",
                    Role = Role.Architect,
                    PasswordHash = (string?)null,
                }
            );
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var told = await db.AuditEntries.Where(e => e.SubjectName == "Ann").OrderBy(e => e.Sequence).ToListAsync(Cancellation);
            told.Select(e => $"{e.Action} {e.Kind}").Should().ContainInOrder("Created user", "SignedIn user");
            told[^1].Changes.Should().ContainSingle(change => change.Field == "openId" && change.After == world.Issuer);
        }

        await world.SignsInAsync(ann, Claims(email, "readers", "Portal admins, all"));
        using var other = new OpenIdBrowser(world.Portal);
        await other.SignInAsync();
        (await world.FindAsync(email))!.Role.Should().Be(Role.Admin, "the most powerful of several groups applies");
        (await browser.IsInAsync()).Should().BeFalse("a changed role ends earlier sessions, as when an admin changes it");

        await world.SignsInAsync(ann, Claims(email, "other"));
        using var last = new OpenIdBrowser(world.Portal);
        (await last.SignInAsync()).Query.Should().Contain("NoRole");
        last.Page.Should().Contain("None of your groups has access");
        (await world.FindAsync(email))!.Role.Should().Be(Role.Viewer);
        (await other.IsInAsync()).Should().BeFalse("a person without a group is signed out");
    }

    [Fact]
    public async Task NewUsers_SetToInvited_RefusesOthers()
    {
        await world.ConfigureAsync(("NewUsers", "Invited"));
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);

        (await browser.SignInAsync()).Query.Should().Contain("NotInvited");
        var admin = (await world.Portal.GetAdminAsync()).Actor;
        await world.Portal.Get<UserService>().CreateAsync(admin, new NewUser(email, "Ann Invited", Role.Viewer), Cancellation);
        (await browser.SignInAsync()).AbsolutePath.Should().Be("/account");

        (await world.FindAsync(email)).Should().BeEquivalentTo(new { Name = "Ann Invited", Role = Role.Architect });
        var item = (
            await world.Portal.Get<UserService>().ListAsync(admin, new UserFilter(email, null, UserState.Active), new(), Cancellation)
        );
        item.Value.Items.Should().ContainSingle().Which.IsLinked.Should().BeTrue("a sign-in with the provider accepts the invitation");
        var renamed = await world
            .Portal.Get<UserService>()
            .UpdateAsync(admin, item.Value.Items[0].Id, new UserChange("Ann"), ifRevision: null, Cancellation);
        renamed.Value.IsLinked.Should().BeTrue();
    }

    [Fact]
    public async Task Linking_NeedsTheOwner_AndCanBeRemoved()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        var person = await world.Portal.AddPersonAsync(Role.Architect);
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        (await browser.SignInAsync(person.Email, person.Password)).Should().BeTrue();
        var actor = new Actor.Person(person.Id, await SessionOfAsync(person.Id));
        var links = world.Portal.Get<OpenIdLinkService>();
        var begun = (await links.BeginAsync(actor, Cancellation)).Value;

        using (var eve = new OpenIdBrowser(world.Portal))
        {
            var other = await world.Portal.AddPersonAsync(Role.Viewer);
            (await eve.SignInAsync(other.Email, other.Password)).Should().BeTrue();
            (await eve.OpenAsync("/" + begun)).Query.Should().Contain("LinkExpired", "the ticket is another person's");
            using var nobody = new OpenIdBrowser(world.Portal);
            (await nobody.OpenAsync("/" + begun, until: "/account")).Query.Should().Contain("LinkExpired");
            (await nobody.OpenAsync("/account/oidc?link=made-up", until: "/account")).Query.Should().Contain("LinkExpired");
        }

        (await links.FindAsync(actor, Cancellation)).Value.IsLinked.Should().BeFalse();
        (await browser.OpenAsync("/" + begun)).PathAndQuery.Should().Be("/account?openId=Linked");
        (await links.FindAsync(actor, Cancellation)).Value.IsLinked.Should().BeTrue();
        using (var second = new OpenIdBrowser(world.Portal))
        {
            await second.SignInAsync();
            (await second.IsInAsync()).Should().BeTrue();
            (await world.FindAsync(email)).Should().BeNull("the person at the provider is the account that was linked");

            (await links.RemoveAsync(actor, Cancellation)).IsOk.Should().BeTrue();
            (await second.IsInAsync()).Should().BeFalse("the sessions of the link end with it");
        }

        (await browser.IsInAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task SecondFactorHere_IsAsked_WhenTheProviderAskedForNone()
    {
        await world.ConfigureAsync(("LinkByEmail", "true"));
        var person = await world.Portal.AddPersonAsync(Role.Viewer);
        var service = world.Portal.Get<TwoFactorService>();
        await service.OfferAsync(person.Actor, Cancellation);
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var key = world.Portal.Get<TotpKeys>().Unprotect((await db.Users.SingleAsync(u => u.Id == person.Id, Cancellation)).TotpKey!);
            (await service.ConfirmAsync(person.Actor, Totp.CodeAt(key, Totp.StepAt(TimeProvider.System.GetUtcNow()) - 1), Cancellation))
                .IsOk.Should()
                .BeTrue();
            await world.SignsInAsync(OpenIdWorld.NewPerson().Subject, Claims(person.Email, "readers"));
            using var browser = new OpenIdBrowser(world.Portal);

            (await browser.SignInAsync()).AbsolutePath.Should().Be("/account/second-factor");
            (await browser.IsInAsync()).Should().BeFalse();
            var token = browser.Page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
            await browser.PostAsync(
                new Uri("/account/second-factor", UriKind.Relative),
                ("_handler", "second-factor"),
                ("__RequestVerificationToken", token),
                ("Form.Code", Totp.CodeAt(key, Totp.StepAt(TimeProvider.System.GetUtcNow())))
            );
            (await browser.IsInAsync()).Should().BeTrue();
            (await db.OpenIdSessions.CountAsync(s => db.Sessions.Any(x => x.Id == s.SessionId && x.UserId == person.Id), Cancellation))
                .Should()
                .Be(1, "the provider can end this session too");
        }
    }

    [Fact]
    public async Task SignOutAtTheProvider_EndsTheSessionHere()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "readers"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        using var elsewhere = new OpenIdBrowser(world.Portal);
        await elsewhere.SignInAsync();

        var page = await browser.OpenAsync("/account/oidc/sign-out");
        page.Host.Should().Be("localhost", "the provider asks the person itself");
        var xsrf = browser.Page.Split("name=\"xsrf\" value=\"")[1].Split('"')[0];
        await browser.PostAsync(new Uri(page, "/session/end/confirm"), ("xsrf", xsrf), ("logout", "yes"));

        await Eventually.HoldsAsync(async () => !await browser.IsInAsync(), "the provider calls the portal");
        (await elsewhere.IsInAsync()).Should().BeTrue("that is another session of the provider");
        (await elsewhere.PostAsync(Logout, ("logout_token", await world.TokenAsync(LogoutOf(ann))))).Should().Be(HttpStatusCode.OK);
        (await elsewhere.IsInAsync()).Should().BeFalse("a token without a session ends all of the person");
    }

    [Fact]
    public async Task RefreshToken_UpdatesRoles_AndEndsTheSessionWhenRevoked()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        var checks = world.Portal.Services.GetServices<IHostedService>().OfType<OpenIdRoleChecks>().Single();

        await DueAsync(email);
        await checks.CheckDueAsync(Cancellation);
        (await browser.IsInAsync()).Should().BeTrue("nothing changed, and the token was renewed");
        await DueAsync(email);
        await checks.CheckDueAsync(Cancellation);
        (await browser.IsInAsync()).Should().BeTrue("the renewed token works too");

        await world.SignsInAsync(ann, Claims(email, "readers"));
        await DueAsync(email);
        await checks.CheckDueAsync(Cancellation);
        (await world.FindAsync(email))!.Role.Should().Be(Role.Viewer);
        (await browser.IsInAsync()).Should().BeFalse("a changed role ends sessions");

        await browser.SignInAsync();
        await SpoilTokenAsync(email);
        await DueAsync(email);
        await checks.CheckDueAsync(Cancellation);
        (await browser.IsInAsync()).Should().BeFalse("the provider no longer accepts the token");
    }

    [Fact]
    public async Task SignOutAtTheProvider_SignedWithANewKey_EndsTheSession()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        await world.AddKeyAsync();
        using var provider = new OpenIdBrowser(world.Portal);

        (await provider.PostAsync(Logout, ("logout_token", await world.TokenAsync(LogoutOf(ann, "next"))))).Should().Be(HttpStatusCode.OK);

        (await browser.IsInAsync()).Should().BeFalse();
    }

    [Theory]
    [InlineData(25, false)]
    [InlineData(23, true)]
    public async Task SessionWithoutRefreshToken_EndsAfterADay(int hours, bool isIn)
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var at = DateTime.UtcNow.AddHours(-hours);
            await db
                .OpenIdSessions.Where(s =>
                    db.Sessions.Any(x => x.Id == s.SessionId && db.Users.Any(u => u.Id == x.UserId && u.Email == email))
                )
                .ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.CheckedAt, at).SetProperty(s => s.RefreshToken, (string?)null),
                    Cancellation
                );
        }

        await world.Portal.Services.GetServices<IHostedService>().OfType<OpenIdRoleChecks>().Single().CheckDueAsync(Cancellation);

        (await browser.IsInAsync()).Should().Be(isIn);
    }

    /// <summary>As Microsoft Entra ID does.</summary>
    [Fact]
    public async Task RefreshToken_OfAProviderWithGroupsInItsTokenAlone_KeepsTheRole()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        var checks = world.Portal.Services.GetServices<IHostedService>().OfType<OpenIdRoleChecks>().Single();
        await world.ForgeAsync(
            new
            {
                subject = ann,
                how = "",
                claims = new { groups = new[] { "builders" } },
                person = new { email },
            }
        );
        try
        {
            await DueAsync(email);
            await checks.CheckDueAsync(Cancellation);

            (await world.FindAsync(email))!.Role.Should().Be(Role.Architect);
            (await browser.IsInAsync()).Should().BeTrue();
        }
        finally
        {
            await world.ForgeAsync(null);
        }
    }

    [Fact]
    public async Task ProviderDown_EndsNoSession_AndEmergencyAdminsGetIn()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();
        var person = await world.Portal.AddPersonAsync(Role.Architect);

        // Nothing listens at port 9, under the same issuer for the session.
        await world.ConfigureAsync(("Passwords", "EmergencyAdmins"), ("EmergencyAdmins", PortalHost.AdminEmail));
        using var closed = new OpenIdBrowser(world.Portal);
        (await closed.SignInAsync(person.Email, person.Password)).Should().BeFalse("passwords are restricted");
        (await closed.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword)).Should().BeTrue("the admin is named");

        await world.ConfigureAsync(
            ("Issuer", "http://localhost:9"),
            ("ClientSecret", OpenIdWorld.Secret + "2"),
            ("Passwords", "EmergencyAdmins"),
            ("EmergencyAdmins", "nobody@example.org")
        );
        using var down = new OpenIdBrowser(world.Portal);
        (await down.SignInAsync()).Query.Should().Contain("Unreachable");
        down.Page.Should().Contain("Acme is not available right now");
        (await down.OpenAsync("/account/oidc/sign-out")).Query.Should().Contain("Unreachable");
        (await browser.IsInAsync()).Should().BeTrue();
        (await down.SignInAsync(person.Email, person.Password)).Should().BeFalse();
        (await down.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword))
            .Should()
            .BeTrue("no named admin exists, so every admin can sign in");
        var test = await world.Portal.Get<OpenIdTestService>().TestAsync((await world.Portal.GetAdminAsync()).Actor, Cancellation);
        test.Value.Text.Should().StartWith("The provider cannot be reached");
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Session_WhoseGrantCannotBeStored_Ends()
    {
        await world.ConfigureAsync();
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, Claims(email, "builders"));
        using var browser = new OpenIdBrowser(world.Portal);
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        await db.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER Full BEFORE INSERT ON OpenIdSessions BEGIN SELECT RAISE(ABORT, 'full'); END;",
            Cancellation
        );

        await browser.SignInAsync();
        var isIn = await browser.IsInAsync();
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER Full;", Cancellation);

        isIn.Should().BeFalse("neither the provider nor the check of groups could end this session");
        (await world.CountSessionsAsync(email)).Should().Be(0);
        (await browser.SignInAsync()).AbsolutePath.Should().Be("/account", "the next attempt works");
    }

    [Fact]
    public async Task LastAdmin_KeepsTheRole()
    {
        await world.ConfigureAsync(("LinkByEmail", "true"));
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            (await db.Users.CountAsync(u => u.Role == Role.Admin && u.PasswordHash != null, Cancellation)).Should().Be(1);
        }

        await world.SignsInAsync(OpenIdWorld.NewPerson().Subject, Claims(PortalHost.AdminEmail, "readers"));
        using var browser = new OpenIdBrowser(world.Portal);
        await browser.SignInAsync();

        (await browser.IsInAsync()).Should().BeTrue();
        (await world.FindAsync(PortalHost.AdminEmail))!.Role.Should().Be(Role.Admin);
        await using var after = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        await after
            .UserLogins.Where(l => after.Users.Any(u => u.Id == l.UserId && u.Email == PortalHost.AdminEmail))
            .ExecuteDeleteAsync(Cancellation);
    }

    [Fact]
    public async Task Test_SaysWhatToChange()
    {
        var admin = (await world.Portal.GetAdminAsync()).Actor;
        var tests = world.Portal.Get<OpenIdTestService>();

        await world.ConfigureAsync();
        var right = (await tests.TestAsync(admin, Cancellation)).Value;
        right.IsOk.Should().BeTrue();
        right.RedirectUri.Should().EndWith(OpenIdPaths.Callback);
        await world.ConfigureAsync(("ClientSecret", "wrong"));
        (await tests.TestAsync(admin, Cancellation)).Value.Text.Should().Contain("the secret is wrong");
        await world.ConfigureAsync(("Issuer", world.Issuer.Replace("localhost", "127.0.0.1")), ("AllowedPrivateHosts", "127.0.0.1"));
        (await tests.TestAsync(admin, Cancellation)).Value.Text.Should().Contain($"names the issuer “{world.Issuer}”");
        await world.ConfigureAsync(("Issuer", world.Issuer.Replace("http:", "https:")), ("AllowedPrivateHosts", ""));
        (await tests.TestAsync(admin, Cancellation)).Value.Text.Should().Contain("AllowedPrivateHosts");
    }

    internal static readonly Uri Logout = new(OpenIdPaths.Logout, UriKind.Relative);

    internal static object LogoutOf(string subject, string how = "", object? claims = null) =>
        new
        {
            subject,
            how,
            claims = claims
                ?? new { events = new Dictionary<string, object> { ["http://schemas.openid.net/event/backchannel-logout"] = new { } } },
        };

    internal static object Claims(string email, params string[] groups) =>
        new
        {
            name = "Ann",
            email,
            email_verified = true,
            groups,
        };

    private async Task<string> SessionOfAsync(string userId)
    {
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        return await db.Sessions.Where(s => s.UserId == userId).Select(s => s.Id).SingleAsync(Cancellation);
    }

    /// <summary>Five minutes pass for the sessions of a person.</summary>
    private async Task DueAsync(string email)
    {
        var before = DateTime.UtcNow - OpenIdRoleChecks.Interval - TimeSpan.FromSeconds(1);
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        await db
            .OpenIdSessions.Where(s => db.Sessions.Any(x => x.Id == s.SessionId && db.Users.Any(u => u.Id == x.UserId && u.Email == email)))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.CheckedAt, before), Cancellation);
    }

    private async Task SpoilTokenAsync(string email)
    {
        var spoilt = world.Portal.Get<OpenIdSessions>().Encrypt("no longer valid");
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        await db
            .OpenIdSessions.Where(s => db.Sessions.Any(x => x.Id == s.SessionId && db.Users.Any(u => u.Id == x.UserId && u.Email == email)))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RefreshToken, spoilt), Cancellation);
    }
}
