using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>Takes files, shows what an import of them would do, and does it.</summary>
public sealed partial class ImportPage : IDisposable
{
    private const int MostSingleFiles = 2_000;

    private readonly CancellationTokenSource _leaving = new();
    private readonly Dictionary<string, string> _chosen = [];
    private List<ImportFile> _files = [];
    private IReadOnlyList<string> _models = [];
    private ImportReport? _report;
    private Problem? _problem;
    private string _doing = "";
    private bool _busy;

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private ExchangeService Exchange { get; set; } = default!;

    [Inject]
    private ModelProfileService Models { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    private bool CanWrite => Viewer is { } viewer && Access.Allows(viewer.Role, Permission.Write);

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var models = await Models.ListNamesAsync(await CurrentActor.GetAsync(), _leaving.Token);
        _models = models.IsOk ? [.. models.Value.Where(model => model.MayUse).Select(model => model.Name)] : [];
    }

    private Task ReadAsync(InputFileChangeEventArgs change) =>
        DoAsync(
            "The files are being read",
            async () =>
            {
                _report = null;
                _files = [];
                if (change.FileCount > MostSingleFiles)
                {
                    _problem = Problem.Invalid(
                        $"At most {MostSingleFiles:N0} single files are taken. Make a .zip of the folder and import that."
                    );
                    return;
                }

                var files = change.GetMultipleFiles(MostSingleFiles);
                if (files.Sum(file => file.Size) > ExchangeLimits.Upload)
                {
                    _problem = Problem.Invalid(
                        $"Together these have more than {ExchangeLimits.Upload / (1024 * 1024)} MB. Import the folder in parts."
                    );
                    return;
                }

                var read = new List<ImportFile>();
                foreach (var file in files)
                {
                    using var content = new MemoryStream();
                    await using var stream = file.OpenReadStream(ExchangeLimits.Upload, _leaving.Token);
                    await stream.CopyToAsync(content, _leaving.Token);
                    read.Add(new ImportFile(file.Name, content.ToArray()));
                }

                _files = read;
                await PreviewAsync();
            }
        );

    private Task ChooseAsync(string missing, string? chosen) =>
        DoAsync(
            "The preview is being made",
            async () =>
            {
                _chosen[missing] = chosen ?? "";
                await PreviewAsync();
            }
        );

    private async Task PreviewAsync()
    {
        var report = await Exchange.PreviewAsync(await CurrentActor.GetAsync(), _files, new ImportChoices(_chosen), _leaving.Token);
        (_report, _problem) = (report.IsOk ? report.Value : null, report.Problem);
    }

    private Task ImportAsync() =>
        DoAsync(
            "The import is running",
            async () =>
            {
                var report = await Exchange.ImportAsync(
                    await CurrentActor.GetAsync(),
                    _files,
                    new ImportChoices(_chosen, LeaveOutRefused: true, _report!.Fingerprint),
                    _leaving.Token
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

                _problem = report.Problem;
            }
        );

    private void StartAgain() => (_report, _problem, _files) = (null, null, []);

    private async Task DoAsync(string doing, Func<Task> act)
    {
        (_busy, _doing, _problem) = (true, doing, null);
        StateHasChanged();
        try
        {
            await act();
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // The person has left the page.
        }
        catch (IOException)
        {
            _problem = Problem.Invalid("A file could not be read: it changed, or the connection was lost. Choose the files again.");
        }
        finally
        {
            _busy = false;
        }
    }
}
