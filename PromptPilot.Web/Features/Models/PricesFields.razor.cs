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
        if (KnownPrices.All.FirstOrDefault(price => price.Model == change.Value as string) is { } price)
        {
            Form.Take(price);
        }
    }

    /// <summary>Models that were shut down are known, but no longer offered.</summary>
    private static bool IsOffered(KnownPrice price) => price.EndsOn is not { } end || end > DateOnly.FromDateTime(DateTime.UtcNow);

    private static string Words(KnownPrice price) =>
        $"{price.Model}: {Usd(price.InputPerMillion)} in, {Usd(price.OutputPerMillion)} out"
        + (price.EndsOn is { } end ? $", until {Day(end)}" : "");

    private static string Usd(decimal price) => "$" + price.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
