using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Feedback;

/// <summary>A rating of one output: one per person and log, editable. An application keeps one for each of its end users.</summary>
public sealed class Feedback
{
    public string Id { get; set; } = Ids.New();

    /// <summary>Id of the ExecutionLog.</summary>
    public required string ExecutionId { get; set; }

    /// <summary>
    /// Id of the output's prompt, copied from the log so that a prompt's ratings are found without reading its logs.
    /// </summary>
    public required string PromptId { get; set; }

    /// <summary>The person who rated; for an end user, the owner of the application's key.</summary>
    public required string UserId { get; set; }

    /// <summary>The application's own id of its end user who rated; empty: the person themself.</summary>
    public string EndUser { get; set; } = "";

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
