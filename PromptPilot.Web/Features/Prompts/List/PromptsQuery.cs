using PromptPilot.Core.Prompts;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts.List;

/// <summary>The list of prompts as its address filters and sorts it, and where it begins.</summary>
public sealed record PromptsQuery(
    string? Text,
    string? Category,
    string? Tag,
    string? Label,
    string? Author,
    string? Archived,
    string? Sort,
    string? After
)
{
    internal bool IsArchived => Archived == "true";

    internal bool IsFiltered => this is not { Text: null, Category: null, Tag: null, Label: null, Author: null } || IsArchived;

    internal PromptFilter ToFilter() =>
        new(
            Text,
            Category,
            Tag,
            Label,
            Author,
            IsArchived,
            QueryWord.Enum<PromptSort>(Sort) ?? (Text is null ? PromptSort.Name : PromptSort.Match)
        );
}
