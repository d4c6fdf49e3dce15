using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>With <c>Users:RequireTwoFactor</c> a password alone opens the page that sets up the second factor, and nothing else.</summary>
public sealed class RequireTwoFactorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Password_Alone_OpensTheSetUpOnly_UntilTheFactorIsThere()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Users:RequireTwoFactor"] = "true" } }
        );
        var ann = await portal.AddPersonAsync(Role.Architect);
        using var client = new CookieClient(portal);
        await client.SignInAsync(ann);
        var session = (await portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value.Single().Id;
        var here = new Actor.Person(ann.Id, session);

        foreach (var path in new[] { "/", "/prompts", "/account", "/runs" })
        {
            using var page = await client.GetAsync(path);
            page.Headers.Location?.ToString().Should().Be("/account/two-factor", path);
        }

        (await portal.Get<UserService>().ListNamesAsync(here, Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Forbidden, "the service refuses too, whatever page asks");
        using (var setUp = await client.GetAsync("/account/two-factor"))
        {
            setUp.IsSuccessStatusCode.Should().BeTrue();
        }

        (await portal.Get<TwoFactorService>().OfferAsync(here, Cancellation)).IsOk.Should().BeTrue();
        await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
        var key = portal
            .Get<TotpKeys>()
            .Unprotect((await db.Users.Where(u => u.Id == ann.Id).Select(u => u.TotpKey).SingleAsync(Cancellation))!);
        (await portal.Get<TwoFactorService>().ConfirmAsync(here, Totp.CodeAt(key, Totp.StepAt(DateTimeOffset.UtcNow)), Cancellation))
            .IsOk.Should()
            .BeTrue();

        (await client.IsInAsync()).Should().BeTrue();
        (await portal.Get<UserService>().ListNamesAsync(here, Cancellation)).IsOk.Should().BeTrue();
        (await portal.Get<UserService>().ListNamesAsync(ann.KeyActor, Cancellation)).IsOk.Should().BeTrue("programs have keys");
    }
}
