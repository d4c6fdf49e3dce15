using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Runs.Compare;

public sealed partial class CompareStep
{
    private static readonly (string Name, Func<StepSide, string?> Read)[] Facts =
    [
        ("Prompt", side => $"{side.PromptName} {side.PromptVersion}"),
        ("Model", side => side.Model is null || side.Model == side.ProfileName ? side.ProfileName : $"{side.ProfileName} · {side.Model}"),
        ("Parameters", Parameters),
        ("Tokens in · out", side => $"{Format.Tokens(side.InputTokens)} · {Format.Tokens(side.OutputTokens)}"),
        ("Cost", side => Format.Money(side.Cost)),
        ("Time", side => side.DurationMs is { } took ? Format.Duration(took) : null),
        (
            "Calls",
            side =>
                side.Calls == 0 ? "none"
                : side.IsReused ? "reused from an earlier run"
                : Format.Count(side.Calls)
        ),
        ("Error", side => side.Error),
    ];

    private bool _sawPrompt;

    [Parameter, EditorRequired]
    public StepComparison Step { get; set; } = default!;

    /// <summary>See <see cref="DiffText"/>.</summary>
    [Parameter]
    public bool? IsInline { get; set; }

    private string TitleId => "compare-" + Step.OutputKey;

    private IEnumerable<string> Differences =>
        new (bool Is, string Word)[]
        {
            (Step.HasOtherSetup, "prompt or model"),
            (Step.Values.Count > 0, "values"),
            (Step.Left!.Status != Step.Right!.Status, "status"),
            (Step is { Prompt: { IsSame: false }, Values.Count: 0 }, "rendered prompt"),
            (Step.Output is { IsSame: false }, "output"),
        }
            .Where(difference => difference.Is)
            .Select(difference => difference.Word);

    private static RenderFragment Chip(StepSide? side) =>
        builder =>
        {
            if (side is null)
            {
                builder.AddContent(0, "not in this run");
                return;
            }

            builder.OpenComponent<StatusChip>(1);
            builder.AddAttribute(2, nameof(StatusChip.Step), (PromptPilot.Core.Runs.State.StepStatus?)side.Status);
            builder.CloseComponent();
        };

    private static string? Parameters(StepSide side) =>
        side.Parameters is not { } own ? null
        : string.Join(
            ", ",
            new[]
            {
                own.Temperature is { } temperature ? FormattableString.Invariant($"temperature {temperature}") : null,
                own.MaxTokens is { } most ? $"at most {Format.Count(most)} tokens" : null,
                own.TopP is { } topP ? FormattableString.Invariant($"top-p {topP}") : null,
                own.Effort is { } effort ? $"{effort.ToString().ToLowerInvariant()} effort" : null,
            }.OfType<string>()
        )
            is { Length: > 0 } words
            ? words
        : null;
}
