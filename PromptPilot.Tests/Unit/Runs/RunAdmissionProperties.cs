using CsCheck;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>What holds for every line, however it came about.</summary>
public sealed class RunAdmissionProperties
{
    private const int Workflows = 5;

    private static readonly DateTime Now = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);
    private static readonly string?[] Profiles = [null, "p", "q"];

    private static readonly Gen<QueueEntry> Runs = Gen.Select(
        Gen.Int[0, Workflows - 1],
        Gen.Enum<RunPriority>(),
        Gen.Int[0, 300],
        Gen.Int[0, 2].Select(i => Profiles[i]),
        (workflow, priority, waited, profile) => new QueueEntry("", $"w{workflow}", priority, 0, Now.AddSeconds(-waited), profile)
    );

    private static readonly Gen<Scene> Scenes = Gen.Select(
        Runs.Array[0, 40],
        Gen.Int[0, 4].Array[Workflows],
        Gen.Int[-1, 5].Array[Workflows],
        Gen.Int[0, 12],
        Gen.Int[0, 6],
        Gen.Int[0, 6],
        (runs, running, limits, slots, p, q) =>
            new Scene([.. runs.Select((run, i) => run with { RunId = $"r{i}", Sequence = i })], running, limits, slots, p, q)
    );

    /// <param name="Running">By workflow.</param>
    /// <param name="Limits">By workflow; below 0: none.</param>
    private sealed record Scene(QueueEntry[] Runs, int[] Running, int[] Limits, int Slots, int PermitsOfP, int PermitsOfQ)
    {
        public int Permits(string profile) => profile == "p" ? PermitsOfP : PermitsOfQ;

        public int? Limit(int workflow) => Limits[workflow] < 0 ? null : Limits[workflow];

        public QueueEntries Line()
        {
            var entries = new QueueEntries();
            foreach (var run in Runs)
            {
                entries.Add(run);
            }

            for (var i = 0; i < Workflows; i++)
            {
                for (var n = 0; n < Running[i]; n++)
                {
                    entries.Start($"w{i}");
                }

                entries.Limit($"w{i}", Limit(i));
            }

            return entries;
        }
    }

    [Fact]
    public void Admit_AnyLine_EqualsTheRulesSpelledOut() =>
        Scenes.Sample(scene => RunAdmission.Admit(scene.Line(), scene.Slots, scene.Permits, Now).Should().Equal(SpelledOut(scene)));

    [Fact]
    public void Admit_AnyLine_KeepsEveryLimitAndLeavesNothingThatMayStart() =>
        Scenes.Sample(scene =>
        {
            var entries = scene.Line();
            var admitted = RunAdmission.Admit(entries, scene.Slots, scene.Permits, Now);

            admitted.Should().OnlyHaveUniqueItems();
            admitted.Count.Should().BeLessThanOrEqualTo(scene.Slots);
            entries.Count.Should().Be(scene.Runs.Length - admitted.Count);
            bool HasPermit(QueueEntry run, int used) => run.ProfileId is null || scene.Permits(run.ProfileId) >= used;
            int Used(QueueEntry run) => admitted.Count(other => other.ProfileId == run.ProfileId);
            foreach (var run in admitted)
            {
                var workflow = run.WorkflowId[1] - '0';
                entries.RunningOf(run.WorkflowId).Should().BeLessThanOrEqualTo(scene.Limit(workflow) ?? int.MaxValue);
                HasPermit(run, Used(run)).Should().BeTrue();
            }

            foreach (var left in scene.Runs.Except(admitted))
            {
                var isAtLimit = entries.RunningOf(left.WorkflowId) >= (scene.Limit(left.WorkflowId[1] - '0') ?? int.MaxValue);
                (admitted.Count == scene.Slots || isAtLimit || !HasPermit(left, Used(left) + 1)).Should().BeTrue($"{left} could start");
            }
        });

    [Fact]
    public void Admit_AnyLine_IsFairWithinAClass() =>
        Scenes.Sample(scene =>
        {
            // Profiles and limits hold some workflows back: fairness is between those that only wait for slots.
            var runs = scene.Runs.Where(run => run.ProfileId is null).Select(run => run with { Priority = RunPriority.Person }).ToArray();
            var open = scene with { Runs = runs, Limits = [-1, -1, -1, -1, -1] };
            var entries = open.Line();
            var admitted = RunAdmission.Admit(entries, scene.Slots, scene.Permits, Now);
            foreach (var run in admitted)
            {
                foreach (var other in runs.Except(admitted))
                {
                    entries.RunningOf(run.WorkflowId).Should().BeLessThanOrEqualTo(entries.RunningOf(other.WorkflowId) + 1);
                }
            }
        });

    [Fact]
    public void Admit_AnyLine_LeavesNobodyOfAHigherClassBehind() =>
        Scenes.Sample(scene =>
        {
            var admitted = RunAdmission.Admit(scene.Line(), scene.Slots, _ => int.MaxValue, Now);
            for (var i = 1; i < admitted.Count; i++)
            {
                // A workflow that may start later runs could have started before, so classes only fall.
                ((int)Class(admitted[i]))
                    .Should()
                    .BeLessThanOrEqualTo((int)Class(admitted[i - 1]));
            }
        });

    [Fact]
    public void Admit_WhateverOrderTheyCameIn_GivesTheSame() =>
        Gen.Select(Scenes, Gen.Int)
            .Sample(
                (scene, seed) =>
                {
                    var shuffled = scene.Runs.ToArray();
                    new Random(seed).Shuffle(shuffled);

                    RunAdmission
                        .Admit((scene with { Runs = shuffled }).Line(), scene.Slots, scene.Permits, Now)
                        .Should()
                        .Equal(RunAdmission.Admit(scene.Line(), scene.Slots, scene.Permits, Now));
                }
            );

    [Fact]
    public void Admit_SomebodyNewEachTime_StartsTheOldestScheduleAllTheSame() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[5, 60])
            .Sample(
                (slots, seconds) =>
                {
                    // Slots come free one at a time, and each time persons of other workflows come, more than there are slots.
                    var entries = new QueueEntries();
                    var (now, sequence) = (Now, 0L);
                    entries.Add(new QueueEntry("schedule", "patient", RunPriority.Scheduled, sequence++, now));
                    var running = new Queue<QueueEntry>();
                    var rounds = 0;
                    while (true)
                    {
                        for (var i = 0; i < 2; i++)
                        {
                            entries.Add(new QueueEntry($"p{sequence}", $"w{sequence % 7}", RunPriority.Person, sequence++, now));
                        }

                        foreach (var run in RunAdmission.Admit(entries, slots - running.Count, _ => int.MaxValue, now))
                        {
                            if (run.RunId == "schedule")
                            {
                                return;
                            }

                            running.Enqueue(run);
                        }

                        entries.End(running.Dequeue().WorkflowId);
                        now = now.AddSeconds(seconds);
                        rounds.Should().BeLessThan(500, "it starves");
                        rounds++;
                    }
                }
            );

    [Fact]
    public void Admit_RunsEnd_StartsEveryRunInTheEnd() =>
        Scenes.Sample(scene =>
        {
            var open = scene with
            {
                Limits = [.. scene.Limits.Select(limit => limit == 0 ? 1 : limit)],
                Running = [0, 0, 0, 0, 0],
                Slots = Math.Max(1, scene.Slots),
            };
            var entries = open.Line();
            var started = new HashSet<string>();
            while (entries.Count > 0)
            {
                var admitted = RunAdmission.Admit(entries, open.Slots, _ => 1, Now);
                admitted.Should().NotBeEmpty();
                foreach (var run in admitted)
                {
                    started.Add(run.RunId).Should().BeTrue();
                    entries.End(run.WorkflowId);
                }
            }

            started.Should().HaveCount(scene.Runs.Length);
        });

    [Fact]
    public void Position_NothingHoldsRunsBack_IsThePlaceInWhichTheyStart() =>
        Scenes.Sample(scene =>
        {
            // Where a higher class is left in another workflow, turns within a class shift by it: one class here, and all three below.
            var open = scene with
            {
                Runs = [.. scene.Runs.Select(run => run with { Priority = RunPriority.Person })],
                Limits = [-1, -1, -1, -1, -1],
            };
            var entries = open.Line();
            var places = open.Runs.ToDictionary(run => run.RunId, run => RunAdmission.Position(entries, run, Now));
            var order = RunAdmission.Admit(entries, int.MaxValue, _ => int.MaxValue, Now);
            for (var i = 0; i < order.Count; i++)
            {
                places[order[i].RunId].Should().Be(i + 1);
            }
        });

    [Fact]
    public void Position_AllClasses_CountsEachPlaceOnce() =>
        Scenes.Sample(scene =>
        {
            var entries = (scene with { Limits = [-1, -1, -1, -1, -1] }).Line();
            var places = scene.Runs.ToDictionary(run => run.RunId, run => RunAdmission.Position(entries, run, Now));
            var order = RunAdmission.Admit(entries, int.MaxValue, _ => int.MaxValue, Now);
            order.Select(run => places[run.RunId]).Should().Equal(Enumerable.Range(1, order.Count));
        });

    private static RunPriority Class(QueueEntry run) => RunAdmission.ClassOf(run.Priority, run.QueuedAt, Now);

    /// <summary>The rules in the plainest words, slow as they are: sort all that may start, take the first, begin again.</summary>
    private static List<QueueEntry> SpelledOut(Scene scene)
    {
        var waiting = scene.Runs.ToList();
        var running = scene.Running.ToArray();
        var permits = new Dictionary<string, int> { ["p"] = scene.PermitsOfP, ["q"] = scene.PermitsOfQ };
        var admitted = new List<QueueEntry>();
        int RunningOf(QueueEntry run) => running[run.WorkflowId[1] - '0'];
        while (admitted.Count < scene.Slots)
        {
            var next = waiting
                .Where(run =>
                    RunningOf(run) < (scene.Limit(run.WorkflowId[1] - '0') ?? int.MaxValue)
                    && (run.ProfileId is null || permits[run.ProfileId] > 0)
                )
                .OrderByDescending(run =>
                    run.Priority == RunPriority.Experiment
                        ? 0
                        : Math.Min(3, (int)run.Priority + (int)((Now - run.QueuedAt).TotalSeconds / 60))
                )
                .ThenBy(RunningOf)
                .ThenBy(run => run.QueuedAt)
                .ThenBy(run => run.Sequence)
                .FirstOrDefault();
            if (next is null)
            {
                break;
            }

            waiting.Remove(next);
            admitted.Add(next);
            running[next.WorkflowId[1] - '0']++;
            if (next.ProfileId is not null)
            {
                permits[next.ProfileId]--;
            }
        }

        return admitted;
    }
}
