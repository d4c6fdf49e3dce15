using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>Deletes what a person wrote in the rows of a feature, when they are deleted with their texts.</summary>
public interface IPersonalTexts
{
    /// <summary>Changes the rows in the caller's transaction, which ends with the save; the person is still there.</summary>
    /// <returns>Why the person cannot be deleted now; null: they can.</returns>
    internal Task<Problem?> EraseAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken);
}
