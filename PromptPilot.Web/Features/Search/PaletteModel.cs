using System.Text.Json;
using MudBlazor;
using PromptPilot.Core.Search;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Layout;

namespace PromptPilot.Web.Features.Search;

/// <summary>One line of the search over everything.</summary>
/// <param name="Group">The heading it is under.</param>
/// <param name="Note">Said beside the title, e.g. a status.</param>
/// <param name="Href">The target; empty for actions on the page.</param>
public sealed record PaletteEntry(string Group, string Title, string Note, string Href, string Icon)
{
    /// <summary>Chooses a theme instead of going somewhere, by its name in <see cref="ThemeSwitch.All"/>.</summary>
    public string? Theme { get; init; }
}

/// <summary>The entries of the command palette, and the selected one.</summary>
public sealed class PaletteModel
{
    private const int MostRecent = 8;
    private const string Recently = "Recent";
    private const string Pages = "Pages";
    private const string Actions = "Actions";
    private const string Run = "Run ";

    private static readonly (Permission Needs, PaletteEntry Entry)[] Commands =
    [
        (Permission.Read, new(Pages, "Home", "", "/", Icons.Material.Outlined.Home)),
        (Permission.Read, new(Pages, "Prompts", "", "prompts", Icons.Material.Outlined.Article)),
        (Permission.Read, new(Pages, "Workflows", "", "workflows", Icons.Material.Outlined.AccountTree)),
        (Permission.Read, new(Pages, "Runs", "", "runs", Icons.Material.Outlined.PlayCircle)),
        (Permission.Read, new(Pages, "Changes", "", "changes", Icons.Material.Outlined.FactCheck)),
        (Permission.Read, new(Pages, "Account", "", "account", Icons.Material.Outlined.ManageAccounts)),
        (Permission.Admin, new(Pages, "Model profiles", "", "admin/model-profiles", Icons.Material.Outlined.Memory)),
        (Permission.Admin, new(Pages, "Users", "", "users", Icons.Material.Outlined.People)),
        (Permission.Write, new(Actions, "New prompt", "", "prompts/new", Icons.Material.Outlined.Add)),
        (Permission.Write, new(Actions, "New workflow", "", "workflows/new", Icons.Material.Outlined.Add)),
        (Permission.Write, new(Actions, "Import prompts and workflows", "", "import", Icons.Material.Outlined.FileUpload)),
        (Permission.Read, new(Actions, "Failed runs", "", "runs?status=Failed", Icons.Material.Outlined.FilterAlt)),
        (Permission.Read, new(Actions, "Archived prompts", "", "prompts?archived=true", Icons.Material.Outlined.Archive)),
        .. ThemeSwitch.All.Select(theme =>
            (
                Permission.Read,
                new PaletteEntry(Actions, $"Switch to the {theme.Name.ToLowerInvariant()} theme", "", "", theme.Icon) { Theme = theme.Name }
            )
        ),
    ];

    private IReadOnlyList<PaletteEntry> _recent = [];

    public IReadOnlyList<PaletteEntry> Entries { get; private set; } = [];

    /// <summary>Place of the chosen line; -1 while there is none.</summary>
    public int Chosen { get; private set; } = -1;

    public PaletteEntry? ChosenEntry => Chosen >= 0 ? Entries[Chosen] : null;

    /// <summary>Shows what fits a text: recent lines only while nothing is typed, found things before pages and actions.</summary>
    public void Show(string text, SearchResults found, Principal viewer)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var commands = Commands
            .Where(command =>
                Access.Allows(viewer.Role, command.Needs)
                && words.All(word => command.Entry.Title.Contains(word, StringComparison.OrdinalIgnoreCase))
            )
            .Select(command => command.Entry);
        IEnumerable<PaletteEntry> entries =
            words.Length == 0 ? [.. _recent, .. commands]
            : WantsRun(text) ? [.. Runs(found, viewer), .. Found(found), .. commands]
            : [.. Found(found), .. Runs(found, viewer), .. commands];

