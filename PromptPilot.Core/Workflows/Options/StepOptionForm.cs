namespace PromptPilot.Core.Workflows.Options;

/// <summary>Options that the designer shows together.</summary>
/// <param name="Help">One sentence on what they do.</param>
/// <param name="IsWide">One field a line instead of as many as fit.</param>
public sealed record StepOptionSection(string Title, string? Help = null, bool IsWide = false)
{
    public static StepOptionSection Flow { get; } = new("Condition and list", IsWide: true);

    public static StepOptionSection Output { get; } = new("Output", IsWide: true);

    public static StepOptionSection Review { get; } =
        new("Review", "The run waits until a person approves, edits or rejects the output. Rejecting ends the run.");

    public static StepOptionSection Calls { get; } =
        new(
            "Calls",
            "A call is retried if the model is busy, the answer is cut off, or it is not the expected JSON. "
                + "The timeout applies to each attempt."
        );

    public static StepOptionSection Parameters { get; } = new("Parameters", "Override the model profile's parameters.");

    public static StepOptionSection Arms { get; } =
        new(
            "A/B test",
            "Runs are shared between prompt versions by weight. Results are on the page of the workflow. Test runs use the step's version.",
            IsWide: true
        );

    /// <summary>In the order of the form.</summary>
    public static IReadOnlyList<StepOptionSection> All { get; } = [Flow, Output, Review, Calls, Parameters, Arms];

    public IEnumerable<StepOption> Options => StepOptionTable.All.Where(option => option.Form?.Section == this);
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
