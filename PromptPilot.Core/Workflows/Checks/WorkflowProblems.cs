using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Checks;

/// <summary>Finds everything that is wrong with a workflow: a pure function of what the author wrote and what it refers to.</summary>
internal static class WorkflowProblems
{
    public const int MaxNameLength = 200;
    public const int MaxSteps = 100;
    public const int MaxInputs = 50;
    public const int MaxTags = 20;
    public const int MaxTagLength = 50;

    /// <summary>A refusal with each problem at its field.</summary>
    public static Problem Refused(string message, IEnumerable<WorkflowProblem> problems) =>
        Problem.Invalid(message, [.. problems.Select(p => new FieldError(p.Field, p.Message, p.Line, p.Column))]);

    /// <summary>All problems, in the order of the form's fields.</summary>
    /// <param name="content">Tidied.</param>
    /// <param name="facts">Facts from the database about the items that the steps refer to.</param>
    public static IReadOnlyList<WorkflowProblem> Find(WorkflowContent content, WorkflowFacts facts)
    {
        var problems = new List<WorkflowProblem>();
        problems.AddRange(OfHead(content));
        problems.AddRange(OfInputs(content.Inputs));
        problems.AddRange(WorkflowOptionProblems.Find(content.Options, content.Limits, [.. content.Inputs.Select(input => input.Name)]));
        if (content.Steps.Count == 0)
        {
            problems.Add(new WorkflowProblem("steps", "Add at least one step.", BlocksSaving: false));
        }

        var keys = new KeyScope(content);
        foreach (var position in content.Sequence())
        {
            problems.AddRange(StepProblems.Find(content.Steps[position], position, keys, facts));
            keys.Pass(position);
        }

        return problems;
    }

    private static IEnumerable<WorkflowProblem> OfHead(WorkflowContent content)
    {
        if (string.IsNullOrWhiteSpace(content.Name))
        {
            yield return new WorkflowProblem("name", "Enter a name for the workflow.", BlocksSaving: true);
        }
        else if (content.Name.Length > MaxNameLength)
        {
            yield return new WorkflowProblem("name", $"A name can have at most {MaxNameLength} characters.", BlocksSaving: true);
        }

        if (content.Tags.Count > MaxTags || content.Tags.Any(tag => tag.Length > MaxTagLength))
        {
            yield return new WorkflowProblem(
                "tags",
                $"A workflow can have at most {MaxTags} tags of {MaxTagLength} characters.",
                BlocksSaving: true
            );
        }

        if (content.Inputs.Count > MaxInputs)
        {
            yield return new WorkflowProblem("inputs", $"A workflow can have at most {MaxInputs} inputs.", BlocksSaving: true);
        }

        if (content.Steps.Count > MaxSteps)
        {
            yield return new WorkflowProblem("steps", $"A workflow can have at most {MaxSteps} steps.", BlocksSaving: true);
        }
    }

    private static IEnumerable<WorkflowProblem> OfInputs(IReadOnlyList<WorkflowInput> inputs)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            if (KeyNames.Problem(input.Name, LiquidFilters.IsFilter) is { } wrongName)
            {
                yield return new WorkflowProblem($"inputs[{i}].name", wrongName, BlocksSaving: true);
            }
            else if (!seen.Add(input.Name))
            {
                yield return new WorkflowProblem(
                    $"inputs[{i}].name",
                    $"There is already an input “{input.Name}”. Choose another name.",
                    BlocksSaving: true
                );
            }

            if (
                input.Type == VariableType.Choice
                && (
                    input.Choices.Count == 0
                    || input.Choices.Any(string.IsNullOrWhiteSpace)
                    || input.Choices.Distinct().Count() != input.Choices.Count
                )
            )
            {
                yield return new WorkflowProblem($"inputs[{i}].choices", "List each choice once.", BlocksSaving: true);
            }
            else if (input is { Default: not null } && input.Type.FileKind() is not null)
            {
                yield return new WorkflowProblem(
                    $"inputs[{i}].default",
                    "A picture or document has no default. Make the input optional instead.",
                    BlocksSaving: true
                );
            }
            else if (input.Default is { } value && InputValues.Problem(value, input.Type, input.Choices) is { } wrongDefault)
            {
                yield return new WorkflowProblem($"inputs[{i}].default", $"The default is not valid. {wrongDefault}", BlocksSaving: true);
            }
        }
    }
}

/// <summary>The keys that a step may read, while iterating over the steps in order.</summary>
internal sealed class KeyScope
{
    /// <summary>In every run context: what started it, and the run itself.</summary>
    private static readonly string[] Always = ["trigger", "run"];

    private readonly WorkflowContent _content;
    private readonly List<int> _ahead;
    private readonly HashSet<string> _readable;
    private readonly HashSet<string> _inputs;

    public KeyScope(WorkflowContent content)
    {
        _content = content;
        _ahead = [.. content.Sequence()];
        _inputs = [.. content.Inputs.Select(input => input.Name)];
        _readable = [.. Always, .. _inputs];
    }

    public bool IsInput(string key) => _inputs.Contains(key);

    public bool IsReadable(string key) => _readable.Contains(key);

    public IEnumerable<string> Readable() => _readable;

    /// <summary>The inputs whose pictures a step sends.</summary>
    public IReadOnlyList<string> PicturesOf(StepContent step) => StepPictures.Of(step.InputMapping, _content.Inputs);

    /// <summary>The position from 1 of the step that writes the key but has not run yet, or null.</summary>
    public int? WrittenLaterBy(string key)
    {
        var index = _ahead.FindIndex(position => _content.Steps[position].OutputKey == key);
        return index < 0 ? null : _content.Steps.Count - _ahead.Count + index + 1;
    }

    /// <summary>The step at the position has run: its key may be read from now on.</summary>
    public void Pass(int position)
    {
        _ahead.Remove(position);
        _readable.Add(_content.Steps[position].OutputKey);
    }
}
