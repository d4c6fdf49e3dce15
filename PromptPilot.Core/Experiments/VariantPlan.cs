using System.Text.Json;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>The workflow of one step that answers a case with a variant, and the inputs of a case for it.</summary>
internal static class VariantPlan
{
    /// <summary>The step that answers.</summary>
    public static string AnswerStep(string experimentId, int variant) => $"{experimentId}-{variant}";

    /// <summary>The step that judges.</summary>
    public static string JudgeStep(string experimentId, int judge) => $"{experimentId}{RatingQueueService.JudgeStep}{judge}";

    /// <param name="judges">The judges with their versions. A failed judge fails its check, not the run.</param>
    public static WorkflowDefinition Definition(
        Experiment experiment,
        int index,
        PromptVersion version,
        IReadOnlyList<(Judge Judge, PromptVersion Version)> judges
    )
    {
        var variant = experiment.Variants[index];
        var optional = PromptText.Optional(version.VariableDefinitions);
        var names = Names.Of(version);
        return new WorkflowDefinition(
            experiment.Name,
            [
                .. version.Variables.Select(variable => new WorkflowInput
                {
                    Name = variable,
                    Type = VariableType.Json,
                    Required = !optional.Contains(variable),
                }),
                .. judges.Count == 0 ? [] : new[] { names.Expected, names.Inputs }.Select(Optional),
            ],
            [
                new StepDefinition(
                    AnswerStep(experiment.Id, index),
                    version.PromptId,
                    version.Id,
                    PromptLabel: null,
                    variant.ModelProfileId,
                    version.Variables.ToDictionary(variable => variable, variable => variable),
                    names.Answer,
                    Order: 1
                )
                {
                    Options = new StepOptions { Parameters = variant.Parameters },
                },
                .. judges.Select((judge, i) => JudgeDefinition(experiment, judge, i, names)),
            ]
        );
    }

    /// <summary>The inputs of a run: those that the version reads, and what judges may read.</summary>
    public static Dictionary<string, JsonElement> RunInputs(PromptVersion version, FrozenCase test, bool hasJudges)
    {
        var inputs = Inputs(version, test.Inputs);
        if (hasJudges)
        {
            var names = Names.Of(version);
            inputs[names.Expected] = JsonSerializer.SerializeToElement(test.Expected);
            inputs[names.Inputs] = JsonSerializer.SerializeToElement(test.Inputs, AppJson.Options);
        }

        return inputs;
    }

    /// <summary>
    /// The judged output is passed as JSON, in quotes and with escaped line ends, so that instructions in it are recognized as data.
    /// </summary>
    private static StepDefinition JudgeDefinition(Experiment experiment, (Judge Judge, PromptVersion Version) judge, int index, Names names)
    {
        var readable = new Dictionary<string, string>
        {
            ["output"] = $"{names.Answer} | json",
            ["expected"] = $"{names.Expected} | json",
            ["inputs"] = $"{names.Inputs} | json",
        };
        return new StepDefinition(
            JudgeStep(experiment.Id, index),
            judge.Version.PromptId,
            judge.Version.Id,
            PromptLabel: null,
            judge.Judge.ModelProfileId,
            readable.Where(value => judge.Version.Variables.Contains(value.Key)).ToDictionary(),
            $"{names.Answer}_judge{index}",
            Order: index + 2
        )
        {
            Options = new StepOptions
            {
                OutputFormat = OutputFormat.Json,
                JsonSchema = JudgeAnswer.Schema,
                MaxAttempts = 2,
                OnError = OnError.Default,
                DefaultOutput = JsonSerializer.SerializeToElement(""),
            },
        };
    }

    private static WorkflowInput Optional(string name) =>
        new()
        {
            Name = name,
            Type = VariableType.Json,
            Required = false,
        };

    /// <summary>The inputs that a version reads; cases may have others, of older or newer versions.</summary>
    public static Dictionary<string, JsonElement> Inputs(PromptVersion version, IReadOnlyDictionary<string, JsonElement> given) =>
        given.Where(input => version.Variables.Contains(input.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>Names in the run that no variable of the prompt has.</summary>
    private sealed record Names(string Answer, string Expected, string Inputs)
    {
        public static Names Of(PromptVersion version)
        {
            return new Names(Free("answer"), Free("case_expected"), Free("case_inputs"));

            string Free(string name)
            {
                while (version.Variables.Contains(name))
                {
                    name += "_";
                }

                return name;
            }
        }
    }
}
