using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>From the end of a run to the receiver, over real HTTP.</summary>
public sealed class DeliveryTests
{
    private static readonly (string, string[])[] Chain = [("one", ["text"]), ("two", ["one"])];

    [Fact]
    public async Task Run_ThatSucceeds_IsToldSigned_WithTheChosenOutputs()
    {
        await using var world = await HookWorld.StartAsync();
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var hook = await world.AddHookAsync(workflow, outputs: ["two"]);

        var runId = await world.Engine.StartRunAsync(workflow);
        await world.Receiver.CountAsync(1);

        var message = world.Receiver.Messages[0];
        message.IsSignedBy(HookWorld.Secret).Should().BeTrue();
        message.Json.Text("type").Should().Be("run.succeeded");
        var data = message.Json.GetProperty("data");
        data.Text("runId").Should().Be(runId);
        data.Text("url").Should().Be($"https://prompts.example.org/runs/{runId}");
        data.GetProperty("outputs").EnumerateObject().Select(output => output.Name).Should().Equal("two");
        var delivery = await world.DeliveryAsync(
            hook.Id,
            delivery => delivery.State == DeliveryState.Delivered,
            "the delivery to be recorded"
        );
        delivery.Id.Should().Be(message.Id);
        (await world.AttemptsAsync(delivery.Id))
            .Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new
                {
                    Number = 1,
                    Verdict = AttemptVerdict.Delivered,
                    StatusCode = 200,
                    Excerpt = "ok",
                }
            );
    }

    [Fact]
    public async Task Hooks_AreToldOnlyWhatTheyAskedFor()
    {
        var model = new ScriptedModel().Fault("one", ErrorCode.Auth);
        await using var world = await HookWorld.StartAsync(model: model);
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var onFailure = await world.AddHookAsync(workflow, on: HookEvent.Failed);
        var onSuccess = await world.AddHookAsync(workflow, on: HookEvent.Succeeded);
        var disabled = await world.AddHookAsync(workflow, enabled: false);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        await world.Receiver.CountAsync(1);

        var told = world.Receiver.Messages[0].Json;
        told.Text("type").Should().Be("run.failed");
        told.GetProperty("data").GetProperty("error").Text("code").Should().Be("auth");
        (await world.DeliveriesAsync(onFailure.Id)).Should().ContainSingle();
        (await world.DeliveriesAsync(onSuccess.Id)).Should().BeEmpty();
        (await world.DeliveriesAsync(disabled.Id)).Should().BeEmpty();
    }

    [Fact]
    public async Task Review_ThatWaits_IsToldWithItsOutput()
    {
        await using var world = await HookWorld.StartAsync();
        var workflow = await world.Engine.AddWorkflowAsync(
            new WorkflowOptions(),
            ("one", ["text"], new StepOptions { Review = new ReviewOptions { Instructions = "Is it kind?" } })
        );
        await world.AddHookAsync(workflow);

        await world.Engine.StartRunAsync(workflow);
        await world.Receiver.CountAsync(1);

        var told = world.Receiver.Messages[0].Json;
        told.Text("type").Should().Be("run.waiting");
        told.GetProperty("data").GetProperty("outputs").Text("one").Should().Be("[one: hello]");
        told.GetProperty("data").GetProperty("reviews")[0].Text("instructions").Should().Be("Is it kind?");
    }

    [Fact]
    public async Task Outputs_TooLongForAMessage_AreNamedInstead()
    {
        await using var world = await HookWorld.StartAsync(model: new ScriptedModel().Say("one", new string('x', HookPayload.MaxOutputs)));
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]), ("two", ["text"]));
        await world.AddHookAsync(workflow);

        await world.Engine.StartRunAsync(workflow);
        await world.Receiver.CountAsync(1);

        var data = world.Receiver.Messages[0].Json.GetProperty("data");
        data.GetProperty("outputs").EnumerateObject().Select(output => output.Name).Should().Equal("two");
        data.GetProperty("omittedOutputs")[0].GetString().Should().Be("one");
    }

    [Fact]
    public async Task Receiver_ThatFailsNineTimesAcrossARestart_GetsItInTheEndUnderOneId()
    {
        using var directory = new TempDirectory();
        await using var receiver = await HookReceiver.StartAsync();
        var clock = HookWorld.NewClock();
        receiver.Answer = _ => receiver.Messages.Count <= 9 ? new ReceiverAnswer(503, "busy") : new ReceiverAnswer();
        var hookId = "";
        await using (var world = await HookWorld.StartAsync(clock, receiver, directory.File("hooks.db")))
        {
            var workflow = await world.Engine.AddWorkflowAsync(Chain);
            hookId = (await world.AddHookAsync(workflow)).Id;
            await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
            await FailAsync(world, clock, hookId, 1, 5);
        }

        await using (var world = await HookWorld.StartAsync(clock, receiver, directory.File("hooks.db")))
        {
            await FailAsync(world, clock, hookId, 6, 9);
            var delivery = await world.DeliveryAsync(
                hookId,
                delivery => delivery.State == DeliveryState.Delivered,
                "the tenth attempt to arrive"
            );
            receiver.Messages.Select(message => message.Id).Distinct().Should().Equal(delivery.Id);
            receiver.Messages.Should().HaveCount(10).And.OnlyContain(message => message.IsSignedBy(HookWorld.Secret));
            receiver.Messages.Select(message => message.Json.GetProperty("data").GetRawText()).Distinct().Should().ContainSingle();
            var attempts = await world.AttemptsAsync(delivery.Id);
            attempts.Take(9).Select(attempt => attempt.NextAttemptAt!.Value - attempt.At).Should().Equal(DeliverySchedule.Waits);
            attempts[^1].Verdict.Should().Be(AttemptVerdict.Delivered);
        }
    }

    [Fact]
    public async Task Receiver_ThatAnswersGone_HasItsHookDisabled()
    {
        await using var world = await HookWorld.StartAsync();
        world.Receiver.Answer = _ => new ReceiverAnswer(410);
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var hook = await world.AddHookAsync(workflow);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        await world.DeliveryAsync(hook.Id, delivery => delivery.State == DeliveryState.Failed, "the delivery to be given up");
        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));

        await using var db = world.Engine.Db();
        var disabled = await db.IntegrationHooks.SingleAsync(TestContext.Current.CancellationToken);
        disabled.Enabled.Should().BeFalse();
        disabled.DisabledReason.Should().Contain("410");
        (await world.DeliveriesAsync(hook.Id)).Should().ContainSingle("a disabled hook is told nothing more");
    }

    [Fact]
    public async Task RetryAfter_IsKept_ForTheMessageAndTheOthersOfItsHook()
    {
        var clock = HookWorld.NewClock();
        await using var world = await HookWorld.StartAsync(clock);
        world.Receiver.Answer = _ =>
            world.Receiver.Messages.Count == 1 ? new ReceiverAnswer(429, "slow down", ("Retry-After", "600")) : new ReceiverAnswer();
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var hook = await world.AddHookAsync(workflow);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        var first = await world.DeliveryAsync(hook.Id, delivery => delivery.Attempts == 1, "the first attempt");
        first.NextAttemptAt.Should().Be(clock.GetUtcNow().UtcDateTime.AddSeconds(600));
        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        clock.Advance(TimeSpan.FromSeconds(599));
        clock.Advance(TimeSpan.FromSeconds(1));

        await world.Receiver.CountAsync(3);
        (
            await world.AttemptsAsync(
                (
                    await world.DeliveryAsync(
                        hook.Id,
                        delivery => delivery.RunId != first.RunId && delivery.State == DeliveryState.Delivered,
                        "the second message"
                    )
                ).Id
            )
        )
            .Should()
            .ContainSingle()
            .Which.At.Should()
            .Be(first.NextAttemptAt);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed_AndGivenUp()
    {
        await using var elsewhere = await HookReceiver.StartAsync();
        await using var world = await HookWorld.StartAsync();
        world.Receiver.Answer = _ => new ReceiverAnswer(307, "", ("Location", elsewhere.Address));
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var hook = await world.AddHookAsync(workflow);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));

        (await world.DeliveryAsync(hook.Id, delivery => delivery.State == DeliveryState.Failed, "the delivery to be given up"))
            .LastVerdict.Should()
            .Be(AttemptVerdict.Redirected);
        elsewhere.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task SlowReceiver_HoldsUpOnlyItself()
    {
        var never = new TaskCompletionSource();
        await using var slow = await HookReceiver.StartAsync();
        slow.Answer = _ => new ReceiverAnswer { Gate = never.Task };
        await using var world = await HookWorld.StartAsync(settings: ("PromptPilot:Integrations:ParallelPerHook", "2"));
        var workflow = await world.Engine.AddWorkflowAsync(Chain);
        var slowHook = await world.AddHookAsync(workflow, slow.Address);
        await world.AddHookAsync(workflow);

        for (var run = 0; run < 8; run++)
        {
            await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        }

        await world.Receiver.CountAsync(8);
        slow.Messages.Count.Should().BeLessThanOrEqualTo(2);
        (await world.DeliveriesAsync(slowHook.Id))
            .Should()
            .HaveCount(8)
            .And.OnlyContain(delivery => delivery.State == DeliveryState.Pending);
        never.SetResult();
    }

    /// <summary>Waits for each failure to be recorded, then lets its wait pass.</summary>
    private static async Task FailAsync(
        HookWorld world,
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock,
        string hookId,
        int from,
        int to
    )
    {
        for (var failures = from; failures <= to; failures++)
        {
            await world.DeliveryAsync(hookId, delivery => delivery.Failures == failures, $"failure {failures}");
            clock.Advance(DeliverySchedule.Waits[failures - 1]);

            // A sender that computed its wait before the advance, and began it after, would sleep for good.
            world.Engine.Get<HookOutbox>().Written.Raise();
        }
    }
}
