namespace PromptPilot.Core.Runs.Queue;

/// <summary>Waiting runs that differ only in age and workflow: the oldest of them is the one to start.</summary>
/// <param name="Running">The number of running runs per workflow.</param>
internal readonly record struct EntryGroup(int Running, RunPriority Priority, string? ProfileId);

/// <summary>
/// The waiting runs, and for each workflow how many run and may run. Keeps them grouped so that the next to start is the best of a few
/// heads, however many wait:
/// no pick sorts, and none looks at all workflows. Not thread-safe.
/// </summary>
internal sealed class QueueEntries
{
    private readonly Dictionary<string, Workflow> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<EntryGroup, SortedSet<Bucket>> _groups = [];

    /// <summary>Runs of a workflow that have the same priority and profile, by age.</summary>
    private sealed class Bucket(RunPriority priority, string? profileId)
    {
        public static readonly IComparer<Bucket> ByHead = Comparer<Bucket>.Create(
            (left, right) => QueueEntry.ByAge.Compare(left.Head, right.Head)
        );

        public SortedSet<QueueEntry> Runs { get; } = new(QueueEntry.ByAge);

        public QueueEntry Head => Runs.Min!;

        public EntryGroup GroupAt(int running) => new(running, priority, profileId);
    }

    private sealed class Workflow
    {
        public Dictionary<(RunPriority Priority, string? ProfileId), Bucket> Buckets { get; } = [];

        public int Running { get; set; }

        /// <summary>Null: no limit.</summary>
        public int? Limit { get; set; }

        public bool MayStart => Limit is not { } limit || Running < limit;
    }

    /// <summary>Number of waiting runs.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest run of each group whose workflow may start another.</summary>
    public IEnumerable<(EntryGroup Group, QueueEntry Head)> Heads => _groups.Select(group => (group.Key, group.Value.Min!.Head));

    /// <summary>Workflows with a waiting or running run.</summary>
    public IReadOnlyCollection<string> Workflows => _workflows.Keys;

    /// <summary>The profiles that waiting runs need, of workflows that may start another run.</summary>
    public IEnumerable<string> Profiles => _groups.Keys.Select(group => group.ProfileId).OfType<string>().Distinct();

    public bool Knows(string workflowId) => _workflows.ContainsKey(workflowId);

    public int RunningOf(string workflowId) => _workflows.TryGetValue(workflowId, out var workflow) ? workflow.Running : 0;

    public IEnumerable<QueueEntry> WaitingOf(string workflowId) =>
        _workflows.TryGetValue(workflowId, out var workflow) ? workflow.Buckets.Values.SelectMany(bucket => bucket.Runs) : [];

    /// <summary>Queues a run.</summary>
    public void Add(QueueEntry run) =>
        Change(
            run.WorkflowId,
            workflow =>
            {
                var key = (run.Priority, run.ProfileId);
                if (!workflow.Buckets.TryGetValue(key, out var bucket))
                {
                    workflow.Buckets[key] = bucket = new Bucket(run.Priority, run.ProfileId);
                }

                Count += bucket.Runs.Add(run) ? 1 : 0;
            }
        );

    /// <summary>Removes a run.</summary>
    public void Remove(QueueEntry run) =>
        Change(
            run.WorkflowId,
            workflow =>
            {
                var key = (run.Priority, run.ProfileId);
                if (workflow.Buckets.TryGetValue(key, out var bucket) && bucket.Runs.Remove(run))
                {
                    Count--;
                    if (bucket.Runs.Count == 0)
                    {
                        workflow.Buckets.Remove(key);
                    }
                }
            }
        );

    /// <summary>Runs of a workflow have started.</summary>
    public void Start(string workflowId, int count = 1) => Change(workflowId, workflow => workflow.Running += count);

    /// <summary>A run of a workflow has ended or parked.</summary>
    public void End(string workflowId) => Change(workflowId, workflow => workflow.Running--);

    /// <summary>Sets the limit of concurrent runs of a workflow; null: no limit. Forgotten when none waits or runs.</summary>
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

        if (workflow is { Running: 0, Buckets.Count: 0 })
        {
            _workflows.Remove(workflowId);
        }
    }

    private void Join(Workflow workflow)
    {
        foreach (var bucket in workflow.Buckets.Values)
        {
            var group = bucket.GroupAt(workflow.Running);
            if (!_groups.TryGetValue(group, out var buckets))
            {
                _groups[group] = buckets = new SortedSet<Bucket>(Bucket.ByHead);
            }

            buckets.Add(bucket);
        }
    }

    private void Leave(Workflow workflow)
    {
        foreach (var bucket in workflow.Buckets.Values)
        {
            var group = bucket.GroupAt(workflow.Running);
            var buckets = _groups[group];
            buckets.Remove(bucket);
            if (buckets.Count == 0)
            {
                _groups.Remove(group);
            }
        }
    }
}
