using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class OutputRating(PageServices services, FeedbackService feedback) : PortalComponent(services)
{
    private readonly string _commentId = "comment-" + Ids.New();
    private IReadOnlyList<FeedbackItem> _all = [];
    private IReadOnlyList<string> _tags = [];
    private int _rating;
    private string _comment = "";
    private string _said = "";
    private bool _open;

    /// <summary>Id of the ExecutionLog.</summary>
    [Parameter, EditorRequired]
    public string LogId { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>Shown in the same line.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    private string Average => _all.Average(item => item.Rating).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (_all.FirstOrDefault(item => item.UserId == Viewer?.UserId && item.EndUser is null) is { } own)
        {
            (_rating, _comment, _tags) = (own.Rating, own.Comment, own.Tags);
        }
    }

    private async Task LoadAsync()
    {
        var result = await feedback.ListAsync(await ActorAsync(), LogId, Left);
        (_all, Problem) = (result.IsOk ? result.Value : [], result.Problem);
    }

    private async Task RateAsync(int rating)
    {
        _rating = rating;
        await SaveAsync(close: false);
    }

    private async Task SaveAsync(bool close)
    {
        var result = await feedback.PutAsync(await ActorAsync(), LogId, new FeedbackInput(_rating, _comment, _tags), Left);
        if (!result.IsOk)
        {
            (Problem, _said) = (result.Problem, "");
            return;
        }

        _open = _open && !close;
        await LoadAsync();
        _said = "Saved";
    }
}
