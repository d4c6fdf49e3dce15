using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>Who may do what is kept in memory; whatever way it changes, the very next call over HTTP goes by the change.</summary>
public sealed class NextCallTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    /// <summary>Every way in which the portal, or code that is still to come, can take a person's key its power away.</summary>
    private static readonly Dictionary<string, Func<PortalHost, TestPerson, Task>> Ends = new()
    {
        ["revoked by its owner"] = async (portal, person) =>
            Done(await portal.Get<ApiKeyService>().RevokeAsync(person.Actor, person.ApiKeyId, Cancellation)),
        ["revoked by an admin"] = async (portal, person) =>
            Done(await portal.Get<ApiKeyService>().RevokeAsync((await portal.GetAdminAsync()).Actor, person.ApiKeyId, Cancellation)),
        ["locked"] = async (portal, person) =>
            Done(await portal.Get<UserService>().LockAsync((await portal.GetAdminAsync()).Actor, person.Id, null, Cancellation)),
        ["locked over HTTP"] = (portal, person) => PutAsync(portal, person, new { isLocked = true }),
        ["deleted"] = async (portal, person) =>
            Done(await portal.Get<UserService>().DeleteAsync((await portal.GetAdminAsync()).Actor, person.Id, null, Cancellation)),
        ["locked by Identity's store"] = async (portal, person) =>
        {
            await using var scope = portal.Services.CreateAsyncScope();
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            var user = (await users.FindByIdAsync(person.Id))!;
            user.IsLocked = true;
            (await users.UpdateAsync(user)).Succeeded.Should().BeTrue();
        },
        ["saved"] = (portal, person) =>
            ChangeAsync(
                portal,
                async db =>
                {
                    (await db.ApiKeys.SingleAsync(k => k.Id == person.ApiKeyId, Cancellation)).RevokedAt = DateTime.UtcNow;
                    await db.SaveChangesAsync(Cancellation);
                }
            ),
        ["updated in bulk"] = (portal, person) =>
            ChangeAsync(
                portal,
                db => db.Users.Where(u => u.Id == person.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsLocked, true), Cancellation)
            ),
        ["deleted in bulk"] = (portal, person) =>
            ChangeAsync(portal, db => db.ApiKeys.Where(k => k.Id == person.ApiKeyId).ExecuteDeleteAsync(Cancellation)),
        ["gone with its owner, by cascade"] = (portal, person) =>
            ChangeAsync(portal, db => db.Users.Where(u => u.Id == person.Id).ExecuteDeleteAsync(Cancellation)),
        ["changed by SQL"] = (portal, person) =>
            ChangeAsync(
                portal,
                db => db.Database.ExecuteSqlAsync($"UPDATE \"Users\" SET \"IsLocked\" = {true} WHERE \"Id\" = {person.Id}", Cancellation)
            ),
        ["saved in a transaction"] = (portal, person) =>
            ChangeInTransactionAsync(
                portal,
                person,
                async db =>
                {
                    (await db.Users.SingleAsync(u => u.Id == person.Id, Cancellation)).IsLocked = true;
                    await db.SaveChangesAsync(Cancellation);
                }
            ),
        ["updated in a transaction"] = (portal, person) =>
            ChangeInTransactionAsync(
                portal,
                person,
                db =>
                    db.ApiKeys.Where(k => k.Id == person.ApiKeyId)
                        .ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, DateTime.UtcNow), Cancellation)
            ),
        ["changed by SQL in a transaction"] = (portal, person) =>
            ChangeInTransactionAsync(
                portal,
                person,
                db => db.Database.ExecuteSqlAsync($"UPDATE \"Users\" SET \"IsLocked\" = {true} WHERE \"Id\" = {person.Id}", Cancellation)
            ),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> EndsByName => [.. Ends.Keys];

    [Theory]
    [MemberData(nameof(EndsByName))]
    public async Task Key_ThatWasJustUsed_IsRefusedAtTheNextCall_When(string end)
    {
        var portal = shared.Host;
        var person = await portal.AddPersonAsync(Role.Architect);
        using var client = portal.CreateClient(person);
        await OpenAsync(client);

        await Ends[end](portal, person);

        (await StatusAsync(client)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(Role.Viewer, HttpStatusCode.Forbidden)]
    [InlineData(Role.Admin, HttpStatusCode.BadRequest)]
    public async Task Role_ThatWasChanged_CountsAtTheNextCall(Role role, HttpStatusCode expected)
    {
        var portal = shared.Host;
        var person = await portal.AddPersonAsync(role == Role.Admin ? Role.Viewer : Role.Architect);
        using var client = portal.CreateClient(person);
        await OpenAsync(client);
        var before = await WriteAsync(client);

        await PutAsync(portal, person, new { role = role.ToString().ToLowerInvariant() });

        before.Should().NotBe(expected);
        (await WriteAsync(client)).Should().Be(expected);
    }

    [Fact]
    public async Task Key_ThatExpires_IsRefusedFromThatMomentOn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Services = services => services.AddSingleton<TimeProvider>(time) }
        );
        var person = await portal.AddPersonAsync(Role.Viewer);
        var made = await portal
            .Get<ApiKeyService>()
            .CreateAsync(person.Actor, new NewApiKey("short", Permission.Read, time.GetUtcNow().UtcDateTime.AddSeconds(20)), Cancellation);
        using var client = portal.CreateClient(made.Value.Key);
        await OpenAsync(client);

        time.Advance(TimeSpan.FromSeconds(21));

        (await StatusAsync(client)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Lock_WhileManyCallsAreUnderWay_IsSeenByEachCallThatFollowsIt()
    {
        var portal = shared.Host;
        var admin = await portal.GetAdminAsync();
        var person = await portal.AddPersonAsync(Role.Viewer);
        using var client = portal.CreateClient(person);
        using var stop = new CancellationTokenSource();
        var others = Enumerable
            .Range(0, 8)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        await StatusAsync(client);
                    }
                })
            )
            .ToList();

        for (var i = 0; i < 20; i++)
        {
            Done(await portal.Get<UserService>().LockAsync(admin.Actor, person.Id, null, Cancellation));
            (await StatusAsync(client)).Should().Be(HttpStatusCode.Unauthorized, $"round {i}");
            Done(await portal.Get<UserService>().UpdateAsync(admin.Actor, person.Id, new UserChange(IsLocked: false), null, Cancellation));
            (await StatusAsync(client)).Should().Be(HttpStatusCode.OK, $"round {i}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(others);
    }

    private static void Done<T>(Core.Shared.Result<T> result) => result.IsOk.Should().BeTrue(result.IsOk ? "" : result.Problem.Message);

    private static async Task ChangeAsync(PortalHost portal, Func<PromptPilotDbContext, Task> change)
    {
        await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
        await change(db);
    }

    /// <summary>Somebody calls between the write and its commit, and must not leave behind what was before.</summary>
    private static Task ChangeInTransactionAsync(PortalHost portal, TestPerson person, Func<PromptPilotDbContext, Task> change) =>
        ChangeAsync(
            portal,
            async db =>
            {
                using var client = portal.CreateClient(person);
                await using var transaction = await portal.Get<WriteGate>().BeginAsync(db, Cancellation);
                await change(db);
                (await StatusAsync(client)).Should().Be(HttpStatusCode.OK, "nothing is committed yet");
                await transaction.CommitAsync(Cancellation);
            }
        );

    private static async Task PutAsync(PortalHost portal, TestPerson person, object change)
    {
        using var client = portal.CreateAdminClient();
        (await client.PutAsJsonAsync(Path($"users/{person.Id}"), change, Cancellation)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    /// <summary>Twice: the first call of a minute notes the key's use, which is a write of its own.</summary>
    private static async Task OpenAsync(HttpClient client)
    {
        (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Path("prompts"), Cancellation);
        return answer.StatusCode;
    }

    /// <summary>A prompt without a name: refused as forbidden, or, to those who may write, as invalid.</summary>
    private static async Task<HttpStatusCode> WriteAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync(Path("prompts"), new { content = "x" }, Cancellation);
        return answer.StatusCode;
    }

    private static Uri Path(string path) => new($"/api/v1/{path}", UriKind.Relative);
}
