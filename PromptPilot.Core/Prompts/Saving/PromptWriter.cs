using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Shared;
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
        prompt.Parts = [.. draft.Pins ?? []];
        prompt.Variables = PromptSource.Of(draft).Variables();
        prompt.VariableDefinitions = [.. draft.VariableDefinitions];
        prompt.Metadata.Category = draft.Category;
        prompt.Metadata.Tags = [.. draft.Tags];
        prompt.Metadata.IsPart = draft.IsPart ?? prompt.Metadata.IsPart;
        prompt.UpdatedAt = now;
    }

    /// <summary>Adds a snapshot of the row as its newest version.</summary>
    /// <param name="id">Its id, where something refers to it before it is written.</param>
    public static void AddVersion(
        PromptPilotDbContext db,
        Prompt prompt,
        int number,
        string version,
        string? message,
        Principal author,
        string? id = null
    )
    {
        var row = new PromptVersion
        {
            Id = id ?? Ids.New(),
            PromptId = prompt.Id,
            Number = number,
            Version = version,
            Name = prompt.Name,
            Content = prompt.Content,
            SystemMessage = prompt.SystemMessage,
            Messages = [.. prompt.Messages],
            Parts = [.. prompt.Parts],
            Variables = [.. prompt.Variables],
            VariableDefinitions = [.. prompt.VariableDefinitions],
            Metadata = new PromptMetadata
            {
                Category = prompt.Metadata.Category,
                Tags = [.. prompt.Metadata.Tags],
                IsPart = prompt.Metadata.IsPart,
            },
            Message = message,
            CreatedBy = author.UserId,
            CreatedAt = prompt.UpdatedAt,
        };
        db.PromptVersions.Add(row);
        prompt.Version = version;
        prompt.LatestVersionId = row.Id;
    }
}
