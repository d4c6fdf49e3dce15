using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Runs.Reviews;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>The links to reviews in messages, from the message to the person who follows them.</summary>
public sealed class ReviewLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_InAMessage_OpensItsReview_UntilItIsAnswered()
    {
        await using var world = await HookWorld.StartAsync();
        var (runId, link) = await WaitAsync(world, new ReviewOptions());

        var open = (await FindAsync(world, world.Engine.Person, link)).Value;
        open.Should()
            .BeEquivalentTo(
                new
                {
                    State = ReviewLinkState.Open,
                    RunId = runId,
                    OutputKey = "one",
                }
            );
        ReviewLinkText.Of(open).Should().BeNull("the page goes on to the run");
        (await FindAsync(world, Actor.Nobody, link)).Problem!.Kind.Should().Be(ProblemKind.Unauthenticated);
        (await FindAsync(world, await AddViewerAsync(world), link)).Value.State.Should().Be(ReviewLinkState.NotAllowed);
        var run = (await world.Engine.Runs.FindAsync(world.Engine.Person, runId, Token)).Value;
        await world.Engine.Reviews.AnswerAsync(
            world.Engine.Person,
            runId,
            run.Steps[0].StepId,
            new ReviewAnswer(ReviewVerdict.Approve),
            Token
        );

        var replayed = (await FindAsync(world, world.Engine.Person, link)).Value;

        replayed.State.Should().Be(ReviewLinkState.Answered);
        ReviewLinkText.Of(replayed)!.Title.Should().Be("This review has already been answered");
        ReviewLinkText.Of(replayed)!.Advice.Should().Contain("was approved");
    }

    [Fact]
    public async Task Link_ThatWasChanged_OrIsOfAnotherPortal_OpensNothing()
    {
        await using var world = await HookWorld.StartAsync();
        var (_, link) = await WaitAsync(world, new ReviewOptions());
        await using var other = await HookWorld.StartAsync();
        var foreign = other.Engine.Get<ReviewLinks>().PathOf("r", "s", DateTime.UtcNow, null)["/reviews/".Length..];

        foreach (
            var wrong in new[]
            {
                "",
                "x",
                link[..^1],
                link + "A",
                link[..20] + (link[20] == 'A' ? 'B' : 'A') + link[21..],
                foreign,
                new string('A', 5000),
                "%00",
            }
        )
        {
            (await FindAsync(world, world.Engine.Person, wrong)).Problem!.Kind.Should().Be(ProblemKind.NotFound, wrong);
        }
    }

    [Fact]
    public async Task Link_AfterItsTime_HasExpired_AndSaysThatTheReviewStillWaits()
    {
        var clock = HookWorld.NewClock();
        await using var world = await HookWorld.StartAsync(clock);
        var (runId, link) = await WaitAsync(world, new ReviewOptions());

        clock.Advance(ReviewLinks.Longest - TimeSpan.FromMinutes(1));
        (await FindAsync(world, world.Engine.Person, link)).Value.State.Should().Be(ReviewLinkState.Open);
        clock.Advance(TimeSpan.FromMinutes(2));
        var expired = (await FindAsync(world, world.Engine.Person, link)).Value;
        expired.State.Should().Be(ReviewLinkState.Expired);
        ReviewLinkText.Of(expired)!.Advice.Should().Contain("still waiting");
        await world.Engine.Runs.CancelAsync(world.Engine.Person, runId, Token);
        (await FindAsync(world, world.Engine.Person, link)).Value.State.Should().Be(ReviewLinkState.RunEnded);
    }

    [Fact]
    public async Task Link_OfAReviewWithATimeout_ExpiresWithIt()
    {
        await using var world = await HookWorld.StartAsync();
        var links = world.Engine.Get<ReviewLinks>();
        var at = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

        links.Read(links.PathOf("r", "s", at, at.AddHours(1))["/reviews/".Length..]).Should().Be(new ReviewLink("r", "s", at.AddHours(1)));
        links.Read(links.PathOf("r", "s", at, at.AddDays(30))["/reviews/".Length..])!.Until.Should().Be(at + ReviewLinks.Longest);
    }

    private static async Task<(string RunId, string Link)> WaitAsync(HookWorld world, ReviewOptions review)
    {
        var workflow = await world.Engine.AddWorkflowAsync(new WorkflowOptions(), ("one", ["text"], new StepOptions { Review = review }));
        await world.AddHookAsync(workflow);
        var runId = await world.Engine.StartRunAsync(workflow);
        await world.Receiver.CountAsync(1);
        var url = world.Receiver.Messages[0].Json.GetProperty("data").GetProperty("reviews")[0].Text("url");
        url.Should().StartWith("https://prompts.example.org/reviews/");
        return (runId, url["https://prompts.example.org/reviews/".Length..]);
    }

    private static Task<Result<LinkedReview>> FindAsync(HookWorld world, Actor actor, string link) =>
        world.Engine.Get<ReviewLinkService>().FindAsync(actor, link, Token);

    private static async Task<Actor> AddViewerAsync(HookWorld world)
    {
        await using var db = world.Engine.Db();
        db.Users.Add(
            new User
            {
                Id = "viewer",
                Name = "Viewer",
                Email = "viewer@example.org",
                UserName = "viewer@example.org",
                NormalizedUserName = "VIEWER@EXAMPLE.ORG",
                Role = Role.Viewer,
            }
        );
        await db.SaveChangesAsync(Token);
        return new Actor.Person("viewer");
    }
}
