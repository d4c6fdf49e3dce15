namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>What has happened to the calls of a profile on this host since the rows were last written.</summary>
internal sealed class CallWork
{
    /// <summary>Calls that want to begin, in order. Each is answered.</summary>
    public List<TaskCompletionSource<bool>> Requests { get; } = [];

    /// <summary>Ids of open calls that have no row yet, because they began without a limit.</summary>
    public List<string> Adopted { get; } = [];

    /// <summary>Ids of calls that have ended.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>Ids of calls that have ended without anything being sent.</summary>
    public List<string> Unused { get; } = [];

    /// <summary>Answers with the status 429, with the delays they asked for.</summary>
    public List<TimeSpan?> SlowDowns { get; } = [];

    /// <summary>Number of calls that have succeeded while the profile was slowed down.</summary>
    public int Successes { get; set; }

    /// <summary>The watcher wants to know whether calls that wait may begin, or whether this host still has to wait.</summary>
    public bool Looks { get; set; }

    /// <summary>How many times calls had ended when this work was taken.</summary>
    public int Ends { get; set; }

    public bool IsEmpty => !Decides && Ended.Count == 0 && Unused.Count == 0;

    /// <summary>True: it depends on the calls of other hosts. False: calls have ended, and nothing else.</summary>
    public bool Decides => Requests.Count > 0 || Adopted.Count > 0 || SlowDowns.Count > 0 || Successes > 0 || Looks;

    /// <summary>Adds later work to work that could not be written. Requests are answered instead.</summary>
    public void Add(CallWork later)
    {
        Adopted.AddRange(later.Adopted);
        Ended.AddRange(later.Ended);
        Unused.AddRange(later.Unused);
        SlowDowns.AddRange(later.SlowDowns);
        Successes += later.Successes;
    }

    public void Refuse()
    {
        Requests.ForEach(request => request.TrySetResult(false));
        Requests.Clear();
    }
}
