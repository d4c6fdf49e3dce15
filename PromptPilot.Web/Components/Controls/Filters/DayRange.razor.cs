using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls.Filters;

public sealed partial class DayRange(Browser browser)
{
    private string _first = "";
    private string _last = "";
    private (DateTime? From, DateTime? To) _known;

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>UTC; null for no limit.</summary>
    [Parameter]
    public DateTime? From { get; set; }

    /// <summary>UTC, not included; null for no limit.</summary>
    [Parameter]
    public DateTime? To { get; set; }

    [Parameter]
    public EventCallback<(DateTime? From, DateTime? To)> OnChange { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_known != (From, To))
        {
            _known = (From, To);
            _first = From is { } from ? await browser.DayOfAsync(from) : "";
            _last = To is { } to ? await browser.DayOfAsync(to, -1) : "";
            StateHasChanged();
        }
    }

    private async Task ChangeAsync(string? first, string? last)
    {
        (_first, _last) = (first ?? "", last ?? "");
        await OnChange.InvokeAsync(
            (
                _first.Length > 0 ? (await browser.StartOfDayAsync(_first))?.UtcDateTime : null,
                _last.Length > 0 ? (await browser.StartOfDayAsync(_last, 1))?.UtcDateTime : null
            )
        );
    }
}
