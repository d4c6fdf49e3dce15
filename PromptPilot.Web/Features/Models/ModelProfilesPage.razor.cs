using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Models;

/// <summary>All model profiles.</summary>
public sealed partial class ModelProfilesPage(PageServices services, ModelProfileService service) : PortalPage(services)
{
    private const string EmptyText =
        "A profile says which model a step runs on. Start with the offline model, which needs no key, or connect "
        + "OpenAI, Azure, Anthropic, Gemini, Ollama or a server of your own.";

    private List<ModelProfileView>? _profiles;
    private string? _next;

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private Task LoadAsync()
    {
        _profiles = null;
        return LoadPageAsync(null);
    }

    private Task LoadMoreAsync() => LoadPageAsync(_next);

    private async Task LoadPageAsync(string? after)
    {
        var text = Text;
        var page = await service.ListAsync(await ActorAsync(), new PageRequest(after), Left, text);
        if (text != Text)
        {
            return;
        }

        Problem = page.Problem;
        if (page.IsOk)
        {
            (_profiles ??= []).AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private void Search(string? text) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("text", string.IsNullOrWhiteSpace(text) ? null : text.Trim()));

    private async Task SwitchAsync(ModelProfileView profile)
    {
        IsBusy = true;
        var content = ModelProfileForm.From(profile).ToContent() with { Enabled = !profile.Enabled };
        var result = await service.UpdateAsync(await ActorAsync(), profile.Id, content, profile.Revision, Left);
        IsBusy = false;
        Problem = result.Problem;
        if (result.IsOk)
        {
            _profiles![_profiles.IndexOf(profile)] = result.Value;
        }
    }

    private static string Price(PricesInUsd prices) =>
        prices is { InputPerMillion: 0, OutputPerMillion: 0 }
            ? "free"
            : string.Create(CultureInfo.InvariantCulture, $"${prices.InputPerMillion:0.####} / ${prices.OutputPerMillion:0.####}");
}
