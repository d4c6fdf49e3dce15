using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users;

/// <summary>Deletes what a person wrote in the rows of a feature, when they are deleted with their texts.</summary>
public interface IPersonalTexts
{
    /// <summary>Changes the rows in the caller's transaction; it saves nothing itself, and the person is still there.</summary>
    internal Task EraseAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken);
}
