using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Feedback;

public sealed partial class RatingsCard(PageServices services, RatingSummaryService ratings) : PortalComponent(services)
{
    private const double GoodFrom = 4.2;
    private const double PoorBelow = 3.5;

    private readonly string _id = "ratings-" + Ids.New();
    private RatingSummary? _summary;

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    [Parameter, EditorRequired]
    public string PromptName { get; set; } = "";

    /// <summary>Only ratings of the last so many days; null: all.</summary>
    [Parameter]
    public int? Days { get; set; }

    private IReadOnlyList<(string Id, string Name)> Profiles =>
        [.. _summary!.Cells.Select(cell => (cell.ModelProfileId, cell.ProfileName ?? "Deleted profile")).Distinct().OrderBy(p => p.Item2)];

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var result = await ratings.FindAsync(await ActorAsync(), PromptId, Days, Left);
        (_summary, Problem) = (result.IsOk ? result.Value : null, result.Problem);
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string? ToneOf(RatingCell cell) =>
        cell.IsFew ? "few"
        : cell.Mean >= GoodFrom ? "good"
        : cell.Mean < PoorBelow ? "poor"
        : null;
}
