using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>What holds of every run, whatever its workflow, its model, its people and the deaths of its host.</summary>
public sealed class RunProperties
{
    [Fact]
    public async Task Run_OfAnyWorkflow_EndsWithItsFold()
    {
        await using var database = await TestDatabase.CreateAsync(services => services.AddSingleton<ModelProfiles>());
        await database.SaveAsync(
            new ModelProfile
            {
                Id = "profile",
                Name = "Fake",
                NormalizedName = "FAKE",
                Provider = Providers.OpenAICompatible,
                Model = "fake",
                Limits = new ModelLimits { ConcurrentCalls = 3, RequestsPerMinute = 40 },
            }
        );
        var profiles = database.Get<ModelProfiles>();
        var ends = new System.Collections.Concurrent.ConcurrentDictionary<RunStatus, int>();
        var types = new System.Collections.Concurrent.ConcurrentDictionary<RunEventType, int>();
        var deaths = 0;
        var runs = Samples.Count(few: 200, many: 1000);

        await Gen.Select(Gen.Int[1, 7], Gen.Int)
            .SampleAsync(
                async (steps, seed) =>
                {
                    var simulation = new RunSimulation(steps, seed, profiles);
                    await simulation.RunAsync();
                    simulation.CheckEnd();
                    ends.AddOrUpdate(simulation.State.Status, 1, (_, count) => count + 1);
                    foreach (var runEvent in simulation.Events)
                    {
                        types.AddOrUpdate(runEvent.Type, 1, (_, count) => count + 1);
                    }

                    Interlocked.Add(ref deaths, simulation.Deaths);
                },
                iter: runs,
                threads: 2
            );

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"ends: {string.Join(", ", ends)}; deaths: {deaths}; events: {string.Join(", ", types)}"
        );
        deaths.Should().BeGreaterThan(runs / 4);
        if (!Samples.AreMany)
        {
            return;
        }

        // The property is worth nothing if the runs do not go everywhere; a few do not always meet what is rare.
        ends.Keys.Should().Contain([RunStatus.Succeeded, RunStatus.Failed, RunStatus.Cancelled, RunStatus.TimedOut]);
        types.Keys.Should().Contain(Enum.GetValues<RunEventType>().Except([RunEventType.Reused]), "every event is met");
    }
}
