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
                "An A/B test: a list of 2 to 10 exact versions of the step's prompt, each with a weight from 1 to 1,000. A hash picks one "
                + "for each run. Omitted: all runs use the step's own version.",
            Form = new StepOptionForm(StepOptionSection.Arms, "Versions and weights")
            {
                IsCode = true,
                Lines = (2, 10),
                Placeholder = _ => Example,
                Help = _ => "Exact versions of this step's prompt. Weights need not add up to 100. Empty: no test.",
            },
            Check = c =>
                [
                    StepArms.Read(c.Options.Arms) is { IsOk: false } wrong
                        ? new WorkflowProblem(c.Field, wrong.Problem.Message, BlocksSaving: true)
                        : null,
                ],
            Noun = "version split",
            Mark = o =>
                StepArms.Read(o.Arms) is { IsOk: true, Value: { Count: > 0 } arms }
                    ? new OptionMark("A/B test", More: StepArms.Text(arms))
                    : null,
            FlowMark = "A/B",
        },
        Of("armsBy", "A/B test by input", o => o.ArmsBy, (o, value) => o with { ArmsBy = value }) with
        {
            Description =
                "With arms: an input such as customer. Runs with the same value always get the same version. Omitted: the version is "
                + "picked for each run.",
            Form = new StepOptionForm(StepOptionSection.Arms, "Split by input")
            {
                IsCode = true,
                Placeholder = _ => "picked for each run",
                Help = _ => "An input such as customer. Runs with the same value get the same version.",
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
