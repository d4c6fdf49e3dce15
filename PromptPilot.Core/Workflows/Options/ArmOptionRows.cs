using System.Text.Json;
using PromptPilot.Core.Workflows.Checks;
using static PromptPilot.Core.Workflows.Options.StepOptionRow;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>The rows of a step's A/B test.</summary>
internal static class ArmOptionRows
{
    private const string Example = "[{ \"version\": \"1.2.0\", \"weight\": 80 }, { \"version\": \"1.3.0\", \"weight\": 20 }]";

    public static IReadOnlyList<StepOption> All { get; } =
    [
        Of("arms", "A/B test", o => o.Arms, (o, value) => o with { Arms = value }) with
        {
            Description =
                "An A/B test: a list of 2 to 10 arms. Each has an exact version of the step's prompt, a weight from 1 to 1,000 and, "
                + "optionally, model: the id of a model profile that replaces the step's. A hash picks one arm for each run. Omitted: all "
                + "runs use the step's own version and model.",
            Form = new StepOptionForm(StepOptionSection.Arms, "Arms")
            {
                IsCode = true,
                Control = StepOptionControl.Arms,
                Lines = (2, 10),
                Placeholder = _ => Example,
                Help = _ => "Versions of this step's prompt. Weights need not add up to 100.",
            },
            Check = c =>
                StepArms.Read(c.Options.Arms) is { IsOk: false } wrong
                    ? wrong.Problem.Errors.Select(error => new WorkflowProblem(c.Field + error.Field, error.Message, BlocksSaving: true))
                    : [],
            Noun = "version split",
            Show = value =>
                value is JsonElement json && StepArms.Read(json) is { IsOk: true, Value: var arms }
                    ? StepArms.Text(arms, name => name, withWeights: true)
                    : null,
            Mark = o =>
                StepArms.Read(o.Arms) is { IsOk: true, Value: { Count: > 0 } arms }
                    ? new OptionMark("A/B test", More: StepArms.Text(arms))
                    : null,
            FlowMark = "A/B",
        },
        Of("armsBy", "A/B test by input", o => o.ArmsBy, (o, value) => o with { ArmsBy = value }) with
        {
            Description =
                "With arms: an input such as customer. Runs with the same value always get the same arm. Omitted: the arm is picked for "
                + "each run.",
            Form = new StepOptionForm(StepOptionSection.Arms, "Split by input")
            {
                Control = StepOptionControl.Input,
                Placeholder = _ => "Picked for each run",
                Help = _ => "Runs with the same value of this input get the same arm.",
            },
            Check = c =>
                [
                    c.Options.ArmsBy is { } name && c.Options.Arms is not null && !c.Keys.IsInput(name)
                        ? new WorkflowProblem(
                            c.Field,
                            $"“{name}” is not an input of this workflow. Choose an input, or leave it empty.",
                            BlocksSaving: true
                        )
                        : null,
                ],
            Noun = "split key",
        },
    ];
}
