using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Notifications;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>Who is told of a change request, and of its end.</summary>
public sealed class ApprovalNotificationTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_IsToldToThoseWhoCanApprove_AndItsEndToTheRequester()
    {
        var world = await ApprovalWorld.CreateAsync(shared.Host);
        await world.ProtectAsync();
        var id = await world.AskAsync();

        var told = await LookAsync(id);
        told.Should().OnlyContain(one => one.Kind == NotificationKind.Approval && one.ReadAt == null);
        told.Select(one => one.UserId).Should().Contain([world.Second.Id, world.Third.Id, world.Admin.Id]);
        told.Select(one => one.UserId).Should().NotContain([world.Requester.Id, world.Author.Id, world.Collaborator.Id]);
        (await LookAsync(id)).Should().HaveCount(told.Count, "looking again repeats nothing");

        await world.ApproveAsync(world.Second, id);

        var after = await LookAsync(id);
        after.Where(one => one.Kind == NotificationKind.Approval).Should().OnlyContain(one => one.ReadAt != null);
        after
            .Should()
            .ContainSingle(one => one.Kind == NotificationKind.ChangeDecided)
            .Which.Should()
            .Match<Notification>(one => one.UserId == world.Requester.Id && one.Title.StartsWith("Applied by"));
    }

    private async Task<List<Notification>> LookAsync(string changeRequestId)
    {
        await shared.Host.Get<NotificationWatcher>().LookAsync(Token);
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        return await db.Notifications.AsNoTracking().Where(one => one.Link == $"/changes/{changeRequestId}").ToListAsync(Token);
    }
}
