using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Api;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>A portal that looks every second whether who is there may still be.</summary>
public sealed class SessionPortal : SharedPortal
{
    protected override Dictionary<string, string?> Settings => new(base.Settings) { ["PromptPilot:Users:RevalidationSeconds"] = "1" };
}

/// <summary>A cookie, an open page and a stream count as long as the session or key behind them, and end with it.</summary>
public sealed class SessionTests(SessionPortal shared) : IClassFixture<SessionPortal>
{
    private readonly PortalHost _portal = shared.Host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EndedSession_IsRefusedAtTheNextRequestAndAction_AndOthersStay()
    {
        var ann = await _portal.AddPersonAsync(Role.Architect);
        using var laptop = new CookieClient(_portal);
        using var phone = new CookieClient(_portal);
        await laptop.SignInAsync(ann);
        await phone.SignInAsync(ann);
        var sessions = (await _portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value;
        sessions.Should().HaveCount(2);
        var (ended, kept) = (sessions[1], sessions[0]);

        (await _portal.Get<SessionService>().EndAsync(ann.Actor, ended.Id, Cancellation)).IsOk.Should().BeTrue();

        new[] { await laptop.IsInAsync(), await phone.IsInAsync() }.Should().BeEquivalentTo([true, false]);
        (await _portal.Get<AccountService>().FindAsync(new Actor.Person(ann.Id, ended.Id), Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Unauthenticated);
        (await _portal.Get<AccountService>().FindAsync(new Actor.Person(ann.Id, kept.Id), Cancellation)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Session_OfSomebodyElse_IsNeitherSeenNorEndedNorUsed()
    {
        var ann = await _portal.AddPersonAsync(Role.Architect);
        var eve = await _portal.AddPersonAsync(Role.Admin);
        using var client = new CookieClient(_portal);
        await client.SignInAsync(ann);
        var session = (await _portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value.Should().ContainSingle().Subject;

        (await _portal.Get<SessionService>().ListAsync(eve.Actor, Cancellation)).Value.Should().BeEmpty();
        (await _portal.Get<SessionService>().EndAsync(eve.Actor, session.Id, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await _portal.Get<AccountService>().FindAsync(new Actor.Person(eve.Id, session.Id), Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Unauthenticated);
        (await client.IsInAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task PasswordChange_EndsAllOtherSessions()
    {
        var ann = await _portal.AddPersonAsync(Role.Viewer);
        using var here = new CookieClient(_portal);
        using var there = new CookieClient(_portal);
        await here.SignInAsync(ann);
        await there.SignInAsync(ann);

        using var changed = await here.PostAsync(
            "/account/change-password",
            "change-password",
            ("Current", ann.Password),
            ("Password", "another long password 12")
        );

        (await here.IsInAsync()).Should().BeTrue();
        (await there.IsInAsync()).Should().BeFalse();
        (await _portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value.Should().ContainSingle();
    }

    [Fact]
    public async Task SignOut_EndsTheSession_SoThatAKeptCookieIsWorthNothing()
    {
        var ann = await _portal.AddPersonAsync(Role.Viewer);
        using var client = new CookieClient(_portal);
        await client.SignInAsync(ann);
        using var signedOut = await client.PostAsync("/account/sign-out", "", []);

        (await _portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value.Should().BeEmpty();
        (await client.IsInAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Demotion_EndsSessions()
    {
        var ann = await _portal.AddPersonAsync(Role.Architect);
        using var client = new CookieClient(_portal);
        await client.SignInAsync(ann);

        await _portal
            .Get<UserService>()
            .UpdateAsync((await _portal.GetAdminAsync()).Actor, ann.Id, new UserChange(Role: Role.Viewer), null, Cancellation);

        (await client.IsInAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task LongAnswer_OfARevokedKey_Ends()
    {
        var ann = await _portal.AddPersonAsync(Role.Viewer);
        var watch = new RevocationWatch(_portal.Get<Access>(), _portal.Get<IOptions<UsersOptions>>(), TimeProvider.System);
        var answer = watch.RunAsync(ann.KeyActor, allowed => Task.Delay(Timeout.Infinite, allowed), Cancellation);

        await _portal.Get<ApiKeyService>().RevokeAsync(ann.Actor, ann.ApiKeyId, Cancellation);

        await FluentActions
            .Awaiting(() => answer.WaitAsync(TimeSpan.FromSeconds(60), Cancellation))
            .Should()
            .ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Admins_WhoDemoteEachOtherAtOnce_LeaveOne()
    {
        await using var portal = await PortalHost.StartAsync();
        var users = portal.Get<UserService>();
        var main = await portal.GetAdminAsync();
        var second = await portal.AddPersonAsync(Role.Admin);
        for (var round = 0; round < 10; round++)
        {
            var results = await Task.WhenAll(
                users.UpdateAsync(main.Actor, second.Id, new UserChange(Role: Role.Viewer), null, Cancellation),
                users.LockAsync(second.Actor, main.Id, null, Cancellation),
                users
                    .DeleteAsync(second.Actor, main.Id, 999, Cancellation)
                    .ContinueWith(task => task.Result.Map<UserItem>(_ => null!), TaskScheduler.Default)
            );

            results.Count(result => result.IsOk).Should().Be(1, $"round {round}");
            await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
            foreach (var user in db.Users.Where(u => u.Id == main.Id || u.Id == second.Id))
            {
                (user.Role, user.IsLocked) = (Role.Admin, false);
            }

            await db.SaveChangesAsync(Cancellation);
        }
    }
}
