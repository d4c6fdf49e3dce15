using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Integrations;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>How many deliveries a second arrive and are on record. Long: runs by <c>./test.sh --soak</c>.</summary>
[Trait("Category", "Soak")]
public sealed class DeliveryLoad
{
    private const int Hooks = 8;
    private const int OfEach = 250;

    [Fact]
    public async Task Deliveries_OfManyHooks_ArriveOnceEach()
    {
        await using var world = await HookWorld.StartAsync();
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]));
        var now = DateTime.UtcNow;
        for (var hook = 0; hook < Hooks; hook++)
        {
            var id = (await world.AddHookAsync(workflow)).Id;
            await using var db = world.Engine.Db();
            db.AddRange(
                Enumerable
                    .Range(0, OfEach)
                    .Select(number => new HookDelivery
                    {
                        HookId = id,
                        RunId = $"run-{number}",
                        Event = HookEvent.Succeeded,
                        Payload = new HookPayload
                        {
                            Event = HookEvent.Succeeded,
                            At = now,
                            RunId = $"run-{number}",
                            WorkflowId = workflow,
                            WorkflowName = "Load",
                        }.ToJson(),
                        CreatedAt = now,
                        NextAttemptAt = now,
                    })
            );
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var clock = Stopwatch.StartNew();
        world.Engine.Get<HookOutbox>().Written.Raise();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = world.Engine.Db();
                return await db.HookDeliveries.AllAsync(
                    delivery => delivery.State == DeliveryState.Delivered,
                    TestContext.Current.CancellationToken
                );
            },
            "all deliveries to be on record",
            TimeSpan.FromMinutes(5)
        );

        TestContext.Current.SendDiagnosticMessage(
            "deliveries: {0} of {1} hooks in {2:F1} s, {3:F0} a second",
            Hooks * OfEach,
            Hooks,
            clock.Elapsed.TotalSeconds,
            Hooks * OfEach / clock.Elapsed.TotalSeconds
        );
        world.Receiver.Messages.Select(message => message.Id).Should().OnlyHaveUniqueItems().And.HaveCount(Hooks * OfEach);
    }
}
