using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Models;

/// <summary>All model profiles.</summary>
public sealed partial class ModelProfilesPage : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private List<ModelProfileView>? _profiles;
    private string? _next;
    private Problem? _problem;
    private bool _busy;

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ModelProfileService Service { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

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
        var page = await Service.ListAsync(await CurrentActor.GetAsync(), new PageRequest(after), _gone.Token, text);
        if (text != Text)
        {
            return;
        }

        _problem = page.Problem;
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
        _busy = true;
        var content = ModelProfileForm.From(profile).ToContent() with { Enabled = !profile.Enabled };
        var result = await Service.UpdateAsync(await CurrentActor.GetAsync(), profile.Id, content, profile.Revision, _gone.Token);
        _busy = false;
        _problem = result.Problem;
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
