namespace PromptPilot.Core.Workflows.Options;

/// <summary>Options that the designer shows together: one line that says what is set, and opens in place.</summary>
/// <param name="Key">In the page.</param>
/// <param name="Usual">What applies while nothing is set.</param>
/// <param name="Help">One sentence on what they do.</param>
/// <param name="IsWide">One field a line instead of as many as fit.</param>
/// <param name="Set">Replaces the words of the marks in the line.</param>
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

    public static StepOptionSection Arms { get; } =
        new(
            "arms",
            "A/B test",
            "One version",
            "Runs are shared between prompt versions by weight. Results are on the page of the workflow. Test runs use the step's version.",
            IsWide: true
        );

    /// <summary>In the order of the form.</summary>
    public static IReadOnlyList<StepOptionSection> All { get; } = [When, ForEach, Output, Review, Retries, Failure, Parameters, Arms];

    public IEnumerable<StepOption> Options => StepOptionTable.All.Where(option => option.Form?.Section == this);

    /// <summary>The section of an option, by its field; null for what has none.</summary>
    public static StepOptionSection? Of(string field) => StepOptionTable.All.FirstOrDefault(option => option.Field == field)?.Form?.Section;

    /// <summary>What is set, expressions without a word before them; null when nothing is.</summary>
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

/// <summary>The field of an option in the designer. Its control follows from the option's type.</summary>
public sealed record StepOptionForm(StepOptionSection Section, string Label)
{
    /// <summary>One sentence, which can depend on the other options.</summary>
    public Func<StepOptions, string>? Help { get; init; }

    /// <summary>An example, or what applies while the field is empty.</summary>
    public Func<StepOptions, string>? Placeholder { get; init; }

    /// <summary>False while another choice makes the option useless: it is hidden and not saved, but what was typed is kept.</summary>
    public Func<StepOptions, bool> IsOffered { get; init; } = _ => true;

    /// <summary>For an enumeration, in their order.</summary>
    public IReadOnlyList<StepOptionChoice> Choices { get; init; } = [];

    /// <summary>Written in a fixed-width font, without spelling check.</summary>
    public bool IsCode { get; init; }

    /// <summary>Checked while typing, not only once the field is left.</summary>
    public bool IsImmediate { get; init; }

    /// <summary>Has a line of the form to itself.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The JSON is a text, and typed as one.</summary>
    public Func<StepOptions, bool> IsPlainText { get; init; } = _ => false;

    /// <summary>The field grows with its text.</summary>
    public (int Least, int Most) Lines { get; init; } = (1, 1);
}

/// <param name="Value">As the API names it.</param>
public sealed record StepOptionChoice(Enum Value, string Label);
