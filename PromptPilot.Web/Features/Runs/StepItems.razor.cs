using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class StepItems
{
    private const int Most = 20;

    private readonly HashSet<int> _toggled = [];
    private bool _all;

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;

    /// <summary>The latest attempt of each item that has begun.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<StepOutputModel> Outputs { get; set; } = [];

    private int Done => Outputs.Count(output => !output.Attempt.IsOpen && output.Attempt.RetryAt is null);

    /// <summary>What moves or failed is always there; the rest up to a page.</summary>
    private IEnumerable<StepOutputModel> Shown =>
        _all || Outputs.Count <= Most
            ? Outputs
            : Outputs.Where(
                (output, position) => position < Most || output.IsLive || output.Attempt.Status is not (null or ExecutionStatus.Success)
            );

    private bool IsOpen(StepOutputModel output) => output.IsLive != _toggled.Contains(output.Attempt.ItemIndex ?? 0);

    private void Toggle(int index)
    {
        if (!_toggled.Remove(index))
        {
            _toggled.Add(index);
        }
    }

    private static string Word(StepOutputModel output) =>
        output switch
        {
            { IsLive: true } => "Streaming",
            { Attempt.Status: ExecutionStatus.Success } => "Succeeded",
            { Attempt.RetryAt: not null } => "Retrying",
            { Attempt.ErrorCode: { } code } => RunAdvice.Word(code),
            _ => "Pending",
        };

    private static string Sign(StepOutputModel output) =>
        output switch
        {
            { IsLive: true } => "●",
            { Attempt.Status: ExecutionStatus.Success } => "✓",
            { Attempt.RetryAt: not null } => "↻",
            _ => "✕",
        };

    private static string Tone(StepOutputModel output) =>
        output switch
        {
            { IsLive: true } => "run",
            { Attempt.Status: ExecutionStatus.Success } => "ok",
            { Attempt.RetryAt: not null } => "warn",
            _ => "bad",
        };

    private static string Excerpt(StepOutputModel output)
    {
        var text = output.Attempt.Status == ExecutionStatus.Success ? output.Attempt.Text : output.Attempt.ErrorMessage ?? "";
        return Shorten.Text(text.ReplaceLineEndings(" ").Trim(), 91);
    }
}
