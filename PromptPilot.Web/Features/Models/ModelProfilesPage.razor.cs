using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Models;

/// <summary>All model profiles.</summary>
public sealed partial class ModelProfilesPage(PageServices services, ModelProfileService service)
    : ListPage<ModelProfilesQuery, ModelProfileView>(services)
{
    private static readonly string EmptyText =
        "A profile defines the model that a step runs on. Start with the offline model, which needs no key, or connect "
        + $"{string.Join(", ", Providers.All.Where(provider => !provider.IsBuiltIn).Select(provider => provider.Title))}.";

    private Problem? _refused;

    protected override string IdOf(ModelProfileView item) => item.Id;

    protected override async Task<Result<Page<ModelProfileView>>> ListAsync(ModelProfilesQuery filter, PageRequest request) =>
        await service.ListAsync(await ActorAsync(), request, Left, filter.Text);

    private Task SwitchAsync(ModelProfileView profile) =>
        OnceAsync(async () =>
        {
            var content = ModelProfileForm.From(profile).ToContent() with { Enabled = !profile.Enabled };
            var result = await service.UpdateAsync(await ActorAsync(), profile.Id, content, profile.Revision, Left);
            _refused = result.Problem;
            if (result.IsOk)
            {
                Replace(profile, result.Value);
            }
        });

    private static string Price(PricesInUsd prices) =>
        prices is { InputPerMillion: 0, OutputPerMillion: 0 }
            ? "free"
            : string.Create(CultureInfo.InvariantCulture, $"${prices.InputPerMillion:0.####} / ${prices.OutputPerMillion:0.####}");
}
