using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments.Batches;

public sealed partial class NewBatch(PageServices services, BatchService batches, IOptions<ExperimentsOptions> options)
    : PortalComponent(services)
{
    private const int MostShown = 120;
    private const int ErrorsShown = 20;

    /// <summary>By input, what was chosen here; others are matched by name.</summary>
    private readonly Dictionary<string, string> _columns = new(StringComparer.Ordinal);

    private string? _csv;
    private string _name = "";
    private string _version = "";
    private BatchPreview? _preview;
    private FieldErrors _errors = FieldErrors.None;

    [Parameter, EditorRequired]
    public WorkflowView Workflow { get; set; } = default!;

    private int MaxRows => options.Value.MaxBatchRows;

    private long MaxBytes => options.Value.MaxBatchKilobytes * 1024L;

    /// <summary>The published version, and the draft where it differs.</summary>
    private IReadOnlyList<(string Value, string Name)> Versions =>
        [
            .. Workflow.Published is { } published
                ? [(published.Number.ToString(CultureInfo.InvariantCulture), $"Version {published.Number}, published")]
                : Array.Empty<(string, string)>(),
            .. Workflow.Published is null || Workflow.HasUnpublishedChanges
                ? [(WorkflowVariants.Draft, "Draft")]
                : Array.Empty<(string, string)>(),
        ];

    private IEnumerable<BatchInput> Mapped => _preview!.Inputs.Where(input => input.Column is not null);

    private IReadOnlyList<FieldError> RowErrors =>
        [.. _preview!.Errors.Where(error => error.Field.StartsWith("rows[", StringComparison.Ordinal)).Take(ErrorsShown)];

    private string StartWord => _preview is { Preview: not null, Rows: var rows } ? $"Start {Format.Count(rows, "run")}" : "Start";

    protected override void OnInitialized() => _version = Versions[0].Value;

    private static string Start(string? text) => string.IsNullOrEmpty(text) ? "" : Shorten.Text(text, MostShown);

    private static string FirstOf(BatchPreview preview) =>
        preview.First.Count < preview.Rows
            ? $"The first {preview.First.Count} of {Format.Count(preview.Rows)} rows."
            : $"{Format.Count(preview.Rows, "row")}.";

    private void Named(string file) => _name = Shorten.Text(Path.GetFileNameWithoutExtension(file), TestSetService.MaxName);

    private Task ReadAsync(string csv)
    {
        _columns.Clear();
        return SetAsync(() => _csv = csv);
    }

    private async Task SetAsync(Action change)
    {
        change();
        var found = await batches.PreviewAsync(await ActorAsync(), Request(), Left);
        (_preview, Problem) = (found.IsOk ? found.Value : null, found.Problem);
        _errors = new FieldErrors(found.IsOk ? Problem.Invalid("", found.Value.Errors) : found.Problem);
    }

    private BatchRequest Request() => new(Workflow.Id, _version, _name, _csv ?? "", _columns);

    private Task StartAsync() =>
        OnceAsync(async () =>
        {
            var started = await batches.StartAsync(await ActorAsync(), Request(), Left);
            (Problem, _errors) = (started.Problem, new FieldErrors(started.Problem));
            if (started.IsOk)
            {
                Navigation.NavigateTo($"experiments/{started.Value}");
            }
        });
}
