using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>A workflow of one step, so that it can be tried alone: the keys it reads become inputs.</summary>
public static class OneStep
{
    private const string Trigger = "trigger";

    /// <param name="content">The draft.</param>
    /// <param name="index">The position of the step in the draft, from 0.</param>
    /// <returns>
    /// The step alone. What it reads of the workflow's inputs keeps its type; what it reads of earlier steps is text, or JSON where they
    /// give JSON or a list, and optional where each reading has a default.
    /// A key that cannot be read at the step's place becomes no input, so that it stays the problem that it is in the draft.
    /// </returns>
    public static WorkflowContent Of(WorkflowContent content, int index)
    {
        var step = content.Steps[index];
        var earlier = content.Sequence().TakeWhile(position => position != index).Select(position => content.Steps[position]).ToList();
        var inputs = new List<WorkflowInput>();
        foreach (var key in Readings(step).SelectMany(reading => reading.Reads).Distinct())
        {
            if (content.Inputs.FirstOrDefault(input => input.Name == key) is { } input)
            {
                inputs.Add(input);
            }
            else if (earlier.FirstOrDefault(other => other.OutputKey == key) is { } writer)
            {
                inputs.Add(
                    StandIn(key, writer, isNeeded: Readings(step).Any(reading => !reading.HasDefault && reading.Reads.Contains(key)))
                );
            }
        }

        return content with
        {
            Inputs = inputs,
            Steps = [step with { Order = 1, Options = step.Options with { Arms = null, ArmsBy = null } }],
        };
    }

    /// <summary>True when any of the steps reads <c>trigger</c>: a test run then takes a payload.</summary>
    public static bool ReadsTrigger(WorkflowContent content) =>
        content.Steps.SelectMany(Readings).Any(reading => reading.Reads.Contains(Trigger));

    /// <summary>The expressions that can be parsed. One that cannot is a problem of the draft and reads nothing.</summary>
    private static IEnumerable<(IReadOnlyList<string> Reads, bool HasDefault)> Readings(StepContent step)
    {
        foreach (
            var text in step
                .InputMapping.Values.Append(step.Options.ForEach)
                .OfType<string>()
                .Where(text => !string.IsNullOrWhiteSpace(text))
        )
        {
            var expression = LiquidExpression.Parse(text);
            yield return (expression.Errors.Count == 0 ? expression.Reads : [], expression.HasDefault);
        }

        if (!string.IsNullOrWhiteSpace(step.Options.When))
        {
            var condition = LiquidCondition.Parse(step.Options.When);
            yield return (condition.Errors.Count == 0 ? condition.Reads : [], condition.HasDefault);
        }
    }

    private static WorkflowInput StandIn(string key, StepContent writer, bool isNeeded) =>
        new()
        {
            Name = key,
            Type =
                writer.Options.OutputFormat == OutputFormat.Json || !string.IsNullOrWhiteSpace(writer.Options.ForEach)
                    ? VariableType.Json
                    : VariableType.Text,
            Required = isNeeded,
            Description = "Used in place of the step's output.",
        };
}
