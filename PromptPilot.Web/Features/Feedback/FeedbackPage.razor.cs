using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>The queue of outputs to rate. The open one is reserved for the viewer. Everything works by keyboard.</summary>
public sealed partial class FeedbackPage(
    PageServices services,
    RatingQueueService queueService,
    FeedbackService feedback,
    FeedbackChoices choices
) : ListPage<RateQuery, RatingItem>(services)
{
    private readonly HashSet<string> _skipped = new(StringComparer.Ordinal);
    private RatingQueue? _queue;
    private OutputToRate? _open;
    private SavedRating? _undo;
    private string? _wanted;
    private string? _notice;
    private string _said = "";
    private bool _takesFocus;
    private int _ratingsShown;

    /// <summary>An output that is opened by its address is shown even when the queue is empty.</summary>
    private IReadOnlyList<RatingItem> Shown => Items is [] && _open is not null ? [_open.Item] : Items ?? [];

    protected override bool IsFiltered => Filter.IsFiltered;

    protected override string IdOf(RatingItem item) => item.LogId;

    protected override void FilterChanged() => _wanted = Filter.Output;

    protected override async Task OnInitializedAsync()
    {
        if (!May(Permission.Run))
        {
            return;
        }

        await base.OnInitializedAsync();
        await choices.LoadAsync(await ActorAsync(), Left);
    }

    protected override async Task<Result<Page<RatingItem>>> ListAsync(RateQuery filter, PageRequest request)
    {
        var actor = await ActorAsync();
        var wanted = _wanted;
        var queue = await queueService.OpenAsync(actor, filter.ToFilter(), wanted, _skipped, Left);
        if (!queue.IsOk)
        {
            return queue.Problem;
        }

        _notice = wanted is not null && queue.Value.Open != wanted ? "Someone else is rating that output. This is the next one." : null;
        if (queue.Value.Open is not { } logId)
        {
            _open = null;
        }
        else
        {
            var open = await queueService.FindAsync(actor, logId, Left);
            if (!open.IsOk)
            {
                return open.Problem;
            }

            _open = open.Value;
        }

        _queue = queue.Value;
        return new Page<RatingItem>(queue.Value.Items, null);
    }

    private async Task OpenAsync(string? logId)
    {
        _wanted = logId;
        _takesFocus = true;
        await LoadAsync();
    }

    private async Task SavedAsync(SavedRating saved)
    {
        _undo = saved;
        _ratingsShown++;
        await OpenAsync(null);
        _said = $"Saved {saved.Rating} of 5, {RatingWords.Of(saved.Rating)}. {NextText()}";
    }

    private async Task SkipAsync()
    {
        _skipped.Add(_open!.Item.LogId);
        await OpenAsync(null);
        _said = $"Skipped. {NextText()}";
    }

    private async Task UnskipAsync()
    {
        _skipped.Clear();
        await OpenAsync(null);
    }

    private Task MoveAsync(int step)
    {
        var at = Items!.FindIndex(item => item.LogId == _open?.Item.LogId);
        var next = Math.Clamp(at + step, 0, Items.Count - 1);
        return next == at || Items.Count == 0 ? Task.CompletedTask : OpenAsync(Items[next].LogId);
    }

    /// <summary>Puts the last rating back to what it was before, and opens that output again.</summary>
    private Task UndoAsync() =>
        OnceAsync(async () =>
        {
            if (_undo is not { } undo)
            {
                return;
            }

            var actor = await ActorAsync();
            var problem = undo.Before is { } before
                ? (await feedback.PutAsync(actor, undo.LogId, before, Left)).Problem
                : (await feedback.DeleteAsync(actor, undo.LogId, null, Left)).Problem;
            if (problem is { Kind: not ProblemKind.NotFound })
            {
                Problem = problem;
                return;
            }

            _undo = null;
            _ratingsShown++;
            await OpenAsync(undo.LogId);
            _said = "Rating undone.";
        });

    private string NextText() => _open is null ? "Nothing is left to rate." : $"Next: {_open.Item.PromptName}.";
}
