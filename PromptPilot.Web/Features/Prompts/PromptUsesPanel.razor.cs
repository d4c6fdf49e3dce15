using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Prompts;

public sealed partial class PromptUsesPanel
{
    [Parameter, EditorRequired]
    public IReadOnlyList<PromptUse> Uses { get; set; } = [];

    /// <summary>Prompts that include it.</summary>
    [Parameter]
    public IReadOnlyList<PartUse> PartUses { get; set; } = [];

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    [Parameter]
    public bool CanEdit { get; set; }

    /// <summary>“runs manually and on a schedule”.</summary>
    public static string Words(IReadOnlyList<TriggerType> triggers) =>
        triggers.Count == 0 ? "no active triggers" : $"runs {string.Join(" and ", triggers.Select(Word))}";

    private static string Word(TriggerType type) =>
        type switch
        {
            TriggerType.Manual => "manually",
            TriggerType.Scheduled => "on a schedule",
            TriggerType.Webhook => "by webhook",
        };

    private static string Where(PromptUse use) =>
        use switch
        {
            { IsArchived: true } => "Archived",
            { IsLive: true, InDraft: true } => "Published",
            { IsLive: true } => "Published, not in the draft",
            { InPublished: true, InDraft: true } => "Draft, previously published",
            { InPublished: true } => "Previously published",
            _ => "Draft",
        };

    private static string Words(PartUse use) =>
        string.Join(
            " · ",
            new[]
            {
                "prompt",
                use.Labels.Count == 0 ? null : $"follows {string.Join(", ", use.Labels)}",
                use.Versions.Count == 0 ? null : $"pinned to {string.Join(", ", use.Versions)}",
            }.OfType<string>()
        );

    private static string Words(PromptUse use) =>
        string.Join(
            " · ",
            new[]
            {
                use.Steps.Count == 0 ? null : $"step {string.Join(", ", use.Steps)}",
                use.Labels.Count == 0 ? null : $"follows {string.Join(", ", use.Labels)}",
                use.Versions.Count == 0 ? null : $"pinned to {string.Join(", ", use.Versions)}",
                use.IsLive ? Words(use.Triggers) : null,
            }.OfType<string>()
        );
}
