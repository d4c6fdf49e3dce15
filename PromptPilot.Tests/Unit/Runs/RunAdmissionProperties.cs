using CsCheck;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>What holds for every line, however it came about.</summary>
public sealed class RunAdmissionProperties
{
    private const int Workflows = 5;

    private static readonly DateTime Now = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);
    private static readonly string?[] Profiles = [null, "p", "q"];

    private static readonly Gen<QueuedRun> Runs = Gen.Select(
        Gen.Int[0, Workflows - 1],
        Gen.Enum<RunPriority>(),
        Gen.Int[0, 300],
        Gen.Int[0, 2].Select(i => Profiles[i]),
        (workflow, priority, waited, profile) => new QueuedRun("", $"w{workflow}", priority, 0, Now.AddSeconds(-waited), profile)
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
    private sealed record Scene(QueuedRun[] Runs, int[] Running, int[] Limits, int Slots, int LanesOfP, int LanesOfQ)
    {
        public int Lanes(string profile) => profile == "p" ? LanesOfP : LanesOfQ;

        public int? Limit(int workflow) => Limits[workflow] < 0 ? null : Limits[workflow];

        public RunLine Line()
        {
            var line = new RunLine();
            foreach (var run in Runs)
            {
                line.Add(run);
            }

            for (var i = 0; i < Workflows; i++)
            {
                for (var n = 0; n < Running[i]; n++)
                {
                    line.Start($"w{i}");
                }

                line.Limit($"w{i}", Limit(i));
            }

            return line;
        }
    }

    [Fact]
    public void Admit_AnyLine_EqualsTheRulesSpelledOut() =>
        Scenes.Sample(scene => RunAdmission.Admit(scene.Line(), scene.Slots, scene.Lanes, Now).Should().Equal(SpelledOut(scene)));

    [Fact]
    public void Admit_AnyLine_KeepsEveryLimitAndLeavesNothingThatMayStart() =>
        Scenes.Sample(scene =>
        {
            var line = scene.Line();
            var admitted = RunAdmission.Admit(line, scene.Slots, scene.Lanes, Now);

            admitted.Should().OnlyHaveUniqueItems();
            admitted.Count.Should().BeLessThanOrEqualTo(scene.Slots);
            line.Count.Should().Be(scene.Runs.Length - admitted.Count);
            bool HasLane(QueuedRun run, int used) => run.ProfileId is null || scene.Lanes(run.ProfileId) >= used;
            int Used(QueuedRun run) => admitted.Count(other => other.ProfileId == run.ProfileId);
            foreach (var run in admitted)
            {
                var workflow = run.WorkflowId[1] - '0';
                line.RunningOf(run.WorkflowId).Should().BeLessThanOrEqualTo(scene.Limit(workflow) ?? int.MaxValue);
                HasLane(run, Used(run)).Should().BeTrue();
            }

            foreach (var left in scene.Runs.Except(admitted))
            {
                var isAtLimit = line.RunningOf(left.WorkflowId) >= (scene.Limit(left.WorkflowId[1] - '0') ?? int.MaxValue);
                (admitted.Count == scene.Slots || isAtLimit || !HasLane(left, Used(left) + 1)).Should().BeTrue($"{left} could start");
            }
        });

    [Fact]
    public void Admit_AnyLine_IsFairWithinAClass() =>
        Scenes.Sample(scene =>
        {
            // Profiles and limits hold some workflows back: fairness is between those that only wait for slots.
            var runs = scene.Runs.Where(run => run.ProfileId is null).Select(run => run with { Priority = RunPriority.Person }).ToArray();
            var open = scene with { Runs = runs, Limits = [-1, -1, -1, -1, -1] };
            var line = open.Line();
            var admitted = RunAdmission.Admit(line, scene.Slots, scene.Lanes, Now);
            foreach (var run in admitted)
            {
                foreach (var other in runs.Except(admitted))
                {
                    line.RunningOf(run.WorkflowId).Should().BeLessThanOrEqualTo(line.RunningOf(other.WorkflowId) + 1);
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
                        .Admit((scene with { Runs = shuffled }).Line(), scene.Slots, scene.Lanes, Now)
                        .Should()
                        .Equal(RunAdmission.Admit(scene.Line(), scene.Slots, scene.Lanes, Now));
                }
            );

    [Fact]
    public void Admit_SomebodyNewEachTime_StartsTheOldestScheduleAllTheSame() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[5, 60])
            .Sample(
                (slots, seconds) =>
                {
                    // Slots come free one at a time, and each time persons of other workflows come, more than there are slots.
                    var line = new RunLine();
                    var (now, sequence) = (Now, 0L);
                    line.Add(new QueuedRun("schedule", "patient", RunPriority.Scheduled, sequence++, now));
                    var running = new Queue<QueuedRun>();
                    var rounds = 0;
                    while (true)
                    {
                        for (var i = 0; i < 2; i++)
                        {
                            line.Add(new QueuedRun($"p{sequence}", $"w{sequence % 7}", RunPriority.Person, sequence++, now));
                        }

                        foreach (var run in RunAdmission.Admit(line, slots - running.Count, _ => int.MaxValue, now))
                        {
                            if (run.RunId == "schedule")
                            {
                                return;
                            }

                            running.Enqueue(run);
                        }

                        line.End(running.Dequeue().WorkflowId);
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
            var line = open.Line();
            var started = new HashSet<string>();
            while (line.Count > 0)
            {
                var admitted = RunAdmission.Admit(line, open.Slots, _ => 1, Now);
                admitted.Should().NotBeEmpty();
                foreach (var run in admitted)
                {
                    started.Add(run.RunId).Should().BeTrue();
                    line.End(run.WorkflowId);
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
            var line = open.Line();
            var places = open.Runs.ToDictionary(run => run.RunId, run => RunAdmission.Position(line, run, Now));
            var order = RunAdmission.Admit(line, int.MaxValue, _ => int.MaxValue, Now);
            for (var i = 0; i < order.Count; i++)
            {
                places[order[i].RunId].Should().Be(i + 1);
            }
        });

    [Fact]
    public void Position_AllClasses_CountsEachPlaceOnce() =>
        Scenes.Sample(scene =>
        {
            var line = (scene with { Limits = [-1, -1, -1, -1, -1] }).Line();
            var places = scene.Runs.ToDictionary(run => run.RunId, run => RunAdmission.Position(line, run, Now));
            var order = RunAdmission.Admit(line, int.MaxValue, _ => int.MaxValue, Now);
            order.Select(run => places[run.RunId]).Should().Equal(Enumerable.Range(1, order.Count));
        });

    private static RunPriority Class(QueuedRun run) => RunAdmission.ClassOf(run.Priority, run.QueuedAt, Now);

    /// <summary>The rules in the plainest words, slow as they are: sort all that may start, take the first, begin again.</summary>
    private static List<QueuedRun> SpelledOut(Scene scene)
    {
        var waiting = scene.Runs.ToList();
        var running = scene.Running.ToArray();
        var lanes = new Dictionary<string, int> { ["p"] = scene.LanesOfP, ["q"] = scene.LanesOfQ };
        var admitted = new List<QueuedRun>();
        int RunningOf(QueuedRun run) => running[run.WorkflowId[1] - '0'];
        while (admitted.Count < scene.Slots)
        {
            var next = waiting
                .Where(run =>
                    RunningOf(run) < (scene.Limit(run.WorkflowId[1] - '0') ?? int.MaxValue)
                    && (run.ProfileId is null || lanes[run.ProfileId] > 0)
                )
                .OrderByDescending(run => Math.Min(2, (int)run.Priority + (int)((Now - run.QueuedAt).TotalSeconds / 60)))
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
                lanes[next.ProfileId]--;
            }
        }

        return admitted;
    }
}
