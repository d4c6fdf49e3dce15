using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Tests.Unit.Workflows;

public class TrialInputsTests
{
    [Fact]
    public void Of_AnInputCalledTrigger_WhichIsAProblem_AsksOnce()
    {
        var step = new StepContent(null, "p", null, null, "m", new Dictionary<string, string> { ["text"] = "trigger.payload" }, "a", 1);
        var content = new WorkflowContent(
            "W",
            [],
            [
                new WorkflowInput { Name = "trigger", Type = VariableType.Text },
                new WorkflowInput { Name = "text", Type = VariableType.Text },
            ],
            [step]
        );

        TrialInputs.Of(content, null).Select(input => input.Name).Should().Equal("text", "trigger");
        TrialInputs.Of(content, 0).Select(input => input.Name).Should().OnlyHaveUniqueItems();
    }
}
