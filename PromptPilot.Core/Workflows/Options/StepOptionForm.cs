namespace PromptPilot.Core.Workflows.Options;

/// <summary>Options that the designer shows together, as one line with a summary that expands in place.</summary>
/// <param name="Key">Identifies it on the page.</param>
/// <param name="Usual">The summary while nothing is set.</param>
/// <param name="Help">Help text, one sentence.</param>
/// <param name="IsWide">One field per line instead of as many as fit.</param>
/// <param name="Set">Replaces the summary of the marks.</param>
public sealed record StepOptionSection(string Key, string Title, string Usual, string? Help = null, bool IsWide = false, string? Set = null)
{
    public static StepOptionSection When { get; } = new("when", "Run when", "Always", IsWide: true);

    public static StepOptionSection ForEach { get; } = new("each", "For each", "Off", IsWide: true);

    public static StepOptionSection Output { get; } = new("output", "Format", "Text", IsWide: true);

    public static StepOptionSection Review { get; } =
        new(
            "review",
            "Review",
            "Off",
            "The run waits until a person approves, edits or rejects the output. Rejecting ends the run.",
            Set: "Required"
        );

    public static StepOptionSection Retries { get; } =
        new(
            "retries",
            "Retries",
            $"{StepOptions.DefaultAttempts} attempts",
            "A call is retried if the model is busy, the answer is cut off, or it is not the expected JSON. "
                + "The timeout applies to each attempt."
        );

    public static StepOptionSection Failure { get; } = new("failure", "On failure", "Fail the run", IsWide: true, Set: "Use a default");

    public static StepOptionSection Parameters { get; } =
        new("parameters", "Parameters", "From profile", "Override the model profile's parameters.");

    public static StepOptionSection Fallbacks { get; } =
        new(
            "fallbacks",
            "Fallbacks",
            "From profile",
            "Profiles that the step calls, in order, while its own is down, out of quota or no longer offers the model.",
            IsWide: true
        );

    public static StepOptionSection Arms { get; } =
        new(
            "arms",
            "A/B test",
            "One version",
            "Splits runs between prompt versions and model profiles by weight. Results are on the workflow's page. "
                + "Test runs use the step's own version and profile.",
            IsWide: true
        );

    /// <summary>In the order of the form.</summary>
    public static IReadOnlyList<StepOptionSection> All { get; } =
    [When, ForEach, Output, Review, Retries, Failure, Parameters, Fallbacks, Arms];

    public IEnumerable<StepOption> Options => StepOptionTable.All.Where(option => option.Form?.Section == this);

    /// <summary>The section of an option by its field, or by a path into it such as <c>arms[1].weight</c>, or null.</summary>
    public static StepOptionSection? Of(string field) =>
        StepOptionTable.All.FirstOrDefault(option => option.Field == field.Split('[')[0])?.Form?.Section;

    /// <summary>A summary of the set options; null if none is set. Expressions have no word before them.</summary>
    public string? WordsOf(StepOptions options)
    {
        var marks = Options
            .Select(option => option.Mark?.Invoke(options))
            .OfType<OptionMark>()
            .Select(mark => string.Join(", ", new[] { mark.Code ?? Set ?? mark.Word, mark.More }.OfType<string>()))
            .ToList();
        return marks.Count == 0 ? null : string.Join(" · ", marks);
    }
}

/// <summary>A control that does not follow from the type of an option.</summary>
public enum StepOptionControl
{
    ByType,

    /// <summary>Rows of an A/B test.</summary>
    Arms,

    /// <summary>A JSON Schema.</summary>
    Schema,

    /// <summary>Model profiles in order.</summary>
    Fallbacks,

    /// <summary>One of the workflow's inputs, while there is an A/B test.</summary>
    Input,
}

/// <summary>The field of an option in the designer.</summary>
public sealed record StepOptionForm(StepOptionSection Section, string Label)
{
    public StepOptionControl Control { get; init; }

    /// <summary>Help text, one sentence. Can depend on the other options.</summary>
    public Func<StepOptions, string>? Help { get; init; }

    /// <summary>An example, or the value that applies while the field is empty.</summary>
    public Func<StepOptions, string>? Placeholder { get; init; }

    /// <summary>False while another option makes this one useless. It is then hidden and not saved, but keeps its text.</summary>
    public Func<StepOptions, bool> IsOffered { get; init; } = _ => true;

    /// <summary>The choices of an enumeration, in order.</summary>
    public IReadOnlyList<StepOptionChoice> Choices { get; init; } = [];

    /// <summary>Shown in a fixed-width font, without spell checking.</summary>
    public bool IsCode { get; init; }

    /// <summary>Checked while typing, not only when the field loses focus.</summary>
    public bool IsImmediate { get; init; }

    /// <summary>Takes a whole line of the form.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The JSON value is a string, typed without quotes.</summary>
    public Func<StepOptions, bool> IsPlainText { get; init; } = _ => false;

    /// <summary>The field grows with its text.</summary>
    public (int Least, int Most) Lines { get; init; } = (1, 1);
}

/// <param name="Value">The name in the API.</param>
public sealed record StepOptionChoice(Enum Value, string Label);
