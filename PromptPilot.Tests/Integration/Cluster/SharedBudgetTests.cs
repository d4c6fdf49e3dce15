using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>A budget is one for all hosts.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class SharedBudgetTests
{
    private const long Bound = 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budget_OfTenCalls_AskedTwoHundredTimesOnTwoHosts_LetsTenThrough()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, day: 10 * Bound);

        var asked = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(number => ReserveAsync(number % 2 == 0 ? engines.A : engines.B, profile))
        );

        asked.Count(reservation => reservation is not null).Should().Be(10);
        (await engines.B.Get<RunBudgets>().SpentByProfileAsync(profile, Cancellation)).Open.Should().Be(10 * Bound);
        (await ReserveAsync(engines.A, profile)).Should().BeNull();
        foreach (var reservation in asked)
        {
            reservation?.Dispose();
        }

        await Eventually.HoldsAsync(
            async () => (await engines.A.Get<RunBudgets>().SpentByProfileAsync(profile, Cancellation)).Open == 0,
            "the reservations to end"
        );
        (await ReserveAsync(engines.B, profile)).Should().NotBeNull();
    }

    [Fact]
    public async Task Reservation_IsNoChangeOfWhatHostsCache()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, day: 10 * Bound);
        await Eventually.HoldsAsync(() => engines.A.Get<DataVersion>().IsTrusted, "the host to listen to others");
        (await ReserveAsync(engines.A, profile))!.Dispose();
        var before = engines.A.Get<DataVersion>().Current;

        (await ReserveAsync(engines.A, profile))!.Dispose();
        await Eventually.HoldsAsync(
            async () => (await engines.A.Get<RunBudgets>().SpentByProfileAsync(profile, Cancellation)).Open == 0,
            "the reservation to end"
        );

        engines.A.Get<DataVersion>().Current.Should().Be(before);
    }

    [Fact]
    public async Task Reservations_OfAHostThatDied_EndWithItsLease()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, day: Bound);
        (await ReserveAsync(engines.A, profile)).Should().NotBeNull();
        (await ReserveAsync(engines.B, profile)).Should().BeNull();
        await using (var db = engines.A.Db())
        {
            // No one renews it any more.
            await db.Database.ExecuteSqlAsync(
                $"""UPDATE "BudgetHolds" SET "Owner" = 'elsewhere', "Until" = now() + interval '1 second'""",
                Cancellation
            );
        }

        await Eventually.HoldsAsync(async () => await ReserveAsync(engines.B, profile) is not null, "the reservation to end");
    }

    private static async Task<string> LimitAsync(TwoEngines engines, long day)
    {
        await using var db = engines.A.Db();
        var profile = await db.ModelProfiles.SingleAsync(Cancellation);
        profile.Budgets = new ModelBudgets { Day = day };
        await db.SaveChangesAsync(Cancellation);
        engines.A.Get<ModelProfiles>().Drop(profile.Id);
        engines.B.Get<ModelProfiles>().Drop(profile.Id);
        return profile.Id;
    }

    private static async Task<BudgetReservation?> ReserveAsync(EngineHost host, string profile)
    {
        var answer = await host.Get<RunBudgets>().ReserveAsync(null, null, profile, Bound, 0, Cancellation);
        return answer.IsOk ? answer.Value : null;
    }
}
