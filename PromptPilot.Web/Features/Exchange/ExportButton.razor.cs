using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Exchange;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Exchange;

public sealed partial class ExportButton(PageServices services, ExchangeService exchange, Browser browser, ISnackbar snackbar)
    : PortalComponent(services)
{
    /// <summary>Called when pressed. Without prompts and workflows, everything is exported.</summary>
    [Parameter, EditorRequired]
    public Func<ExportSelection> Selection { get; set; } = () => new([], []);

    [Parameter]
    public string Label { get; set; } = "Export";

    [Parameter]
    public Size Size { get; set; } = Size.Medium;

    private Task ExportAsync() =>
        OnceAsync(async () =>
        {
            var file = await exchange.ExportAsync(await ActorAsync(), Selection(), Left);
            if (file.IsOk)
            {
                await browser.DownloadAsync(file.Value.Name, file.Value.ContentType, file.Value.Content);
            }
            else
            {
                snackbar.Add(file.Problem.Message, Severity.Error);
            }
        });
}
