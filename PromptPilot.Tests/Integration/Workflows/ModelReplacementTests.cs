using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Saving;
using PromptPilot.Tests.Integration.Runs;

namespace PromptPilot.Tests.Integration.Workflows;

/// <summary>All steps of a model profile are moved to another one at once.</summary>
public sealed class ModelReplacementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Move_ChangesDraftsOnly_AndSaysWhatToPublish()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var ids = new[] { await AddAsync(host, isPublished: true), await AddAsync(host, isPublished: false) };
        var (from, to) = await ProfilesAsync(host);
        var admin = await AddAdminAsync(host);

        var moved = (await host.Get<ModelReplacementService>().MoveAsync(admin, from, to, Token)).Value;

        moved
            .Select(one => (one.WorkflowId, one.Steps, one.NeedsPublishing))
            .Should()
            .BeEquivalentTo([(ids[0], 1, true), (ids[1], 1, false)]);
        await using var db = host.Db();
        (await db.WorkflowSteps.Select(step => step.Model).ToListAsync(Token)).Should().HaveCount(2).And.OnlyContain(model => model == to);
        var workflow = await db.Workflows.SingleAsync(one => one.Id == ids[0], Token);
        (workflow.HasUnpublishedChanges, workflow.Revision).Should().Be((true, moved.Single(one => one.WorkflowId == ids[0]).Revision));
        (await db.WorkflowVersions.AsNoTracking().ToListAsync(Token))
            .SelectMany(version => version.Definition.Steps)
            .Should()
            .OnlyContain(step => step.Model == from, "what is published stays");
        (await host.Get<ModelReplacementService>().MoveAsync(admin, from, to, Token)).Value.Should().BeEmpty("nothing is left to move");
    }

    [Fact]
    public async Task Move_ToItselfOrADisabledProfile_IsRefused()
    {
        await using var host = await EngineHost.StartAsync(new ScriptedModel());
        var (from, to) = await ProfilesAsync(host, isEnabled: false);
        var admin = await AddAdminAsync(host);
        var service = host.Get<ModelReplacementService>();

        (await service.MoveAsync(admin, from, from, Token)).Problem!.Message.Should().Contain("Choose another");
        (await service.MoveAsync(admin, from, to, Token)).Problem!.Message.Should().Contain("is disabled");
        (await service.MoveAsync(host.Author, from, to, Token)).IsOk.Should().BeFalse("only admins move steps of others");
    }

    private static async Task<string> AddAsync(EngineHost host, bool isPublished)
    {
        var id = await host.AddWorkflowAsync(("one", ["text"]));
        await using var db = host.Db();
        var workflow = await db.Workflows.SingleAsync(one => one.Id == id, Token);
        var version = await db.WorkflowVersions.SingleAsync(one => one.WorkflowId == id, Token);
        var step = version.Definition.Steps.Single();
        db.WorkflowSteps.Add(
            new WorkflowStep
            {
                Id = step.Id,
                WorkflowId = id,
                PromptId = step.PromptId,
                Model = step.Model,
                OutputKey = step.OutputKey,
                Order = 1,
            }
        );
        workflow.Status = isPublished ? workflow.Status : WorkflowStatus.Draft;
        await db.SaveChangesAsync(Token);
        return id;
    }

    private static async Task<(string From, string To)> ProfilesAsync(EngineHost host, bool isEnabled = true)
    {
        await using var db = host.Db();
        var other = new ModelProfile
        {
            Name = "Other",
            NormalizedName = "OTHER",
            Provider = Providers.Offline,
            Model = "other",
            Enabled = isEnabled,
        };
        db.Add(other);
        await db.SaveChangesAsync(Token);
        return ((await db.ModelProfiles.SingleAsync(profile => profile.Name == "Fake", Token)).Id, other.Id);
    }

    private static async Task<Actor> AddAdminAsync(EngineHost host)
    {
        await using var db = host.Db();
        db.Add(
            new User
            {
                Id = "admin",
                Name = "Admin",
                UserName = "admin@example.org",
                Role = Role.Admin,
            }
        );
        await db.SaveChangesAsync(Token);
        return new Actor.Person("admin");
    }
}
