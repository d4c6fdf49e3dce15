using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
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

    private static string Usd(decimal price) => "$" + price.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
