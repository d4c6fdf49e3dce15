using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Runs.Steps;

public sealed partial class StepItems
{
    private const int PageSize = 25;
    private const int MostLive = 4;

    private readonly HashSet<int> _toggled = [];
    private IReadOnlyList<StepOutputModel> _matching = [];
    private ItemKind _kind;
    private int _page;

    private enum ItemKind
    {
        All,
        Live,
        Failed,
    }

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;

    /// <summary>The latest attempt of each item that has begun.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<StepOutputModel> Outputs { get; set; } = [];

    /// <summary>A few texts can be read while they are written; of more, a line each.</summary>
    private bool FewLive => Outputs.Count(IsLive) <= MostLive;

    private int Done => Outputs.Count(output => !output.Attempt.IsOpen && output.Attempt.RetryAt is null);

    private IEnumerable<(ItemKind Kind, string Name, int Count)> Kinds =>
        [
            (ItemKind.All, "All", Outputs.Count),
            (ItemKind.Live, "Streaming", Outputs.Count(IsLive)),
            (ItemKind.Failed, "Failed", Outputs.Count(HasFailed)),
        ];

    /// <summary>The items of the selected kind: active ones first, then failed ones, then the others, each in list order.</summary>
    private IReadOnlyList<StepOutputModel> Matching => _matching;

    private int Page => Math.Clamp(_page, 0, Math.Max(0, (Matching.Count - 1) / PageSize));

    private string Range =>
        $"{Format.Count(First + 1)}–{Format.Count(Math.Min(First + PageSize, Matching.Count))} of {Format.Count(Matching.Count)}";

    private int First => Page * PageSize;

    protected override void OnParametersSet() => Match();

    private void Show(ItemKind kind)
    {
        (_kind, _page) = (kind, 0);
        Match();
    }

    private void Match() =>
        _matching = [
            .. Outputs
                .Where(output =>
                    _kind switch
                    {
                        ItemKind.Live => IsLive(output),
                        ItemKind.Failed => HasFailed(output),
                        ItemKind.All => true,
                    }
                )
                .OrderBy(output =>
                    IsLive(output) ? 0
                    : HasFailed(output) ? 1
                    : 2
                ),
        ];

    private static bool IsLive(StepOutputModel output) => output.IsLive;

    private static bool HasFailed(StepOutputModel output) =>
        output is { IsLive: false, Attempt.Status: not (null or ExecutionStatus.Success), Attempt.RetryAt: null };

    private bool IsOpen(StepOutputModel output) => (output.IsLive && FewLive) != _toggled.Contains(output.Attempt.ItemIndex ?? 0);

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
        if (output.IsLive)
        {
            return output.Tokens > 0 ? $"≈ {Format.Count(output.Tokens, "token")}" : "Waiting for the first token…";
        }

        var text = output.Attempt.Status == ExecutionStatus.Success ? output.Attempt.Text : output.Attempt.ErrorMessage ?? "";
        return Shorten.Text(text.ReplaceLineEndings(" ").Trim(), 160);
    }
}
