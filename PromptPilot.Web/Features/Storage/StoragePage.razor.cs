using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Storage;

/// <summary>Backup, disk usage, the next clean-up and an integrity check, for admins.</summary>
public sealed partial class StoragePage(PageServices services, StorageService storage, IDatabaseCare care) : PortalPage(services)
{
    private readonly string _passphrase = BackupPassphrase.Suggest();
    private Actor _actor = Actor.Nobody;
    private StorageSizes? _sizes;
    private RetentionPreview? _preview;
    private StorageUse? _use;
    private IReadOnlyList<string>? _faults;

    /// <summary>Why the backup failed, from the redirect of the download.</summary>
    [SupplyParameterFromQuery(Name = "problem")]
    private string? ProblemWord { get; set; }

    private static string PassphraseHelp =>
        "This passphrase was generated just now and is not stored. Copy it, or enter your own with at least "
        + $"{BackupPassphrase.Shortest} characters.";

    private string ProblemText =>
        ProblemWord switch
        {
            nameof(ProblemKind.Invalid) =>
                $"No backup was made: the passphrase must have {BackupPassphrase.Shortest} to {BackupPassphrase.Longest} characters.",
            nameof(ProblemKind.Conflict) => "No backup was made: another one is in progress. Try again when it has finished.",
            _ => "No backup was made: the data directory is full or cannot be written to. A backup needs about twice the size "
                + "of the database. The log has the details.",
        };

    internal static string RuleWords(RetentionRule rule) =>
        rule switch
        {
            { Days: { } days, Runs: { } runs } => $"{Format.Count(days, "day")}, at most {Format.Count(runs, "run")}",
            { Days: { } days } => Format.Count(days, "day"),
            { Runs: { } runs } => $"the newest {Format.Count(runs, "run")}",
            _ => "forever",
        };

    internal static string RetentionSum(RetentionPreview preview)
    {
        var runs = preview.Workflows.Sum(share => share.Runs);
        return runs + preview.Calls == 0
            ? "Nothing will be removed."
            : $"The next clean-up removes {Format.Count(runs, "run")} and {Format.Count(preview.Calls, "call")} outside runs. "
                + "Pin or rate the runs you want to keep.";
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await ActorAsync();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var sizes = await storage.FindSizesAsync(_actor, Left);
        (Problem, _sizes) = (sizes.Problem, sizes.IsOk ? sizes.Value : null);
    }

    private Task PreviewAsync() => DoAsync(storage.PreviewRetentionAsync, preview => _preview = preview);

    private Task MeasureAsync() => DoAsync(storage.MeasureAsync, use => _use = use);

    private Task CheckAsync() => DoAsync(storage.CheckAsync, faults => _faults = faults);

    /// <summary>One at a time: each reads much.</summary>
    private Task DoAsync<T>(Func<Actor, CancellationToken, Task<Result<T>>> read, Action<T> show) =>
        OnceAsync(async () =>
        {
            try
            {
                var result = await read(_actor, Left);
                Problem = result.Problem;
                if (result.IsOk)
                {
                    show(result.Value);
                }
            }
            catch (OperationCanceledException) when (Left.IsCancellationRequested)
            {
                // The page was left.
            }
        });
}
