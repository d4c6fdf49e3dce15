using System.Text.Json;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>
/// What runs to answer a case with a variant: a workflow of one step for a prompt, else the workflow itself; with the judges as further
/// steps. And the inputs of a case for it.
/// </summary>
internal static class VariantPlan
{
    /// <summary>The step that answers.</summary>
    public static string AnswerStep(string experimentId, int variant) => $"{experimentId}-{variant}";

    /// <summary>The step that judges.</summary>
    public static string JudgeStep(string experimentId, int judge) => $"{experimentId}{RatingQueueService.JudgeStep}{judge}";

    /// <summary>Files are taken as such; of all else, a version says itself what it can use.</summary>
    private static VariableType TypeOf(PromptVersion version, string variable) =>
        version.VariableDefinitions.Find(definition => definition.Name == variable) is { } known && known.Type.FileKind() is not null
            ? known.Type
            : VariableType.Json;

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
        var names = Names.Of(version.Variables);
        return new WorkflowDefinition(
            experiment.Name,
            [
                .. version.Variables.Select(variable => new WorkflowInput
                {
                    Name = variable,
                    Type = TypeOf(version, variable),
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
                    variant.ModelProfileId!,
                    version.Variables.ToDictionary(variable => variable, variable => variable),
                    names.Answer,
                    Order: 1
                )
                {
                    Options = new StepOptions { Parameters = variant.Parameters },
                },
                .. judges.Select((judge, i) => JudgeDefinition(experiment, judge, i, names, order: i + 2)),
            ]
        );
    }

    /// <summary>A workflow as it runs in an experiment.</summary>
    /// <remarks>
    /// Its steps get ids of their own, because figures of steps are about real runs. They run one after the other, so that a run makes one
    /// call at a time: experiments hold their share of each profile's calls by the number of their runs. That takes longer, so the timeout
    /// of the workflow does not apply; those of its calls do.
    /// </remarks>
    public static WorkflowDefinition OfWorkflow(
        Experiment experiment,
        int index,
        IReadOnlyList<(Judge Judge, PromptVersion Version)> judges
    )
    {
        var definition = experiment.Definitions![index];
        var names = Names.Of(definition) with { Answer = experiment.Variants[index].Workflow!.OutputKey ?? "" };
        return definition with
        {
            Inputs = [.. definition.Inputs, .. judges.Count == 0 ? [] : new[] { names.Expected, names.Inputs }.Select(Optional)],
            Steps =
            [
                .. definition.Steps.Select(step =>
                    step with
                    {
                        Id = $"{AnswerStep(experiment.Id, index)}-{step.Order}",
                        Options = step.Options with { MaxParallelItems = step.Options.ForEach is null ? null : 1 },
                    }
                ),
                .. judges.Select((judge, i) => JudgeDefinition(experiment, judge, i, names, definition.Steps.Count + i + 1)),
            ],
            Options = definition.Options with { MaxParallelSteps = 1, TimeoutSeconds = null },
        };
    }

    /// <summary>Whether a call made the output, and did not judge it.</summary>
    public static bool IsAnswer(string? stepId) => stepId?.Contains(RatingQueueService.JudgeStep, StringComparison.Ordinal) == false;

    /// <summary>The inputs of a run: those that the version reads, and what judges may read.</summary>
    public static Dictionary<string, JsonElement> RunInputs(PromptVersion version, FrozenCase test, bool hasJudges)
    {
        var inputs = Inputs(version, test.Inputs);
        if (hasJudges)
        {
            AddJudged(inputs, Names.Of(version.Variables), test);
        }

        return inputs;
    }

    /// <summary>The same for a workflow.</summary>
    public static Dictionary<string, JsonElement> RunInputs(WorkflowDefinition definition, FrozenCase test, bool hasJudges)
    {
        var inputs = Inputs(definition, test.Inputs);
        if (hasJudges)
        {
            AddJudged(inputs, Names.Of(definition), test);
        }

        return inputs;
    }

    private static void AddJudged(Dictionary<string, JsonElement> inputs, Names names, FrozenCase test)
    {
        inputs[names.Expected] = JsonSerializer.SerializeToElement(test.Expected);
        inputs[names.Inputs] = JsonSerializer.SerializeToElement(
            test.Inputs.ToDictionary(
                input => input.Key,
                // Of a file that this version does not read, a run has only the name.
                input =>
                    !inputs.ContainsKey(input.Key) && FileReference.Read(input.Value) is { } file
                        ? AppJson.Text($"[{file.Name}]")
                        : input.Value
            ),
            AppJson.Options
        );
    }

    /// <summary>
    /// The judged output is passed as JSON, in quotes and with escaped line ends, so that instructions in it are recognized as data. The
    /// inputs are an object, so that the call puts the contents of files in place of their references; a prompt shows it as JSON.
    /// </summary>
    private static StepDefinition JudgeDefinition(
        Experiment experiment,
        (Judge Judge, PromptVersion Version) judge,
        int index,
        Names names,
        int order
    )
    {
        var readable = new Dictionary<string, string>
        {
            ["output"] = $"{names.Answer} | json",
            ["expected"] = $"{names.Expected} | json",
            ["inputs"] = names.Inputs,
        };
        return new StepDefinition(
            JudgeStep(experiment.Id, index),
            judge.Version.PromptId,
            judge.Version.Id,
            PromptLabel: null,
            judge.Judge.ModelProfileId,
            readable.Where(value => judge.Version.Variables.Contains(value.Key)).ToDictionary(),
            names.Verdict(index),
            order
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

    /// <summary>The inputs that a workflow has.</summary>
    public static Dictionary<string, JsonElement> Inputs(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonElement> given) =>
        given.Where(input => definition.Inputs.Any(known => known.Name == input.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>Names in the run that no variable of the prompt, or input or output of the workflow, has.</summary>
    private sealed record Names(string Answer, string Expected, string Inputs, string Judge)
    {
        public static Names Of(WorkflowDefinition definition) =>
            Of([.. definition.Inputs.Select(input => input.Name), .. definition.Steps.Select(step => step.OutputKey)]);

        public static Names Of(IReadOnlyCollection<string> taken)
        {
            return new Names(Free("answer"), Free("case_expected"), Free("case_inputs"), Free("answer_judge"));

            string Free(string name)
            {
                while (taken.Any(other => other.StartsWith(name, StringComparison.Ordinal)))
                {
                    name += "_";
                }

                return name;
            }
        }

        /// <summary>The output key of a judge.</summary>
        public string Verdict(int index) => $"{Judge}{index}";
    }
}
