namespace PromptPilot.Core.Workflows;

/// <summary>Settings of the whole workflow: what it is for, and how its steps run together. Frozen by publishing.</summary>
public sealed record WorkflowOptions
{
    public const int MostParallelSteps = 64;
    public const int DefaultParallelSteps = 16;
    public const int LongestTimeoutSeconds = 7 * 86_400;
    public const int LongestDescription = 1000;

    /// <summary>What it does, in the author's words: shown to people, to agents and in lists of models. Null: none.</summary>
    public string? Description { get; init; }

    /// <summary>The input that takes the last message of a chat; null: found by the types of the inputs.</summary>
    public string? ChatInput { get; init; }

    /// <summary>The most a run may take from its start, in seconds, without the time it waits for a review; null: no limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The most steps that run at the same time, 1 to 64; null: 16.</summary>
    public int? MaxParallelSteps { get; init; }

    /// <summary>Without what no run reads. Each run stores its options.</summary>
    internal WorkflowOptions OfRun() => this with { Description = null, ChatInput = null };

    internal WorkflowOptions Tidy() => this with { Description = Text(Description), ChatInput = Text(ChatInput) };

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim().ReplaceLineEndings("\n");
}

/// <summary>Limits of the workflow's runs together. Not part of a version: a change applies immediately.</summary>
public sealed record WorkflowLimits
{
    public const int MostConcurrentRuns = 1000;
    public const int MostKeepDays = 3650;
    public const int MostKeepRuns = 1_000_000;

    /// <summary>The largest budget, in nano-USD: a billion dollars.</summary>
    public const long MostBudget = 1_000_000_000_000_000_000;

    /// <summary>Agents are not offered the workflow as a tool.</summary>
    public bool HideFromAgents { get; init; }

    /// <summary>The most runs that execute at the same time; null: as many as the host allows.</summary>
    public int? MaxConcurrentRuns { get; init; }

    /// <summary>The most one run may cost, in nano-USD; null: no limit.</summary>
    public long? RunBudget { get; init; }

    /// <summary>The most its runs may cost in a day (UTC), in nano-USD; null: no limit.</summary>
    public long? DayBudget { get; init; }

    /// <summary>The most its runs may cost in a calendar month (UTC), in nano-USD; null: no limit.</summary>
    public long? MonthBudget { get; init; }

    /// <summary>Runs that ended longer ago are removed, in days, unless rated or pinned; null: the host's setting.</summary>
    public int? KeepDays { get; init; }

    /// <summary>Only the newest ended runs are kept, besides rated and pinned ones; null: the host's setting.</summary>
    public int? KeepRuns { get; init; }
}
