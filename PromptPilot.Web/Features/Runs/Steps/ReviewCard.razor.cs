using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Steps;

public sealed partial class ReviewCard(PageServices services, RunReviewService reviews, UserService users) : PortalComponent(services)
{
    private static readonly string[] Fields = ["output", "reason"];

    private ReviewVerdict? _mode;
    private string? _text;
    private string _reason = "";
    private string? _shownText;
    private string? _byName;
    private bool _sent;

    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    [Parameter, EditorRequired]
    public PromptPilot.Core.Runs.State.StepState Step { get; set; } = default!;

    [Parameter, EditorRequired]
    public ReviewState Review { get; set; } = default!;

    /// <summary>The output unchanged, with JSON as text.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    private string OutputId => "review-output-" + Step.StepId;

    private string ReasonId => "review-reason-" + Step.StepId;

    private FieldErrors Errors => new(Problem);

    private bool IsText => Step.ItemCount is null && Step.Options.OutputFormat == OutputFormat.Text;

    private string ByName => Review.By == Viewer?.UserId ? "you" : _byName ?? "someone";

    /// <summary>Someone else was first.</summary>
    private bool HasDraft =>
        !_sent && (_mode == ReviewVerdict.Edit ? _text != _shownText : _mode == ReviewVerdict.Reject && _reason.Length > 0);

    private void Open(ReviewVerdict? mode)
    {
        _mode = mode;
        _text ??= _shownText = Text;
        Problem = null;
    }

    private Task SendAsync(ReviewVerdict verdict) =>
        OnceAsync(async () =>
        {
            Problem = null;
            JsonElement? output = null;
            if (verdict == ReviewVerdict.Edit)
            {
                var typed = IsText ? AppJson.Text(_text ?? "") : JsonText.Read(_text ?? "");
                if (!typed.IsOk)
                {
                    Problem = Problem.AtField("output", typed.Problem.Message);
                    return;
                }

                output = typed.Value;
            }

            var answer = new ReviewAnswer(verdict, output, _reason);
            var answered = await reviews.AnswerAsync(await ActorAsync(), Run.Id, Step.StepId, answer, Left);
            (Problem, _sent) = (answered.Problem, answered.IsOk);
        });

    protected override async Task OnParametersSetAsync()
    {
        if (Review.By is { } by && by != Viewer?.UserId && _byName is null)
        {
            var names = await users.ListNamesAsync(await ActorAsync(), Left);
            _byName = names.IsOk ? names.Value.FirstOrDefault(name => name.Id == by)?.Name ?? "a deleted user" : null;
        }
    }
}
