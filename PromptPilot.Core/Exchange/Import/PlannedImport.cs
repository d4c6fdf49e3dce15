using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>A prompt that the import makes or changes.</summary>
/// <param name="Saved">The existing item; null for a new one.</param>
/// <param name="VersionId">The id of the new version; null if only labels are added.</param>
/// <param name="NewLabels">Labels that do not exist yet. They are set on the created or newest version.</param>
internal sealed record PlannedPrompt(
    string Id,
    PromptDocument Document,
    Prompt? Saved,
    string Version,
    string? VersionId,
    IReadOnlyList<string> NewLabels
);

/// <summary>A workflow that the import makes or changes.</summary>
/// <param name="Content">With ids of prompts, profiles and, where they stay, steps.</param>
internal sealed record PlannedWorkflow(string Id, WorkflowContent Content, Workflow? Saved, IReadOnlyList<TriggerDocument> Triggers);

/// <summary>A test set that the import makes or changes.</summary>
/// <param name="Saved">The existing item; null for a new one.</param>
/// <param name="Checks">With ids of prompts and profiles.</param>
/// <param name="Cases">All that it has afterwards, in order; each with the case that it was before, or null.</param>
/// <param name="Removed">Cases that the file does not have.</param>
internal sealed record PlannedTestSet(
    string Id,
    TestSetOwner Owner,
    string Name,
    TestSet? Saved,
    IReadOnlyList<Check> Checks,
    IReadOnlyList<PlannedCase> Cases,
    IReadOnlyList<TestCase> Removed
);

/// <summary>What a test set tests: a prompt, or a workflow.</summary>
/// <param name="Output">Of a workflow: the output that is checked; null: the final one.</param>
internal sealed record TestSetOwner(string? PromptId, string? WorkflowId, string? Output);

internal sealed record PlannedCase(TestCaseContent Content, CaseOrigin Origin, TestCase? Saved);

/// <summary>All that an import would do.</summary>
internal sealed record PlannedImport(
    IReadOnlyList<ImportItem> Items,
    IReadOnlyList<MissingModel> MissingModels,
    IReadOnlyList<PlannedPrompt> Prompts,
    IReadOnlyList<PlannedWorkflow> Workflows,
    IReadOnlyList<PlannedTestSet> TestSets
)
{
    public ImportReport Report(bool applied) =>
        new(
            [.. applied ? Items : Items.Select(item => item.Action == ImportAction.Create ? item with { Id = null } : item)],
            MissingModels,
            Fingerprint(),
            applied
        );

    /// <summary>Ids of new items are left out: they differ each time.</summary>
    public string Fingerprint()
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var item in Items)
        {
            hash.AppendData(
                ExchangeText.Bytes(
                    $"{item.File}\n{item.Action}\n{item.Version}\n{(item.Action == ImportAction.Create ? "" : item.Id)}\n"
                        + $"{item.Before?.Length}\n{item.Before}\n{item.After?.Length}\n{item.After}\n{string.Join('\n', item.Reasons)}\n\n"
                )
            );
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
