using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Models;

public sealed partial class PricesFields
{
    /// <summary>The fields that show their errors here.</summary>
    internal static readonly string[] ShownErrors =
    [
        "prices.inputPerMillion",
        "prices.cachedInputPerMillion",
        "prices.cacheWritePerMillion",
        "prices.outputPerMillion",
        "budgets.day",
        "budgets.month",
    ];

    [Parameter, EditorRequired]
    public ModelProfileForm Form { get; set; } = default!;

    /// <summary>Errors of the last attempt to save.</summary>
    [Parameter]
    public Problem? Problem { get; set; }

    private FieldErrors Errors => new(Problem);

    private void Take(ChangeEventArgs change)
    {
        if (KnownModels.All.FirstOrDefault(model => model.Name == change.Value as string) is { } model)
        {
            Form.Take(model);
        }
    }

    /// <summary>Models that were shut down are known, but no longer offered.</summary>
    private static bool IsOffered(KnownModel model) =>
        model.Price is not null && (model.EndsOn is not { } end || end > DateOnly.FromDateTime(DateTime.UtcNow));

    private static string Words(KnownModel model) =>
        $"{model.Name}: {Words(model.Price)}" + (model.EndsOn is { } end ? $", until {Day(end)}" : "");

    private static string Words(KnownPrice? price) => $"{Usd(price?.InputPerMillion)} in, {Usd(price?.OutputPerMillion)} out";

    private static string Usd(decimal? price) => string.Create(CultureInfo.InvariantCulture, $"${price:0.00}");

    private static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
