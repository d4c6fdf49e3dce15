namespace PromptPilot.Core.Exchange.Import;

/// <summary>The effect of an import on a file.</summary>
public enum ImportAction
{
    Create,

    Change,

    /// <summary>It already exists unchanged.</summary>
    Same,

    Refuse,

    /// <summary>Not of the format, and harmless: a README, a hidden file.</summary>
    Ignore,
}

/// <summary>The kind of a file.</summary>
public enum ImportKind
{
    Prompt,
    Workflow,
    TestSet,
    Other,
}

/// <summary>The outcome of one file.</summary>
/// <param name="Version">For a prompt, the version that the import creates.</param>
/// <param name="Id">Id of the existing or created item; null if there is none yet.</param>
public sealed record ImportItem(string File, ImportKind Kind, string? Name, ImportAction Action, string? Version = null, string? Id = null)
{
    /// <summary>Why it is refused or ignored.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Warnings about it, although it is accepted.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The file that an export would write now; null unless it is changed.</summary>
    public string? Before { get; init; }

    /// <summary>The file that an export would write afterwards; null unless it is created or changed.</summary>
    public string? After { get; init; }
}

/// <summary>A model profile that files name and that is not here.</summary>
/// <param name="Workflows">The names of the workflows and test sets that use it.</param>
/// <param name="Choice">The profile chosen to replace it; null: none yet, so these workflows are refused.</param>
public sealed record MissingModel(string Name, IReadOnlyList<string> Workflows, string? Choice);

/// <summary>The result of an import or its preview.</summary>
/// <param name="Fingerprint">Hash of everything it would write and replace. It changes if anything has changed since.</param>
public sealed record ImportReport(
    IReadOnlyList<ImportItem> Items,
    IReadOnlyList<MissingModel> MissingModels,
    string Fingerprint,
    bool Applied
)
{
    public int Count(ImportAction action) => Items.Count(item => item.Action == action);

    /// <summary>True when importing would write anything.</summary>
    public bool HasWork => Items.Any(item => item.Action is ImportAction.Create or ImportAction.Change);
}

/// <summary>Choices of the person who imports.</summary>
/// <param name="Models">Name of a model profile that is not here → name of one that is.</param>
/// <param name="LeaveOutRefused">Import the rest when files are refused; false: then nothing is imported.</param>
/// <param name="Fingerprint">The preview that was seen: when the import would now do something else, it does nothing. Null: whatever it
/// does.</param>
public sealed record ImportChoices(IReadOnlyDictionary<string, string> Models, bool LeaveOutRefused = false, string? Fingerprint = null)
{
    public static readonly ImportChoices None = new(new Dictionary<string, string>());
}
