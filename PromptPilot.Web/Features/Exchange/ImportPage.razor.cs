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
    private InputFileChangeEventArgs? _next;
    private bool _isOutdated;
    private string _doing = "";

    protected override async Task OnInitializedAsync()
    {
        var models = await modelProfileService.ListNamesAsync(await ActorAsync(), Left);
        _models = models.IsOk ? [.. models.Value.Where(model => model.MayUse).Select(model => model.Name)] : [];
    }

    /// <summary>Files that are chosen while others are read come next, so that the last choice is the one that is shown.</summary>
    private Task ReadAsync(InputFileChangeEventArgs change)
    {
        _next = change;
        return DoAsync("Reading the files", () => Task.CompletedTask);
    }

    private Task ReadNextAsync(InputFileChangeEventArgs change) =>
        TryAsync(
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

    /// <summary>A choice is kept also while the preview of the one before is prepared.</summary>
    private Task ChooseAsync(string missing, string? chosen)
    {
        (_chosen[missing], _isOutdated) = (chosen ?? "", true);
        return DoAsync("Preparing the preview", PreviewAsync);
    }

    private async Task PreviewAsync()
    {
        do
        {
            _isOutdated = false;
            var report = await exchange.PreviewAsync(await ActorAsync(), _files, new ImportChoices(Chosen()), Left);
            (_report, Problem) = (report.IsOk ? report.Value : null, report.Problem);
        } while (_isOutdated);
    }

    private Dictionary<string, string> Chosen() => new(_chosen);

    private Task ImportAsync() =>
        DoAsync(
            "Importing",
            async () =>
            {
                var report = await exchange.ImportAsync(
                    await ActorAsync(),
                    _files,
                    new ImportChoices(Chosen(), LeaveOutRefused: true, _report!.Fingerprint),
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
            await TryAsync(doing, act);
            while (_next is { } change)
            {
                _next = null;
                await ReadNextAsync(change);
            }
        });

    private async Task TryAsync(string doing, Func<Task> act)
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
    }
}
