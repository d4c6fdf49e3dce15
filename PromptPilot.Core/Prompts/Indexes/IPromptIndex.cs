using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts.Indexes;

/// <summary>
/// An index that finds parts of words in all texts of prompts. It is derived from them: the database keeps it current in the transaction
/// that changes a prompt.
/// </summary>
internal interface IPromptIndex
{
    /// <summary>
    /// Called after migrating. Makes the index from the existing prompts when a part of it is missing, incomplete or of an older shape.
    /// </summary>
    /// <returns>True when it was rebuilt.</returns>
    Task<bool> EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken);

    /// <summary>The prompts that contain each word, ignoring case and accents.</summary>
    /// <param name="words">One or more, of three characters or more.</param>
    IQueryable<Prompt> Find(PromptPilotDbContext db, IReadOnlyList<string> words);
}
