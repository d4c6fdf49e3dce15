using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Finds the model profiles that files name, or those that were chosen instead.</summary>
internal sealed class ImportModels
{
    private readonly Dictionary<string, List<string>> _missing = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _models;
    private readonly ImportChoices _choices;

    private ImportModels(Dictionary<string, string> models, ImportChoices choices) => (_models, _choices) = (models, choices);

    public static async Task<ImportModels> LoadAsync(PromptPilotDbContext db, ImportChoices choices, CancellationToken cancellationToken) =>
        new(await db.ModelProfiles.ToDictionaryAsync(model => model.NormalizedName, model => model.Id, cancellationToken), choices);

    /// <summary>Names that are not here, with what uses them.</summary>
    public IReadOnlyList<MissingModel> Missing =>
        [
            .. _missing
                .OrderBy(model => model.Key, StringComparer.OrdinalIgnoreCase)
                .Select(model => new MissingModel(model.Key, model.Value, Choice(model.Key))),
        ];

    /// <summary>The id of a profile; null when there is none of the name, and none was chosen.</summary>
    /// <param name="usedBy">The name of what names it.</param>
    public string? Find(string name, string usedBy)
    {
        if (_models.TryGetValue(name.Trim().ToUpperInvariant(), out var id))
        {
            return id;
        }

        if (!_missing.TryGetValue(name, out var users))
        {
            _missing[name] = users = [];
        }

        if (!users.Contains(usedBy))
        {
            users.Add(usedBy);
        }

        return Choice(name) is { } choice ? _models[choice.Trim().ToUpperInvariant()] : null;
    }

    private string? Choice(string missing) =>
        _choices.Models.FirstOrDefault(choice => choice.Key.Equals(missing, StringComparison.OrdinalIgnoreCase)).Value is { } chosen
        && _models.ContainsKey(chosen.Trim().ToUpperInvariant())
            ? chosen
            : null;
}
