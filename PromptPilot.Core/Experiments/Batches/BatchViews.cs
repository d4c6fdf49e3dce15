using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>A run of a workflow over the rows of a file, as asked for.</summary>
/// <param name="Version">A number, or <c>draft</c>; null: the published version.</param>
/// <param name="Name">Empty: made from the version.</param>
/// <param name="Csv">Its first line names the columns.</param>
/// <param name="Columns">Input → name of its column; empty: none. Inputs that are not in it take the column of their name.</param>
/// <param name="IdempotencyKey">Starts with the same key and request start one batch.</param>
public sealed record BatchRequest(
    string WorkflowId,
    string? Version,
    string Name,
    string Csv,
    IReadOnlyDictionary<string, string>? Columns = null,
    string? IdempotencyKey = null
);

/// <summary>An input of the workflow, and where it comes from.</summary>
/// <param name="Required">Without a default.</param>
/// <param name="Column">Null: none; it takes its default, or no value.</param>
public sealed record BatchInput(string Name, VariableType Type, bool Required, string? Column);

/// <summary>A row of the file, before it runs.</summary>
/// <param name="Number">1, 2, 3 … without the line of column names.</param>
/// <param name="Values">By input, as the text of its cell; null: no value.</param>
/// <param name="Errors">By input, what is wrong with its value.</param>
public sealed record BatchRowPreview(int Number, IReadOnlyDictionary<string, string?> Values, IReadOnlyDictionary<string, string> Errors);

/// <summary>What a batch would do.</summary>
/// <param name="Rows">Of the file, without the line of column names.</param>
/// <param name="WrongRows">Rows with an error. Nothing starts while there is one.</param>
/// <param name="First">The first rows.</param>
/// <param name="Errors">The first errors anywhere, at <c>rows[NUMBER].INPUT</c>, and of columns at <c>columns.INPUT</c>.</param>
/// <param name="Preview">Cost and time; null while there are errors.</param>
public sealed record BatchPreview(
    IReadOnlyList<string> Columns,
    IReadOnlyList<BatchInput> Inputs,
    int Rows,
    int WrongRows,
    IReadOnlyList<BatchRowPreview> First,
    IReadOnlyList<FieldError> Errors,
    ExperimentPreview? Preview
);

/// <summary>The state of a row of a batch.</summary>
public enum BatchRowStatus
{
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// <summary>A row of a batch.</summary>
/// <param name="Cells">As they were in the file, by column.</param>
/// <param name="Outputs">By output key; null before it succeeded, and when its run was deleted.</param>
/// <param name="Cost">Of all its runs, in USD.</param>
/// <param name="DurationMs">Of its last run; null before it succeeded.</param>
public sealed record BatchRow(
    int Number,
    IReadOnlyList<string> Cells,
    BatchRowStatus Status,
    string? Message,
    IReadOnlyDictionary<string, JsonElement>? Outputs,
    decimal Cost,
    long? DurationMs,
    string? RunId
);

/// <summary>Some rows of a batch.</summary>
/// <param name="Columns">The first line of the file.</param>
/// <param name="OutputKeys">Of the workflow, in the order of its steps.</param>
/// <param name="Next">Cursor of the next page; null: there is none.</param>
public sealed record BatchRows(
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> OutputKeys,
    IReadOnlyList<BatchRow> Items,
    string? Next
);
