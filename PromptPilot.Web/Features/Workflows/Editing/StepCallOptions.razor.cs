using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class StepCallOptions
{
    private const string CallHelp =
        "A call is tried again where that helps: the model is busy, cut off, or did not write the JSON that is wanted. "
        + "The time limit is for each attempt.";

    private bool IsJson => Options.OutputFormat == OutputFormat.Json;

    private string Example => IsJson ? "{ \"answer\": \"none\" }" : "no answer";

    private string DefaultHelp =>
        (Options.RunsForEach ? "Stands in for the output of each item that failed" : "Stands in for the output, and the run goes on")
        + (IsJson ? "; JSON that fits the schema." : "; it may be empty.");
}
