using Microsoft.AspNetCore.Components.Forms;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>Takes files, shows what an import of them would do, and does it.</summary>
public sealed partial class ImportPage(PageServices services, ExchangeService exchange, ModelProfileService modelProfileService)
    : PortalPage(services)
{
    private const int MostSingleFiles = 2_000;

    private readonly Dictionary<string, string> _chosen = [];
    private List<ImportFile> _files = [];
    private IReadOnlyList<string> _models = [];
    private ImportReport? _report;
    private string _doing = "";

    protected override async Task OnInitializedAsync()
    {
        var models = await modelProfileService.ListNamesAsync(await ActorAsync(), Left);
        _models = models.IsOk ? [.. models.Value.Where(model => model.MayUse).Select(model => model.Name)] : [];
    }

    private Task ReadAsync(InputFileChangeEventArgs change) =>
        DoAsync(
            "Reading the files",
            async () =>
            {
                _report = null;
                _files = [];
                if (change.FileCount > MostSingleFiles)
                {
                    Problem = Problem.Invalid(
                        $"You can import at most {MostSingleFiles:N0} single files. Zip the folder and import the .zip."
                    );
                    return;
                }

                var files = change.GetMultipleFiles(MostSingleFiles);
                if (files.Sum(file => file.Size) > ExchangeLimits.Upload)
                {
                    Problem = Problem.Invalid(
                        $"Together these files are larger than {ExchangeLimits.Upload / (1024 * 1024)} MB. Import the folder in parts."
                    );
                    return;
                }

                var read = new List<ImportFile>();
                foreach (var file in files)
                {
                    using var content = new MemoryStream();
                    await using var stream = file.OpenReadStream(ExchangeLimits.Upload, Left);
                    await stream.CopyToAsync(content, Left);
                    read.Add(new ImportFile(file.Name, content.ToArray()));
                }

                _files = read;
                await PreviewAsync();
            }
        );

    private Task ChooseAsync(string missing, string? chosen) =>
        DoAsync(
            "Preparing the preview",
            async () =>
            {
                _chosen[missing] = chosen ?? "";
                await PreviewAsync();
            }
        );

    private async Task PreviewAsync()
    {
        var report = await exchange.PreviewAsync(await ActorAsync(), _files, new ImportChoices(_chosen), Left);
        (_report, Problem) = (report.IsOk ? report.Value : null, report.Problem);
    }

    private Task ImportAsync() =>
        DoAsync(
            "Importing",
            async () =>
            {
                var report = await exchange.ImportAsync(
                    await ActorAsync(),
                    _files,
                    new ImportChoices(_chosen, LeaveOutRefused: true, _report!.Fingerprint),
                    Left
                );
                if (report.IsOk)
                {
                    (_report, _files) = (report.Value, []);
                    return;
                }

                if (report.Problem.Kind == ProblemKind.Stale)
                {
                    await PreviewAsync();
                }

                Problem = report.Problem;
            }
        );

    private void StartAgain() => (_report, Problem, _files) = (null, null, []);

    private Task DoAsync(string doing, Func<Task> act) =>
        OnceAsync(async () =>
        {
            (_doing, Problem) = (doing, null);
            StateHasChanged();
            try
            {
                await act();
            }
            catch (OperationCanceledException) when (Left.IsCancellationRequested)
            {
                // The person has left the page.
            }
            catch (IOException)
            {
                Problem = Problem.Invalid("A file could not be read: it changed, or the connection was lost. Choose the files again.");
            }
        });
}
