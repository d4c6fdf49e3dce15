using System.Text;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Feedback;

/// <summary>The queue of outputs to rate, the list of ratings and their sums, over rows in a database.</summary>
public sealed class RatingServicesTests : IAsyncLifetime
{
    private static readonly RatingFilter Playground = new(Source: RatingSource.Playground);

    private TestDatabase _database = null!;
    private TestPerson _ann = null!;
    private TestPerson _bob = null!;
    private int _minutes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RatingQueueService Queue => _database.Get<RatingQueueService>();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddFeedback());
        _ann = await _database.AddPersonAsync(Role.Collaborator);
        _bob = await _database.AddPersonAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Open_ByTwoPeople_NeverOpensTheSameOutput()
    {
        await AddAsync("v1");
        await AddAsync("v1");
        await AddAsync("v1");

        var ann = await OpenAsync(_ann);
        var bob = await OpenAsync(_bob);
        var again = await OpenAsync(_ann);

        bob.Open.Should().NotBeNull().And.NotBe(ann.Open);
        bob.Items.Should().NotContain(item => item.LogId == ann.Open, "an output that someone else is rating is not offered");
        again.Open.Should().Be(ann.Open, "what was opened stays open for the same person");
    }

    [Fact]
    public async Task Open_OfWhatAnotherIsRating_GivesTheNext()
    {
        await AddAsync("v1");
        await AddAsync("v1");
        var ann = await OpenAsync(_ann);

        var bob = (await Queue.OpenAsync(_bob.Actor, Playground, ann.Open, [], Token)).Value;

        bob.Open.Should().NotBeNull().And.NotBe(ann.Open);
        (await Queue.FindAsync(_bob.Actor, ann.Open!, Token)).Value.RatedNowBy.Should().Be(_ann.Name);
    }

    [Fact]
    public async Task Open_AfterRatingAndSkipping_LeavesBothOut_UntilNothingIsLeft()
    {
        await AddAsync("v1");
        await AddAsync("v1");
        var first = (await OpenAsync(_ann)).Open!;
        await RateAsync(_ann, first, 3);

        var second = await OpenAsync(_ann);
        var none = (await Queue.OpenAsync(_ann.Actor, Playground, null, [second.Open!], Token)).Value;

        second.Count.Should().Be(1);
        second.Facts.RatedByYou.Should().Be(1);
        second.Facts.Average.Should().Be(3);
        none.Open.Should().BeNull();
        none.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task Open_WithAFilter_OffersOnlyWhatMatches()
    {
        await AddAsync("v1", profile: "fast");
        var slow = await AddAsync("v1", profile: "slow");
        var other = await AddAsync("v9", prompt: "prompt-2", profile: "fast");
        await AddAsync("v1", status: ExecutionStatus.Error);

        (await IdsAsync(Playground with { ModelProfileId = "slow" })).Should().Equal(slow);
        (await IdsAsync(Playground with { PromptId = "prompt-2" })).Should().Equal(other);
        (await IdsAsync(Playground with { WorkflowId = "none" })).Should().BeEmpty();
        (await IdsAsync(new RatingFilter())).Should().BeEmpty("calls of the playground belong to no run");
        (await IdsAsync(Playground)).Should().HaveCount(3, "a failed attempt has no output to rate");
    }

    [Fact]
    public async Task Put_WithoutACorrection_KeepsIt_AndAnEmptyOneRemovesIt()
    {
        var service = _database.Get<FeedbackService>();
        var logId = await AddAsync("v1");
        await service.PutAsync(_ann.Actor, logId, new FeedbackInput(2, "", [], "As it should be"), Token);

        var kept = await service.PutAsync(_ann.Actor, logId, new FeedbackInput(3, "", []), Token);
        var removed = await service.PutAsync(_ann.Actor, logId, new FeedbackInput(3, "", [], ""), Token);
        var tooLong = await service.PutAsync(
            _ann.Actor,
            logId,
            new FeedbackInput(3, "", [], new string('x', FeedbackService.MaxCorrection + 1)),
            Token
        );

        kept.Value.CorrectedOutput.Should().Be("As it should be");
        removed.Value.CorrectedOutput.Should().BeNull();
        tooLong.Problem!.Errors.Should().ContainSingle(error => error.Field == "correctedOutput");
    }

    [Fact]
    public async Task Delete_TakesBackOnesOwnFeedbackOnly()
    {
        var service = _database.Get<FeedbackService>();
        var logId = await AddAsync("v1");
        await RateAsync(_ann, logId, 1);

        (await service.DeleteAsync(_bob.Actor, logId, null, Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await service.DeleteAsync(_ann.Actor, logId, null, Token)).IsOk.Should().BeTrue();

        (await service.ListAsync(_ann.Actor, logId, Token)).Value.Should().BeEmpty();
    }

    /// <summary>Mean and sample standard deviation of 2, 4, 4, 5 are 3.75 and √(4.75 ÷ 3) ≈ 1.2583, computed by hand.</summary>
    [Fact]
    public async Task Summary_HasMeanCountAndSpreadOfEachVersionAndModel()
    {
        await AddVersionsAsync();
        foreach (var rating in new[] { 2, 4, 4, 5 })
        {
            await RateAsync(_ann, await AddAsync("v2", profile: "fast"), rating, "long");
        }

        await RateAsync(_ann, await AddAsync("v1", profile: "slow"), 1, "wrong");

        var summary = (await _database.Get<RatingSummaryService>().FindAsync(_ann.Actor, "prompt-1", 30, Token)).Value;

        summary
            .Cells.Select(cell => (cell.Version, cell.ModelProfileId, cell.Count))
            .Should()
            .Equal(("2.0.0", "fast", 4), ("1.0.0", "slow", 1));
        summary.Cells[0].Mean.Should().Be(3.75);
        summary.Cells[0].Spread.Should().BeApproximately(1.2583, 0.0001);
        summary.Cells[0].Labels.Should().Equal("production");
        summary.Cells[0].IsFew.Should().BeTrue();
        summary.Cells[1].Spread.Should().BeNull("one rating has no spread");
        summary.Tags.Should().Equal(new TagCount("long", 4), new TagCount("wrong", 1));
    }

    [Fact]
    public async Task Summary_FollowsEditsOfARating()
    {
        await AddVersionsAsync();
        var logId = await AddAsync("v1");
        await RateAsync(_ann, logId, 1);
        await RateAsync(_ann, logId, 5);

        var summary = (await _database.Get<RatingSummaryService>().FindAsync(_ann.Actor, "prompt-1", null, Token)).Value;

        summary.Cells.Should().ContainSingle().Which.Mean.Should().Be(5);
    }

    [Fact]
    public async Task List_ByEachFilter_HasWhatMatches_NewestFirst()
    {
        var low = await AddAsync("v1", profile: "fast");
        var high = await AddAsync("v9", prompt: "prompt-2", profile: "slow");
        await RateAsync(_ann, low, 1, "tone", "Fixed");
        await RateAsync(_bob, high, 5);

        (await ListAsync(new FeedbackFilter())).Should().Equal(high, low);
        (await ListAsync(new FeedbackFilter(MaxRating: 2))).Should().Equal(low);
        (await ListAsync(new FeedbackFilter(MinRating: 2))).Should().Equal(high);
        (await ListAsync(new FeedbackFilter(Tag: "tone"))).Should().Equal(low);
        (await ListAsync(new FeedbackFilter(Tag: "ton"))).Should().BeEmpty();
        (await ListAsync(new FeedbackFilter(HasCorrection: true))).Should().Equal(low);
        (await ListAsync(new FeedbackFilter(HasCorrection: false))).Should().Equal(high);
        (await ListAsync(new FeedbackFilter(UserId: _bob.Id))).Should().Equal(high);
        (await ListAsync(new FeedbackFilter(PromptId: "prompt-2"))).Should().Equal(high);
        (await ListAsync(new FeedbackFilter(ModelProfileId: "fast"))).Should().Equal(low);
        (await ListAsync(new FeedbackFilter(From: DateTime.UtcNow.AddHours(1)))).Should().BeEmpty();
        (await ListAsync(new FeedbackFilter(To: DateTime.UtcNow.AddHours(1)))).Should().HaveCount(2);
    }

    [Fact]
    public async Task List_ByPages_HasEachOnce()
    {
        for (var i = 0; i < 5; i++)
        {
            await RateAsync(_ann, await AddAsync("v1"), 3);
        }

        var service = _database.Get<FeedbackListService>();
        var (seen, after) = (new List<string>(), (string?)null);
        do
        {
            var page = (await service.ListAsync(_ann.Actor, new FeedbackFilter(), new PageRequest(after, 2), Token)).Value;
            page.Items.Should().HaveCountLessThanOrEqualTo(2);
            seen.AddRange(page.Items.Select(item => item.Id));
            after = page.Next;
        } while (after is not null);

        seen.Should().HaveCount(5).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Export_OfTextThatLooksLikeAFormula_IsText()
    {
        var logId = await AddAsync("v1");
        await _database
            .Get<FeedbackService>()
            .PutAsync(_ann.Actor, logId, new FeedbackInput(2, "=HYPERLINK(\"x\")", ["a", "b"], "Line 1\nLine 2"), Token);

        var file = (await _database.Get<FeedbackListService>().ExportAsync(_ann.Actor, new FeedbackFilter(), Token)).Value;

        var text = Encoding.UTF8.GetString(file.Content);
        text.Should().Contain("createdAt,updatedAt,user,rating").And.Contain("\"Line 1\nLine 2\"").And.Contain("\"a, b\"");
        text.Should().NotContain(",=HYPERLINK").And.NotContain(",\"=HYPERLINK");
    }

    private async Task<RatingQueue> OpenAsync(TestPerson person) =>
        (await Queue.OpenAsync(person.Actor, Playground, null, [], Token)).Value;

    private async Task<IEnumerable<string>> IdsAsync(RatingFilter filter) =>
        (await Queue.OpenAsync(_ann.Actor, filter, null, [], Token)).Value.Items.Select(item => item.LogId);

    private async Task<IEnumerable<string>> ListAsync(FeedbackFilter filter) =>
        (await _database.Get<FeedbackListService>().ListAsync(_ann.Actor, filter, new PageRequest(), Token)).Value.Items.Select(item =>
            item.ExecutionId
        );

    private async Task RateAsync(TestPerson person, string logId, int rating, string? tag = null, string? correction = null) =>
        (
            await _database
                .Get<FeedbackService>()
                .PutAsync(person.Actor, logId, new FeedbackInput(rating, "", tag is null ? [] : [tag], correction), Token)
        )
            .IsOk.Should()
            .BeTrue();

    private async Task<string> AddAsync(
        string version,
        string prompt = "prompt-1",
        string profile = "profile-1",
        ExecutionStatus status = ExecutionStatus.Success
    )
    {
        var log = TestLogs.Playground(after: TimeSpan.FromMinutes(_minutes++), status: status, promptId: prompt);
        log.PromptVersionId = version;
        log.ModelProfileId = profile;
        await _database.SaveAsync(log);
        return log.Id;
    }

    private async Task AddVersionsAsync()
    {
        await _database.SaveAsync(
            new Prompt
            {
                Id = "prompt-1",
                Name = "Digest",
                NormalizedName = "DIGEST",
                Content = "{{ notes }}",
            }
        );
        await _database.SaveAsync(Version("v1", 1, "1.0.0"), Version("v2", 2, "2.0.0"));
        await using var db = await _database.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await _database.SaveAsync(await Unprotected.LabelAsync(db, "prompt-1", "production", "v2"));

        static PromptVersion Version(string id, int number, string version) =>
            new()
            {
                Id = id,
                PromptId = "prompt-1",
                Number = number,
                Version = version,
                Name = "Digest",
                Content = "{{ notes }}",
            };
    }
}
