using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>A portal that counts how often a password is checked.</summary>
public sealed class HashCountingPortal : SharedPortal
{
    internal CountingHasher Hasher { get; } = new();

    protected override Action<IServiceCollection> Services => services => services.AddSingleton<IPasswordHasher<User>>(Hasher);
}

/// <summary>The real hasher, that counts how often a password is checked.</summary>
internal sealed class CountingHasher : IPasswordHasher<User>
{
    private readonly PasswordHasher<User> _real = TestPeople.Hasher();
    private int _checks;

    public int Checks => Volatile.Read(ref _checks);

    public string HashPassword(User user, string password) => _real.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref _checks);
        return _real.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}

/// <summary>Accounts attacked from outside, and what an admin does against it.</summary>
public sealed class UserAttackTests(HashCountingPortal shared) : IClassFixture<HashCountingPortal>
{
    private readonly CountingHasher _hasher = shared.Hasher;
    private readonly PortalHost _portal = shared.Host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_DoesTheSameWork_ForAnUnknownEmailAWrongPasswordALockoutAndAnInvitation()
    {
        var known = await _portal.AddPersonAsync(Role.Viewer);
        var invited = (
            await _portal
                .Get<UserService>()
                .CreateAsync(
                    (await _portal.GetAdminAsync()).Actor,
                    new NewUser("invited@example.org", "Invited", Role.Viewer),
                    Cancellation
                )
        )
            .Value
            .User;
        var closed = await _portal.AddPersonAsync(Role.Viewer);
        using var client = new CookieClient(_portal);
        for (var i = 0; i < 5; i++)
        {
            await client.SignInAsync(closed.Email, "wrong password here");
        }

        foreach (var email in new[] { "nobody@example.org", known.Email, invited.Email, closed.Email, "not an address", "' OR 1=1 --" })
        {
            var before = _hasher.Checks;
            (await client.SignInAsync(email, "wrong password here")).Should().BeNull(email);
            (_hasher.Checks - before).Should().Be(1, email);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("AAAA")]
    public async Task PasswordLink_WithAnotherToken_SetsNothing(string token)
    {
        var ann = await _portal.AddPersonAsync(Role.Viewer);
        using var client = new CookieClient(_portal);
        using var page = await client.GetAsync($"/account/set-password?user={ann.Id}&token={token}");

        (await page.Content.ReadAsStringAsync(Cancellation)).Should().Contain("no longer valid").And.NotContain("name=\"Form.Password\"");
    }

    [Fact]
    public async Task PasswordLink_CountsOnce_ForItsPersonOnly_AndNotAfterANewerOne()
    {
        var admin = await _portal.GetAdminAsync();
        var ann = await _portal.AddPersonAsync(Role.Viewer);
        var eve = await _portal.AddPersonAsync(Role.Viewer);
        var old = (await _portal.Get<UserService>().ResetPasswordAsync(admin.Actor, ann.Id, Cancellation)).Value.Path!;
        var link = (await _portal.Get<UserService>().ResetPasswordAsync(admin.Actor, ann.Id, Cancellation)).Value.Path!;
        using var client = new CookieClient(_portal);

        (await SetAsync(client, old)).Should().BeFalse("a newer link was made");
        (await SetAsync(client, link.Replace(ann.Id, eve.Id, StringComparison.Ordinal))).Should().BeFalse("it is somebody else's");
        (await SetAsync(client, link)).Should().BeTrue();
        (await SetAsync(client, link)).Should().BeFalse("it was used");
        (await client.SignInAsync(eve)).Should().Be("/");
    }

    [Fact]
    public async Task ServerOwnedFields_InAPost_AreNotTaken()
    {
        using var client = _portal.CreateAdminClient();
        using var made = await client.PostAsJsonAsync(
            "/api/v1/users",
            new
            {
                email = "mass@example.org",
                name = "Mass",
                role = "viewer",
                id = "chosen",
                isLocked = true,
                hasPassword = true,
                passwordHash = "x",
                securityStamp = "x",
                twoFactorEnabled = true,
                revision = 99,
                createdAt = "2001-01-01T00:00:00Z",
                lastLogin = "2001-01-01T00:00:00Z",
                accessFailedCount = 9,
            },
            Cancellation
        );
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        if (made.StatusCode != HttpStatusCode.Created)
        {
            made.StatusCode.Should().Be(HttpStatusCode.BadRequest, "either the fields are left out, or the request is refused");
            (await db.Users.AnyAsync(u => u.Email == "mass@example.org", Cancellation)).Should().BeFalse();
            return;
        }

        var user = await db.Users.SingleAsync(u => u.Email == "mass@example.org", Cancellation);
        user.Id.Should().NotBe("chosen");
        user.Should()
            .BeEquivalentTo(
                new
                {
                    IsLocked = false,
                    PasswordHash = (string?)null,
                    TwoFactorEnabled = false,
                    Revision = 1,
                    LastLogin = (DateTime?)null,
                    AccessFailedCount = 0,
                }
            );
        user.SecurityStamp.Should().NotBe("x");
        user.CreatedAt.Year.Should().NotBe(2001);
    }

    [Fact]
    public async Task ForcedPassword_SignsOutEverywhere_AndTheOldOneCountsNoMore()
    {
        var admin = await _portal.GetAdminAsync();
        var ann = await _portal.AddPersonAsync(Role.Architect);
        using var client = new CookieClient(_portal);
        await client.SignInAsync(ann);

        (await _portal.Get<UserAccessService>().RemovePasswordAsync(admin.Actor, ann.Id, Cancellation)).IsOk.Should().BeTrue();

        (await client.IsInAsync()).Should().BeFalse();
        (await client.SignInAsync(ann)).Should().BeNull();
        var link = (await _portal.Get<UserService>().ResetPasswordAsync(admin.Actor, ann.Id, Cancellation)).Value.Path!;
        (await SetAsync(client, link)).Should().BeTrue();
        (await client.SignInAsync(ann.Email, NewPassword)).Should().Be("/");
        (await _portal.Get<UserAccessService>().RemovePasswordAsync(admin.Actor, admin.Id, Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Conflict, "nobody shuts themself out");
    }

    [Fact]
    public async Task SessionsEndedByAnAdmin_AreRefusedAtOnce_AndTold()
    {
        var admin = await _portal.GetAdminAsync();
        var ann = await _portal.AddPersonAsync(Role.Architect);
        using var client = new CookieClient(_portal);
        await client.SignInAsync(ann);

        (await _portal.Get<UserAccessService>().EndSessionsAsync(admin.Actor, ann.Id, Cancellation)).IsOk.Should().BeTrue();

        (await client.IsInAsync()).Should().BeFalse();
        (
            await _portal
                .Get<AuditService>()
                .ListAsync(admin.Actor, new AuditFilter(Kind: "session", Action: AuditAction.Deleted), new PageRequest(), Cancellation)
        )
            .Value.Items.Should()
            .ContainSingle(entry => entry.SubjectName == $"1 of {ann.Name}");
    }

    [Fact]
    public async Task Deletion_LeavesWorkflowsToAnotherOwner()
    {
        var admin = await _portal.GetAdminAsync();
        var ann = await _portal.AddPersonAsync(Role.Architect);
        var viewer = await _portal.AddPersonAsync(Role.Viewer);
        var bob = await _portal.AddPersonAsync(Role.Architect);
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            db.Workflows.Add(
                new Workflow
                {
                    Name = "Ann's",
                    Owner = ann.Id,
                    CreatedAt = DateTime.UtcNow,
                    UpdatedAt = DateTime.UtcNow,
                }
            );
            await db.SaveChangesAsync(Cancellation);
        }

        (await _portal.Get<UserService>().DeleteAsync(admin.Actor, ann.Id, null, Cancellation, viewer.Id))
            .Problem!.Errors.Should()
            .ContainSingle(error => error.Field == "newOwner");
        (await _portal.Get<UserService>().DeleteAsync(admin.Actor, ann.Id, null, Cancellation, bob.Id)).IsOk.Should().BeTrue();

        await using var after = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        (await after.Workflows.SingleAsync(w => w.Name == "Ann's", Cancellation)).Owner.Should().Be(bob.Id);
        (
            await _portal
                .Get<AuditService>()
                .ListAsync(admin.Actor, new AuditFilter(Kind: "workflow", Action: AuditAction.Changed), new PageRequest(), Cancellation)
        )
            .Value.Items.Should()
            .ContainSingle()
            .Which.Changes.Should()
            .Equal(new AuditChange("owner", ann.Id, bob.Id));
    }

    [Theory]
    [InlineData(null, UserState.Invited, 1)]
    [InlineData(Role.Collaborator, null, 2)]
    [InlineData(Role.Collaborator, UserState.Locked, 1)]
    [InlineData(Role.Architect, UserState.Locked, 0)]
    public async Task List_FiltersByRoleAndState(Role? role, UserState? state, int count)
    {
        var admin = await _portal.GetAdminAsync();
        var users = _portal.Get<UserService>();
        var mark = $"{Guid.NewGuid():N}";
        await users.LockAsync(admin.Actor, (await _portal.AddPersonAsync(Role.Collaborator, name: $"One {mark}")).Id, null, Cancellation);
        await _portal.AddPersonAsync(Role.Collaborator, name: $"Two {mark}");
        await users.CreateAsync(admin.Actor, new NewUser($"{mark}@example.org", $"Invited {mark}", Role.Viewer), Cancellation);

        (await users.ListAsync(admin.Actor, new UserFilter(mark, role, state), new PageRequest(), Cancellation))
            .Value.Items.Should()
            .HaveCount(count);
    }

    private const string NewPassword = "a new long password 99";

    private static async Task<bool> SetAsync(CookieClient client, string link)
    {
        using var answer = await client.PostAsync(link, "set-password", ("Password", NewPassword));
        return answer.StatusCode == HttpStatusCode.Redirect;
    }
}
