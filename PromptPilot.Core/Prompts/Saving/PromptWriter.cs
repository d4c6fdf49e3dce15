using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>Writes a saved change: the row, and the immutable version beside it.</summary>
internal static class PromptWriter
{
    /// <summary>Puts a normalized, checked draft into the row.</summary>
    public static void Apply(PromptDraft draft, Prompt prompt, DateTime now)
    {
        prompt.Name = draft.Name;
        prompt.NormalizedName = draft.Name.ToUpperInvariant();
        prompt.Content = draft.Content;
        prompt.SystemMessage = draft.SystemMessage;
        prompt.Messages = [.. draft.Messages ?? []];
        prompt.Variables = PromptSource.Of(draft).Variables();
        prompt.VariableDefinitions = [.. draft.VariableDefinitions];
        prompt.Metadata.Category = draft.Category;
        prompt.Metadata.Tags = [.. draft.Tags];
        prompt.UpdatedAt = now;
    }

    /// <summary>Adds the snapshot of the row as it is now, as its newest version.</summary>
    public static void AddVersion(PromptPilotDbContext db, Prompt prompt, int number, string version, string? message, Principal author)
    {
        var row = new PromptVersion
        {
            PromptId = prompt.Id,
            Number = number,
            Version = version,
            Name = prompt.Name,
            Content = prompt.Content,
            SystemMessage = prompt.SystemMessage,
            Messages = [.. prompt.Messages],
            Variables = [.. prompt.Variables],
            VariableDefinitions = [.. prompt.VariableDefinitions],
            Metadata = new PromptMetadata { Category = prompt.Metadata.Category, Tags = [.. prompt.Metadata.Tags] },
            Message = message,
            CreatedBy = author.UserId,
            CreatedAt = prompt.UpdatedAt,
        };
        db.PromptVersions.Add(row);
        prompt.Version = version;
        prompt.LatestVersionId = row.Id;
    }
}
