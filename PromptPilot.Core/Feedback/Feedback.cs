using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Feedback;

/// <summary>A person's rating of one output: one per person and log, editable.</summary>
public sealed class Feedback
{
    public string Id { get; set; } = Ids.New();

    /// <summary>Id of the ExecutionLog.</summary>
    public required string ExecutionId { get; set; }

    /// <summary>
    /// Id of the output's prompt, copied from the log so that a prompt's ratings are found without reading its logs.
    /// </summary>
    public required string PromptId { get; set; }

    public required string UserId { get; set; }

    /// <summary>1 to 5.</summary>
    public int Rating { get; set; }

    public string Comment { get; set; } = "";

    public List<string> Tags { get; set; } = [];

    /// <summary>The output as it should have been; null: none was written. Becomes the expected value of a test case.</summary>
    public string? CorrectedOutput { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