        // Arrow keys follow the displayed order, group by group.
        Entries = [.. entries.GroupBy(entry => entry.Group).SelectMany(group => group)];
        Chosen = Entries.Count == 0 ? -1 : 0;
    }

    /// <summary>The search text: “run weekly digest” means the workflow.</summary>
    public static string Sought(string text) => WantsRun(text) ? text.TrimStart()[Run.Length..].TrimStart() : text;

    /// <summary>Goes a line up or down; after the last comes the first.</summary>
    public void Move(int step) => Chosen = Entries.Count == 0 ? -1 : (Chosen + step + Entries.Count) % Entries.Count;

    /// <summary>Puts an entry on top of the recent ones.</summary>
    /// <returns>The text to store in the browser.</returns>
    public string Remember(PaletteEntry entry)
    {
        _recent = [entry with { Group = Recently }, .. _recent.Where(other => other.Href != entry.Href).Take(MostRecent - 1)];
        return JsonSerializer.Serialize(
            _recent.Select(recent => new Kept(recent.Title, recent.Note, recent.Href, recent.Icon)),
            AppJson.Options
        );
    }

    /// <summary>Takes what <see cref="Remember"/> made; anything else counts as nothing, since a browser's storage is anyone's.</summary>
    public void Recall(string? kept)
    {
        try
        {
            _recent =
            [
                .. (JsonSerializer.Deserialize<List<Kept?>>(kept ?? "[]", AppJson.Options) ?? [])
                    .OfType<Kept>()
                    .Where(item => Own(item.Href) is not null && item.Title is { Length: > 0 and <= 300 })
                    .Take(MostRecent)
                    .Select(item => new PaletteEntry(
                        Recently,
                        item.Title!,
                        item.Note ?? "",
                        Own(item.Href)!,
                        Commands.Any(command => command.Entry.Icon == item.Icon) ? item.Icon! : Icons.Material.Outlined.History
                    )),
            ];
        }
        catch (JsonException)
        {
            _recent = [];
        }
    }

    private static IEnumerable<PaletteEntry> Found(SearchResults found)
    {
        foreach (var prompt in found.Prompts)
        {
            yield return new PaletteEntry(
                "Prompts",
                prompt.Name,
                prompt.Archived ? "archived" : prompt.Category,
                $"prompts/{prompt.Id}",
                Icons.Material.Outlined.Article
            );
        }

        foreach (var workflow in found.Workflows)
        {
            yield return new PaletteEntry(
                "Workflows",
                workflow.Name,
                StatusLook.Of(workflow.Status).Word,
                $"workflows/{workflow.Id}",
                Icons.Material.Outlined.AccountTree
            );
        }

        foreach (var run in found.Runs)
        {
            yield return new PaletteEntry(
                "Runs",
                $"{run.WorkflowName} · {Format.ShortId(run.Id)}",
                StatusLook.Of(run.Status).Word,
                $"runs/{run.Id}",
                Icons.Material.Outlined.PlayCircle
            );
        }
    }

    private static IEnumerable<PaletteEntry> Runs(SearchResults found, Principal viewer) =>
        found
            .Workflows.Where(workflow => workflow.CanRun && Access.Allows(viewer.Role, Permission.Run))
            .Select(workflow => new PaletteEntry(
                Actions,
                $"{Run}{workflow.Name}",
                "",
                $"workflows/{workflow.Id}/run",
                Icons.Material.Outlined.PlayArrow
            ));

    private static bool WantsRun(string text) => text.TrimStart().StartsWith(Run, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address, if it is one of the portal; older entries begin with a slash.</summary>
    private static string? Own(string? href)
    {
        var address = href is ['/', .. var rest] ? rest : href;
        return address is null or ['/', ..] || address.AsSpan().ContainsAny(':', '\\') ? null : address;
    }

    private sealed record Kept(string? Title, string? Note, string? Href, string? Icon);
}
