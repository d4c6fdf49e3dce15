using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>One output to rate. Its parent gives it a new key for each output.</summary>
public sealed partial class RatingCard(PageServices services, FeedbackService feedback, RunService runs) : PortalComponent(services)
{
    private ElementReference _card;
    private MarkdownView _view = MarkdownView.Empty;
    private RenderedPrompt? _prompt;
    private Problem? _promptProblem;
    private IReadOnlyList<string> _tags = [];
    private string _tab = "output";
    private string _comment = "";
    private string _correction = "";
    private string _hint = "";
    private int _rating;

    [Parameter, EditorRequired]
    public OutputToRate Output { get; set; } = default!;

    /// <summary>True to take the focus when shown, so that its shortcuts work.</summary>
    [Parameter]
    public bool TakesFocus { get; set; }

    [Parameter]
    public EventCallback<SavedRating> OnSaved { get; set; }

    [Parameter]
    public EventCallback OnSkip { get; set; }

    /// <summary>Gets −1 for the output before, 1 for the one after.</summary>
    [Parameter]
    public EventCallback<int> OnMove { get; set; }

    private (string, string)[] Tabs =>
        [("output", "Output"), ("inputs", $"Inputs ({Output.Log.Input.Count})"), ("prompt", "Rendered prompt")];

    protected override void OnInitialized()
    {
        _view = MarkdownStream.Of(Output.Log.Output);
        if (Output.Own is { } own)
        {
            (_rating, _comment, _tags, _correction) = (own.Rating, own.Comment, own.Tags, own.CorrectedOutput ?? "");
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && TakesFocus)
        {
            await _card.FocusAsync();
        }
    }

    private static string InputText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : RunPageModel.Pretty(value.GetRawText());

    private async Task OpenTabAsync(string tab)
    {
        _tab = tab;
        if (tab == "prompt" && _prompt is null)
        {
            var result = await runs.RenderPromptAsync(await ActorAsync(), Output.Item.LogId, Left);
            (_prompt, _promptProblem) = (result.IsOk ? result.Value : null, result.Problem);
        }
    }

    /// <summary>The correction starts with the output. An unchanged text is not a correction.</summary>
    private void StartCorrection()
    {
        if (_correction.Length == 0)
        {
            _correction = Output.Log.Output;
        }
    }

    private async Task SaveAsync()
    {
        // Not a disabled button: someone who types a rating and Enter is faster than the answer to the rating.
        _hint = _rating == 0 ? "Choose a rating first" : "";
        if (_rating == 0)
        {
            return;
        }

        SavedRating? saved = null;
        await OnceAsync(async () =>
        {
            var input = new FeedbackInput(_rating, _comment, _tags, Lines(_correction) == Lines(Output.Log.Output) ? "" : _correction);
            var result = await feedback.PutAsync(await ActorAsync(), Output.Item.LogId, input, Left);
            Problem = result.Problem;
            saved = result.IsOk ? new SavedRating(Output.Item.LogId, _rating, Output.Own) : null;
        });
        if (saved is not null)
        {
            await OnSaved.InvokeAsync(saved);
        }
    }

    /// <summary>A browser gives back the line ends of a text area as it likes.</summary>
    private static string Lines(string text) => text.ReplaceLineEndings("\n");
}
