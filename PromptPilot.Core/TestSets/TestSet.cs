using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.TestSets;

/// <summary>The origin of a test case.</summary>
public enum CaseOrigin
{
    /// <summary>Typed on the page or sent to the API.</summary>
    Manual,

    /// <summary>The output of a run.</summary>
    Run,

    /// <summary>A rated output.</summary>
    Feedback,

    /// <summary>A playground call.</summary>
    Playground,

    /// <summary>A file.</summary>
    File,

    /// <summary>Inputs that were saved under a name, to try the prompt with them again.</summary>
    Example,
}

/// <summary>
/// Cases that versions of one prompt or workflow are tried on, and the checks that their outputs must pass. The rows of a batch are one
/// too, which no list shows.
/// </summary>
public sealed class TestSet : IRevised
{
    public string Id { get; set; } = Ids.New();

    /// <summary>The prompt that it tests; null: it tests a workflow.</summary>
    public string? PromptId { get; set; }

    /// <summary>The workflow that it tests; null: it tests a prompt.</summary>
    public string? WorkflowId { get; set; }

    /// <summary>Of a workflow: the output that is compared and checked; null: the final one.</summary>
    public string? OutputKey { get; set; }

    /// <summary>Its only version holds the rows of a batch. It is in no list, and goes with the batch.</summary>
    public bool IsBatch { get; set; }

    public required string Name { get; set; }

    /// <summary>The name in upper case (invariant); unique within the prompt or workflow. Of a batch, its id.</summary>
    public required string NormalizedName { get; set; }

    /// <summary>Applied to every case.</summary>
    public List<Check> Checks { get; set; } = [];

    /// <summary>1, 2, 3 …: raised by each change of cases or checks. An experiment names the one it used.</summary>
    public int Version { get; set; } = 1;

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public int Revision { get; set; } = 1;
}

/// <summary>One set of inputs, with what should come out.</summary>
public sealed class TestCase
{
    public string Id { get; set; } = Ids.New();

    public required string TestSetId { get; set; }

    /// <summary>1, 2, 3 … within the set; gaps are fine.</summary>
    public int Number { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Values by variable of the prompt or input of the workflow. Those that a version does not have are left out.</summary>
    public Dictionary<string, JsonElement> Inputs { get; set; } = [];

    /// <summary>The expected output; null: there is no single right answer.</summary>
    public string? Expected { get; set; }

    public List<string> Tags { get; set; } = [];

    public CaseOrigin Origin { get; set; }

    /// <summary>Id of the ExecutionLog or WorkflowRun that it was made from.</summary>
    public string? OriginId { get; set; }

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }
}

/// <summary>
/// Checks and cases as an experiment used them, or as they were when a protection was set. Sets that are only edited keep one copy of their
/// texts. Deleting a case deletes it here too.
/// </summary>
public sealed class TestSetVersion
{
    public string Id { get; set; } = Ids.New();

    public required string TestSetId { get; set; }

    public int Number { get; set; }

    public List<Check> Checks { get; set; } = [];

    public List<FrozenCase> Cases { get; set; } = [];

    /// <summary>The number of cases when it was stored; more than there are when some were deleted since. 0: not recorded.</summary>
    public int CaseCount { get; set; }

    /// <inheritdoc cref="TestSet.OutputKey"/>
    public string? OutputKey { get; set; }

    /// <summary>Of a batch: the first line of its file; null: it is a version of a test set.</summary>
    public List<string>? Columns { get; set; }

    public DateTime CreatedAt { get; set; }
}

/// <summary>A case in a version of its set.</summary>
public sealed record FrozenCase(string Id, int Number, string Name, Dictionary<string, JsonElement> Inputs, string? Expected)
{
    /// <summary>Of a batch: the cells of its row as they were in the file, by column.</summary>
    public IReadOnlyList<string>? Row { get; init; }
}
