namespace PromptPilot.Web.Features.Workflows.Editing.Options;

public sealed partial class StepOutputOptions
{
    private const string SchemaExample =
        "{ \"type\": \"object\", \"properties\": { \"title\": { \"type\": \"string\" } }, \"required\": [\"title\"] }";
}
