using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Audit;

/// <summary>What the audit log says of real changes, over real HTTP and at the services.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private PortalHost _portal = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _portal = await PortalHost.StartAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Change_OverTheApi_IsToldWithKeyAddressBeforeAndAfter()
    {
        var person = await _portal.AddPersonAsync(Role.Viewer, name: "Vera");
        using var client = _portal.CreateAdminClient();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("audit-test/1.0");

        using var answer = await client.PutAsJsonAsync($"/api/v1/users/{person.Id}", new { role = "architect" }, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var entry = (await ListAsync(new AuditFilter(Kind: "user", Action: AuditAction.Changed))).Should().ContainSingle().Subject;
        entry
            .Should()
            .BeEquivalentTo(
                new
                {
                    ActorKind = AuditActorKind.ApiKey,
                    ApiKeyName = "Set-up",
                    SubjectId = person.Id,
                    SubjectName = "Vera",
                    RemoteAddress = "127.0.0.1",
                    UserAgent = "audit-test/1.0",
                }
            );
        entry.Changes.Should().Equal(new AuditChange("role", "viewer", "architect"));
        (await ListAsync(new AuditFilter(Kind: "API key", Action: AuditAction.FirstUsed)))
            .Should()
            .ContainSingle("the key had not been used before")
            .Which.RemoteAddress.Should()
            .Be("127.0.0.1");
    }

    [Fact]
    public async Task Secrets_AreToldWithoutTheirValues()
    {
        const string Canary = "sk-canary-0123456789";
        var admin = await _portal.GetAdminAsync();
        var made = await _portal
            .Get<ModelProfileService>()
            .CreateAsync(
                admin.Actor,
                new ModelProfileContent
                {
                    Name = "Guarded",
                    Provider = "openai",
                    Model = "gpt-x",
                    ApiKey = Canary,
                },
                Cancellation
            );
        made.Problem.Should().BeNull();
        var key = await _portal.Get<ApiKeyService>().CreateAsync(admin.Actor, new NewApiKey("program", Permission.Read), Cancellation);

        var entries = await ListAsync(new AuditFilter());

        entries.Should().Contain(e => e.Kind == "model profile" && e.Changes.Contains(new AuditChange("apiKey", null, "(set)")));
        var text =
            JsonSerializer.Serialize(entries)
            + Encoding.UTF8.GetString(
                (await _portal.Get<AuditService>().ExportAsync(admin.Actor, new AuditFilter(), Cancellation)).Value.Content
            );
        text.Should().NotContain(Canary).And.NotContain(key.Value.Key).And.NotContain(PortalHost.AdminKey);
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        text.Should()
            .NotContain((await db.ApiKeys.FirstAsync(Cancellation)).Hash)
            .And.NotContain((await db.Users.FirstAsync(Cancellation)).PasswordHash!);
    }

    [Fact]
    public async Task Refusal_LeavesNoEntry()
    {
        var viewer = await _portal.AddPersonAsync(Role.Viewer);
        var before = (await ListAsync(new AuditFilter())).Count;

        var refused = await _portal.Get<UserService>().LockAsync(viewer.Actor, viewer.Id, null, Cancellation);
        var last = await _portal
            .Get<UserService>()
            .LockAsync((await _portal.GetAdminAsync()).Actor, (await _portal.GetAdminAsync()).Id, null, Cancellation);

        refused.IsOk.Should().BeFalse();
        last.IsOk.Should().BeFalse();
        (await ListAsync(new AuditFilter())).Count.Should().Be(before);
    }

    [Theory]
    [InlineData("UPDATE \"AuditEntries\" SET \"ActorName\" = 'somebody else'")]
    [InlineData("DELETE FROM \"AuditEntries\"")]
    public async Task Log_IsAppendOnly_InTheDatabaseItself(string sql)
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.AuditEntries.CountAsync(Cancellation)).Should().BePositive();

        var change = () => db.Database.ExecuteSqlRawAsync(sql, Cancellation);

        (await change.Should().ThrowAsync<System.Data.Common.DbException>()).WithMessage("*append-only*");
    }

    [Fact]
    public async Task Save_ThatFails_LeavesNoEntryAndMayBeRepeated()
    {
        var person = await _portal.AddPersonAsync(Role.Viewer);
        var before = (await ListAsync(new AuditFilter())).Count;
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        var user = await db.Users.SingleAsync(u => u.Id == person.Id, Cancellation);
        var email = user.NormalizedEmail;
        (user.Name, user.NormalizedEmail) = ("Renamed", PortalHost.AdminEmail.ToUpperInvariant());
        await FluentActions.Awaiting(() => db.SaveChangesAsync(Cancellation)).Should().ThrowAsync<DbUpdateException>();
        (await ListAsync(new AuditFilter())).Count.Should().Be(before);

        user.NormalizedEmail = email;
        await db.SaveChangesAsync(Cancellation);

        var told = await ListAsync(new AuditFilter());
        told.Count.Should().Be(before + 1);
        told[0].Changes.Should().ContainSingle(change => change.Field == "name" && change.After == "Renamed");
    }

    [Fact]
    public async Task Pages_FollowEachOtherWithoutGaps_AndTextIsFoundLiterally()
    {
        var admin = await _portal.GetAdminAsync();
        foreach (var name in new[] { "100%_sure", "100 sure", "another" })
        {
            await _portal.AddPersonAsync(Role.Viewer, name: name);
        }

        var all = await ListAsync(new AuditFilter());
        var first = (
            await _portal.Get<AuditService>().ListAsync(admin.Actor, new AuditFilter(), new PageRequest(Limit: 2), Cancellation)
        ).Value;
        var second = (
            await _portal.Get<AuditService>().ListAsync(admin.Actor, new AuditFilter(), new PageRequest(first.Next, 200), Cancellation)
        ).Value;

        first.Items.Concat(second.Items).Select(e => e.Sequence).Should().Equal(all.Select(e => e.Sequence));
        (await ListAsync(new AuditFilter(Text: "%_s"))).Should().OnlyContain(e => e.SubjectName.Contains("100%_sure")).And.NotBeEmpty();
        (await ListAsync(new AuditFilter(ActorId: "nobody-such"))).Should().BeEmpty();
    }

    [Fact]
    public async Task Export_IsForAdmins()
    {
        using var client = _portal.CreateClient();
        using var answer = await client.GetAsync(new Uri("/audit/export.csv", UriKind.Relative), Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "nobody is signed in");
    }

    private async Task<IReadOnlyList<AuditItem>> ListAsync(AuditFilter filter) =>
        (
            await _portal
                .Get<AuditService>()
                .ListAsync((await _portal.GetAdminAsync()).Actor, filter, new PageRequest(Limit: 200), Cancellation)
        )
            .Value
            .Items;
}
