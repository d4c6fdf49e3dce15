using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>Ways around the protection of a label. None leads to another version.</summary>
public sealed class GateAttackTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private ApprovalWorld _world = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await ApprovalWorld.CreateAsync(shared.Host);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Move_ByApi_MovesNothing_AndAsksOnce()
    {
        await _world.ProtectAsync();

        var id = await _world.AskAsync();
        (await _world.AskAsync(_world.Second)).Should().Be(id, "the same change is one request");

        (await _world.ProductionAsync()).Should().Be("1.0.0");
        var view = await _world.SendAsync(_world.Collaborator, HttpMethod.Get, $"change-requests/{id}", null);
        view.GetProperty("change").GetProperty("toVersion").GetString().Should().Be("1.1.0");
        view.GetProperty("missing")[0].GetString().Should().Be("0 of 1 approvals.");
    }

    [Theory]
    [InlineData("service")]
    [InlineData("admin's service")]
    [InlineData("remove")]
    [InlineData("delete the prompt")]
    [InlineData("rename the prompt")]
    [InlineData("restore the older text")]
    [InlineData("import the prompt")]
    [InlineData("remove the protection")]
    [InlineData("weaken the protection")]
    [InlineData("protect again without a set")]
    public async Task AnyOtherWay_LeavesTheLabelWhereItIs(string way)
    {
        await _world.ProtectAsync();
        var labels = shared.Host.Get<PromptLabelService>();
        var prompts = shared.Host.Get<PromptService>();
        var (id, author) = (_world.PromptId, _world.Author.Actor);
        var weaker = new ProtectionContent(null, null, 0, 0, 1);

        Problem? problem = way switch
        {
            "service" => (await labels.SetLabelAsync(author, id, "production", "1.1.0", Token)).Problem,
            "admin's service" => (await labels.SetLabelAsync(_world.Admin.Actor, id, "production", "1.1.0", Token)).Problem,
            "remove" => (await labels.RemoveLabelAsync(author, id, "production", Token)).Problem,
            "delete the prompt" => (await prompts.DeleteAsync(author, id, null, Token)).Problem,
            "rename the prompt" => (await prompts.UpdateAsync(author, id, await DraftAsync(name: "Other name"), null, Token)).Problem,
            "restore the older text" => (
                await prompts.UpdateAsync(author, id, await DraftAsync("First: {{ notes }}"), null, Token)
            ).Problem,
            "import the prompt" => (await ImportAsync("Third: {{ notes }}", "production")).Problem,
            "remove the protection" => (await _world.Protections.UnprotectLabelAsync(author, id, "production", Token)).Problem,
            "weaken the protection" => (await _world.Protections.ProtectLabelAsync(author, id, "production", weaker, Token)).Problem,
            _ => (await _world.Protections.ProtectLabelAsync(_world.Second.KeyActor, id, "production", weaker, Token)).Problem,
        };

        (await _world.ProductionAsync()).Should().Be("1.0.0");
        (await prompts.FindByNameAsync(author, _world.Name, "production", Token)).Value.Content.Should().StartWith("First");
        if (way is not ("restore the older text" or "import the prompt"))
        {
            problem!.Kind.Should().BeOneOf(ProblemKind.Conflict, ProblemKind.Forbidden);
        }
    }

    [Fact]
    public async Task Label_ThatIsProtectedBeforeItIsThere_IsNotAddedByImport()
    {
        var guarded = new ProtectionContent(null, null, 0, 0, 1);
        await _world.Protections.ProtectLabelAsync(_world.Admin.Actor, _world.PromptId, "live", guarded, Token);

        var preview = await shared
            .Host.Get<ExchangeService>()
            .PreviewAsync(_world.Author.Actor, [File("Third: {{ notes }}", "live")], ImportChoices.None, Token);
        preview.Value.Items[0].Reasons.Should().ContainSingle().Which.Should().Contain("protected");
        (await ImportAsync("Third: {{ notes }}", "live")).Problem!.Errors[0].Message.Should().Contain("protected");

        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.PromptLabels.AnyAsync(label => label.PromptId == _world.PromptId && label.Name == "live", Token)).Should().BeFalse();
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("production ")]
    [InlineData(" production")]
    [InlineData("production\n")]
    [InlineData("production\t")]
    [InlineData("prоduction")]
    [InlineData("PRODUCTION")]
    [InlineData("ｐroduction")]
    [InlineData("production\u200b")]
    [InlineData("production\u0301")]
    [InlineData("\u202eproduction")]
    public async Task SecondLabel_OfTheSameNameToTheEye_IsRefused(string label)
    {
        await _world.ProtectAsync();

        using var answer = await _world.TrySendAsync(
            _world.Author,
            HttpMethod.Put,
            $"prompts/{_world.PromptId}/labels/{Uri.EscapeDataString(label)}",
            new { version = "1.1.0" }
        );

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.PromptLabels.CountAsync(row => row.PromptId == _world.PromptId, Token)).Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Label_DeletedToBeMadeAgain_StaysWhereItIs(bool byAdmin)
    {
        await _world.ProtectAsync();
        var person = byAdmin ? _world.Admin : _world.Author;

        using var deleted = await _world.TrySendAsync(person, HttpMethod.Delete, _world.LabelPath, null);
        using var made = await _world.TrySendAsync(person, HttpMethod.Put, _world.LabelPath, new { version = "1.1.0" });

        deleted.StatusCode.Should().Be(HttpStatusCode.Conflict);
        made.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task LockedPersonAndAuthor_CannotApprove()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();
        var locked = await shared
            .Host.Get<UserService>()
            .UpdateAsync(_world.Admin.Actor, _world.Second.Id, new UserChange(IsLocked: true), null, Token);
        locked.IsOk.Should().BeTrue();

        (await _world.ApproveAsync(_world.Second, id)).IsOk.Should().BeFalse("a locked account does nothing");
        (await _world.ApproveAsync(_world.Author, id)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);

        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task Approval_OfAuthorRequesterOrKey_IsRefused()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();

        foreach (
            var actor in new[]
            {
                _world.Author.Actor,
                _world.Author.KeyActor,
                _world.Requester.Actor,
                _world.Requester.KeyActor,
                _world.Collaborator.Actor,
                // The requester, holding another person's key.
                _world.Second.KeyActor,
                _world.Admin.KeyActor,
                Actor.System,
                new Actor.Firing("trigger", _world.Second.Id),
            }
        )
        {
            (await _world.Decisions.ApproveAsync(actor, id, Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden, actor.ToString());
        }

        (await _world.FindAsync(id)).Approvals.Should().BeEmpty();
        (await _world.ProductionAsync()).Should().Be("1.0.0");

        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeTrue();
        (await _world.ProductionAsync()).Should().Be("1.1.0");
    }

    [Fact]
    public async Task Api_HasNoWayToApproveOrOverride()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();

        foreach (var act in new[] { "approve", "approvals", "override", "apply" })
        {
            using var answer = await _world.TrySendAsync(
                _world.Second,
                HttpMethod.Post,
                $"change-requests/{id}/{act}",
                new { reason = "x" }
            );
            answer.StatusCode.Should().BeOneOf(HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed);
        }

        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task OneApproval_OfTwoThatRace_MovesTheLabelOnce()
    {
        await _world.ProtectAsync(approvals: 1);
        var id = await _world.AskAsync();

        var results = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => _world.ApproveAsync(i % 2 == 0 ? _world.Second : _world.Third, id)))
        );

        results.Should().ContainSingle(result => result.IsOk).Which.Value.IsApplied.Should().BeTrue();
        results.Where(result => !result.IsOk).Should().OnlyContain(result => result.Problem!.Kind == ProblemKind.Conflict);
        (await _world.FindAsync(id)).Approvals.Should().ContainSingle();
    }

    [Fact]
    public async Task TwoApprovals_ThatRace_BothCount_AndOneIsTheLast()
    {
        await _world.ProtectAsync(approvals: 2);
        var id = await _world.AskAsync();

        var results = await Task.WhenAll(
            Task.Run(() => _world.ApproveAsync(_world.Second, id)),
            Task.Run(() => _world.ApproveAsync(_world.Third, id))
        );

        results.Select(result => result.Value.IsApplied).Should().BeEquivalentTo([false, true]);
        (await _world.ProductionAsync()).Should().Be("1.1.0");
    }

    [Fact]
    public async Task OnePerson_WhoApprovesTwice_CountsOnce()
    {
        await _world.ProtectAsync(approvals: 2);
        var id = await _world.AskAsync();

        await _world.ApproveAsync(_world.Second, id);
        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeFalse();

        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task Approver_WhoLosesTheRole_NoLongerCounts_UntilTheyAreBack()
    {
        await _world.ProtectAsync(approvals: 2);
        var id = await _world.AskAsync();
        await _world.ApproveAsync(_world.Second, id);
        await _world.SetRoleAsync(_world.Second, Role.Collaborator);

        (await _world.ApproveAsync(_world.Third, id)).Value.IsApplied.Should().BeFalse();
        (await _world.FindAsync(id)).Approvals.Select(approval => approval.Counts).Should().BeEquivalentTo([false, true]);
        (await _world.ProductionAsync()).Should().Be("1.0.0");

        await _world.SetRoleAsync(_world.Second, Role.Architect);
        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeTrue();
        (await _world.ProductionAsync()).Should().Be("1.1.0");
    }

    [Fact]
    public async Task Requester_WhoLosesTheRole_TakesTheRequestWithThem()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();
        await _world.SetRoleAsync(_world.Requester, Role.Viewer);

        (await _world.ApproveAsync(_world.Second, id)).Value.IsApplied.Should().BeFalse();

        (await _world.FindAsync(id)).Missing.Should().Contain(text => text.Contains("no longer allowed", StringComparison.Ordinal));
        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task Request_ForWhatHasChangedSince_CannotBeApproved()
    {
        await _world.ProtectAsync();
        await _world.SendAsync(_world.Author, HttpMethod.Put, $"prompts/{_world.PromptId}", _world.Prompt("Third: {{ notes }}"));
        var (second, third) = (await _world.AskAsync(), await _world.AskAsync(version: "1.2.0"));
        await _world.ApproveAsync(_world.Second, second);

        (await _world.StatusAsync(third)).Should().Be(ChangeStatus.Outdated);
        (await _world.ApproveAsync(_world.Third, third)).Problem!.Kind.Should().Be(ProblemKind.Conflict);

        // Back and forth: the label is where it was when the first one was asked for, and still nothing old applies.
        var back = await _world.AskAsync(version: "1.0.0");
        await _world.ApproveAsync(_world.Third, back);
        foreach (var old in new[] { second, third, back })
        {
            (await _world.ApproveAsync(_world.Second, old)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        }

        (await _world.ProductionAsync()).Should().Be("1.0.0");
    }

    [Fact]
    public async Task Request_OpenWhileTheProtectionWasOff_IsOutdated()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();
        await _world.Protections.UnprotectLabelAsync(_world.Admin.Actor, _world.PromptId, "production", Token);
        await _world.SendAsync(_world.Author, HttpMethod.Put, _world.LabelPath, new { version = "1.1.0" });
        await _world.ProtectAsync();

        (await _world.FindAsync(id)).IsOutdated.Should().BeTrue();
        (await _world.ApproveAsync(_world.Second, id)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
    }

    [Fact]
    public async Task Override_IsForAdminsWithAReason_AndShownForever()
    {
        await _world.ProtectAsync(approvals: 5);
        var id = await _world.AskAsync();

        (await _world.Decisions.OverrideAsync(_world.Second.Actor, id, "Urgent", Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await _world.Decisions.OverrideAsync(_world.Admin.KeyActor, id, "Urgent", Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await _world.Decisions.OverrideAsync(_world.Admin.Actor, id, " ", Token)).Problem!.Kind.Should().Be(ProblemKind.Invalid);
        (await _world.ProductionAsync()).Should().Be("1.0.0");

        (await _world.Decisions.OverrideAsync(_world.Admin.Actor, id, "The old one names a customer.", Token)).Problem.Should().BeNull();

        (await _world.ProductionAsync()).Should().Be("1.1.0");
        var shown = await _world.SendAsync(
            _world.Collaborator,
            HttpMethod.Get,
            $"change-requests?promptId={_world.PromptId}&status=overridden",
            null
        );
        shown.GetProperty("items")[0].GetProperty("reason").GetString().Should().Be("The old one names a customer.");
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.AuditEntries.Where(entry => entry.SubjectId == id && entry.ActorId == _world.Admin.Id).ToListAsync(Token))
            .SelectMany(entry => entry.Changes)
            .Should()
            .Contain(change => change.After == "The old one names a customer.");
    }

    [Fact]
    public async Task Reject_NeedsAReason_AndWithdraw_ItsRequester()
    {
        await _world.ProtectAsync();
        var id = await _world.AskAsync();

        using var withdrawn = await _world.TrySendAsync(_world.Second, HttpMethod.Post, $"change-requests/{id}/withdraw", null);
        withdrawn.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var silent = await _world.TrySendAsync(_world.Second, HttpMethod.Post, $"change-requests/{id}/reject", new { reason = "" });
        silent.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await _world.SendAsync(_world.Collaborator, HttpMethod.Post, $"change-requests/{id}/comments", new { text = "It loses the day." });
        var rejected = await _world.SendAsync(
            _world.Second,
            HttpMethod.Post,
            $"change-requests/{id}/reject",
            new { reason = "It loses the day." }
        );

        rejected.GetProperty("change").GetProperty("status").GetString().Should().Be("rejected");
        rejected.GetProperty("comments")[0].GetProperty("by").GetString().Should().Be(_world.Collaborator.Name);
        (await _world.ApproveAsync(_world.Third, id)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await _world.AskAsync()).Should().NotBe(id, "a closed request is not asked for again");
    }

    private async Task<PromptPilot.Core.Prompts.Saving.PromptDraft> DraftAsync(string? content = null, string? name = null)
    {
        var prompt = (await shared.Host.Get<PromptService>().FindAsync(_world.Author.Actor, _world.PromptId, Token)).Value;
        var draft = PromptPilot.Core.Prompts.Saving.PromptDraft.Of(prompt);
        return draft with { Content = content ?? draft.Content, Name = name ?? draft.Name };
    }

    private Task<Result<ImportReport>> ImportAsync(string content, string label) =>
        shared.Host.Get<ExchangeService>().ImportAsync(_world.Author.Actor, [File(content, label)], ImportChoices.None, Token);

    private ImportFile File(string content, string label) =>
        new(
            $"prompts/{_world.Name}.md",
            Encoding.UTF8.GetBytes($"---\nname: {_world.Name}\nversion: 9.0.0\nlabels:\n  - {label}\n---\n{content}\n")
        );
}
