using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Feedback;

public sealed class FeedbackServiceTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private FeedbackService _service = null!;
    private TestPerson _ann = null!;
    private string _logId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddFeedback());
        _service = _database.Get<FeedbackService>();
        _ann = await _database.AddPersonAsync(Role.Collaborator);
        var log = TestLogs.Playground();
        await _database.SaveAsync(log);
        _logId = log.Id;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Put_ForTheFirstTime_IsKept()
    {
        var put = await _service.PutAsync(_ann.Actor, _logId, new FeedbackInput(4, " Good 👍 ", ["terse", " Terse ", "", "right"]), Token);

        put.IsOk.Should().BeTrue();
        var kept = (await _service.ListAsync(_ann.Actor, _logId, Token)).Value.Should().ContainSingle().Subject;
        kept.Should().BeEquivalentTo(put.Value);
        kept.UserId.Should().Be(_ann.Id);
        kept.UserName.Should().Be(_ann.Name);
        kept.ExecutionId.Should().Be(_logId);
        kept.Rating.Should().Be(4);
        kept.Comment.Should().Be("Good 👍");
        kept.Tags.Should().Equal("terse", "right");
    }

    [Fact]
    public async Task Put_Again_ChangesTheOneThatIsThere()
    {
        var first = (await _service.PutAsync(_ann.Actor, _logId, new FeedbackInput(2, "Too long", ["long"]), Token)).Value;

        await _service.PutAsync(_ann.Actor, _logId, new FeedbackInput(5, "", []), Token);

        var kept = (await _service.ListAsync(_ann.Actor, _logId, Token)).Value.Should().ContainSingle().Subject;
        kept.Id.Should().Be(first.Id);
        kept.Rating.Should().Be(5);
        kept.Comment.Should().BeEmpty();
        kept.Tags.Should().BeEmpty();
        kept.CreatedAt.Should().Be(first.CreatedAt);
    }

    [Fact]
    public async Task Put_FromTwentyWindowsAtOnce_LeavesOne()
    {
        var puts = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => _service.PutAsync(_ann.Actor, _logId, new FeedbackInput((i % 5) + 1, "", []), Token))
        );

        puts.Should().OnlyContain(put => put.IsOk);
        (await _service.ListAsync(_ann.Actor, _logId, Token)).Value.Should().ContainSingle();
    }

    [Fact]
    public async Task Put_ByAKey_CountsForItsOwner()
    {
        await _service.PutAsync(_ann.Actor, _logId, new FeedbackInput(1, "", []), Token);

        await _service.PutAsync(_ann.KeyActor, _logId, new FeedbackInput(3, "", []), Token);

        (await _service.ListAsync(_ann.Actor, _logId, Token))
            .Value.Should()
            .ContainSingle(item => item.UserId == _ann.Id && item.Rating == 3);
    }

    [Fact]
    public async Task Put_ByTwoPeople_KeepsBoth()
    {
        var bob = await _database.AddPersonAsync(Role.Architect);

        await _service.PutAsync(_ann.Actor, _logId, new FeedbackInput(1, "no", []), Token);
        await _service.PutAsync(bob.Actor, _logId, new FeedbackInput(5, "yes", []), Token);

        (await _service.ListAsync(_ann.Actor, _logId, Token))
            .Value.Select(item => (item.UserId, item.Rating))
            .Should()
            .BeEquivalentTo([(_ann.Id, 1), (bob.Id, 5)]);
    }

    [Theory]
    [InlineData(0, "", 1, "rating")]
    [InlineData(6, "", 1, "rating")]
    [InlineData(3, "long", 1, "comment")]
    [InlineData(3, "", 11, "tags")]
    [InlineData(3, "", -1, "tags")]
    public async Task Put_OutsideTheLimits_IsRefusedAtTheField(int rating, string comment, int tags, string field)
    {
        var input = new FeedbackInput(
            rating,
            comment == "long" ? new string('x', FeedbackService.MaxComment + 1) : comment,
            tags < 0 ? [new string('t', FeedbackService.MaxTag + 1)] : [.. Enumerable.Range(0, tags).Select(i => $"tag{i}")]
        );

        var put = await _service.PutAsync(_ann.Actor, _logId, input, Token);

        put.Problem!.Kind.Should().Be(ProblemKind.Invalid);
        put.Problem.Errors.Should().ContainSingle(error => error.Field == field);
        (await _service.ListAsync(_ann.Actor, _logId, Token)).Value.Should().BeEmpty();
    }

    [Fact]
    public async Task Put_ByAViewer_IsForbidden()
    {
        var viewer = await _database.AddPersonAsync(Role.Viewer);

        var put = await _service.PutAsync(viewer.Actor, _logId, new FeedbackInput(3, "", []), Token);

        put.Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await _service.ListAsync(viewer.Actor, _logId, Token)).Value.Should().BeEmpty();
    }

    [Fact]
    public async Task PutAndList_OnAnUnknownLog_FindNothing()
    {
        (await _service.PutAsync(_ann.Actor, "nothing", new FeedbackInput(3, "", []), Token))
            .Problem!.Kind.Should()
            .Be(ProblemKind.NotFound);
        (await _service.ListAsync(_ann.Actor, "nothing", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }
}
