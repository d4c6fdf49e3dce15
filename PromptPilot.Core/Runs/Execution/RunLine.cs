namespace PromptPilot.Core.Runs.Execution;

/// <summary>Waiting runs that differ only in age and workflow: the oldest of them is the one to start.</summary>
/// <param name="Running">How many runs of their workflows are running.</param>
internal readonly record struct RunGroup(int Running, RunPriority Priority, string? ProfileId);

/// <summary>
/// The runs that wait, and how many of each workflow run and may run. Keeps them grouped so that the next to start is the best of a few
/// heads, however many wait:
/// no pick sorts, and none looks at all workflows. Not thread-safe.
/// </summary>
internal sealed class RunLine
{
    private readonly Dictionary<string, Workflow> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<RunGroup, SortedSet<Strand>> _groups = [];

    /// <summary>Those of a workflow's runs that have the same priority and profile, by age.</summary>
    private sealed class Strand(RunPriority priority, string? profileId)
    {
        public static readonly IComparer<Strand> ByHead = Comparer<Strand>.Create(
            (left, right) => QueuedRun.ByAge.Compare(left.Head, right.Head)
        );

        public SortedSet<QueuedRun> Runs { get; } = new(QueuedRun.ByAge);

        public QueuedRun Head => Runs.Min!;

        public RunGroup GroupAt(int running) => new(running, priority, profileId);
    }

    private sealed class Workflow
    {
        public Dictionary<(RunPriority Priority, string? ProfileId), Strand> Strands { get; } = [];

        public int Running { get; set; }

        /// <summary>Null: as often as it likes.</summary>
        public int? Limit { get; set; }

        public bool MayStart => Limit is not { } limit || Running < limit;
    }

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest of each group whose workflow may start another run.</summary>
    public IEnumerable<(RunGroup Group, QueuedRun Head)> Heads => _groups.Select(group => (group.Key, group.Value.Min!.Head));

    /// <summary>Workflows of which a run waits or runs.</summary>
    public IReadOnlyCollection<string> Workflows => _workflows.Keys;

    /// <summary>The profiles that waiting runs need, of workflows that may start another run.</summary>
    public IEnumerable<string> Profiles => _groups.Keys.Select(group => group.ProfileId).OfType<string>().Distinct();

    public bool Knows(string workflowId) => _workflows.ContainsKey(workflowId);

    public int RunningOf(string workflowId) => _workflows.TryGetValue(workflowId, out var workflow) ? workflow.Running : 0;

    public IEnumerable<QueuedRun> WaitingOf(string workflowId) =>
        _workflows.TryGetValue(workflowId, out var workflow) ? workflow.Strands.Values.SelectMany(strand => strand.Runs) : [];

    /// <summary>Puts a run in line.</summary>
    public void Add(QueuedRun run) =>
        Change(
            run.WorkflowId,
            workflow =>
            {
                var key = (run.Priority, run.ProfileId);
                if (!workflow.Strands.TryGetValue(key, out var strand))
                {
                    workflow.Strands[key] = strand = new Strand(run.Priority, run.ProfileId);
                }

                Count += strand.Runs.Add(run) ? 1 : 0;
            }
        );

    /// <summary>Takes a run out of the line.</summary>
    public void Remove(QueuedRun run) =>
        Change(
            run.WorkflowId,
            workflow =>
            {
                var key = (run.Priority, run.ProfileId);
                if (workflow.Strands.TryGetValue(key, out var strand) && strand.Runs.Remove(run))
                {
                    Count--;
                    if (strand.Runs.Count == 0)
                    {
                        workflow.Strands.Remove(key);
                    }
                }
            }
        );

    /// <summary>A run of a workflow runs from now on.</summary>
    public void Start(string workflowId) => Change(workflowId, workflow => workflow.Running++);

    /// <summary>A run of a workflow has ended or parked.</summary>
    public void End(string workflowId) => Change(workflowId, workflow => workflow.Running--);

    /// <summary>How many runs of a workflow may run at the same time; null: any number. Forgotten when none waits or runs.</summary>
    public void Limit(string workflowId, int? limit) => Change(workflowId, workflow => workflow.Limit = limit);

    /// <summary>A workflow is out of its groups while it changes: their order depends on it.</summary>
    private void Change(string workflowId, Action<Workflow> change)
    {
        if (!_workflows.TryGetValue(workflowId, out var workflow))
        {
            _workflows[workflowId] = workflow = new Workflow();
        }

        if (workflow.MayStart)
        {
            Leave(workflow);
        }

        change(workflow);
        if (workflow.MayStart)
        {
            Join(workflow);
        }

        if (workflow is { Running: 0, Strands.Count: 0 })
        {
            _workflows.Remove(workflowId);
        }
    }

    private void Join(Workflow workflow)
    {
        foreach (var strand in workflow.Strands.Values)
        {
            var group = strand.GroupAt(workflow.Running);
            if (!_groups.TryGetValue(group, out var strands))
            {
                _groups[group] = strands = new SortedSet<Strand>(Strand.ByHead);
            }

            strands.Add(strand);
        }
    }

    private void Leave(Workflow workflow)
    {
        foreach (var strand in workflow.Strands.Values)
        {
            var group = strand.GroupAt(workflow.Running);
            var strands = _groups[group];
            strands.Remove(strand);
            if (strands.Count == 0)
            {
                _groups.Remove(group);
            }
        }
    }
}
