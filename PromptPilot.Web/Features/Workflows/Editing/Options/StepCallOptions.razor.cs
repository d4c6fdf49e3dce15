using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

public sealed partial class StepCallOptions
{
    private const string CallHelp =
        "A call is retried if the model is busy, the answer is cut off, or it is not the expected JSON. "
        + "The timeout applies to each attempt.";

    private bool IsJson => Options.OutputFormat == OutputFormat.Json;

    private string Example => IsJson ? "{ \"answer\": \"none\" }" : "no answer";

    private string DefaultHelp =>
        (Options.RunsForEach ? "Replaces the output of each failed item" : "Replaces the output, and the run continues")
        + (IsJson ? ". Must be JSON that fits the schema." : ". Can be empty.");
}
