using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Parts;

/// <summary>The source of parts: the engine's cache, an operation's database, or a planned import.</summary>
/// <param name="Find">A version by its id; null when it does not exist.</param>
/// <param name="Resolve">The id of the version that a prompt's label is on; null if the prompt does not have it.</param>
internal sealed record PartSource(
    Func<string, CancellationToken, ValueTask<PromptVersion?>> Find,
    Func<string, string, CancellationToken, ValueTask<string?>> Resolve
);

/// <summary>The texts of a version with all parts.</summary>
/// <param name="Labels">
/// The labels that were resolved, by <see cref="PromptPart.LabelKey"/>; null when none of its parts follows one.
/// </param>
internal sealed record ResolvedPrompt(PromptSource Source, Dictionary<string, string>? Labels);

/// <summary>
/// Builds the tree of a version's parts. Each version is built once, no matter how often it is included.
/// </summary>
/// <param name="labels">Labels that were resolved before, by <see cref="PromptPart.LabelKey"/>: they are not looked up again.</param>
internal sealed class PartTree(PartSource source, IReadOnlyDictionary<string, string>? labels = null)
{
    private readonly Dictionary<string, LiquidPart> _built = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly List<(string PromptId, string Name)> _path = [];

    /// <summary>The labels on the way, and the versions that they are on.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels;

    /// <summary>The parts of a version.</summary>
    /// <returns>The parts by <see cref="LiquidInclude.Key"/>, or a problem that names the part that is missing, includes itself or
    /// cannot be a part.</returns>
    public async ValueTask<Result<Dictionary<string, LiquidPart>>> OfAsync(PromptVersion version, CancellationToken cancellationToken)
    {
        _path.Clear();
        _path.Add((version.PromptId, version.Name));
        return await OfAsync(version.Parts, cancellationToken);
    }

    /// <param name="owner">The prompt that includes it; it must not come again below.</param>
    public async ValueTask<Result<LiquidPart>> OfAsync(
        PromptPart part,
        (string PromptId, string Name) owner,
        CancellationToken cancellationToken
    )
    {
        _path.Clear();
        _path.Add(owner);
        return await BuildAsync(part, cancellationToken);
    }

    private async ValueTask<Result<Dictionary<string, LiquidPart>>> OfAsync(List<PromptPart> parts, CancellationToken cancellationToken)
    {
        if (parts.Count == 0)
        {
            return new Dictionary<string, LiquidPart>();
        }

        var tree = new Dictionary<string, LiquidPart>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var built = await BuildAsync(part, cancellationToken);
            if (!built.IsOk)
            {
                return built.Problem;
            }

            tree[part.Key] = built.Value;
        }

        return tree;
    }

    private async ValueTask<Result<LiquidPart>> BuildAsync(PromptPart part, CancellationToken cancellationToken)
    {
        if (_path.Exists(step => step.PromptId == part.PromptId))
        {
            return Problem.Conflict(
                $"“{_path[0].Name}” would include itself: {string.Join(" → ", _path.Select(step => step.Name).Append(part.Name))}. "
                    + "Remove one of these includes."
            );
        }

        if (_path.Count > LiquidLimits.Parts)
        {
            return Problem.Conflict($"Parts can include parts at most {LiquidLimits.Parts} levels deep.");
        }

        if ((part.VersionId ?? await ResolveAsync(part, cancellationToken)) is not { } versionId)
        {
            return Problem.Conflict($"The part “{part.Name}” has no label “{part.Label}”. Set the label on a version of it.");
        }

        if (_built.TryGetValue(versionId, out var known))
        {
            return known.Depth + _path.Count > LiquidLimits.Parts + 1
                ? Problem.Conflict($"Parts can include parts at most {LiquidLimits.Parts} levels deep.")
                : known;
        }

        if (await source.Find(versionId, cancellationToken) is not { } version)
        {
            return Problem.Conflict($"The part “{part.Name}” no longer exists. Remove the include, or name another part.");
        }

        if (version.Messages.Count > 0 || !string.IsNullOrEmpty(version.SystemMessage))
        {
            return Problem.Conflict(
                $"“{version.Name}” cannot be included: it has {(version.Messages.Count > 0 ? "messages" : "a system message")}. "
                    + "A part is one text."
            );
        }

        _path.Add((part.PromptId, part.Name));
        var parts = await OfAsync(version.Parts, cancellationToken);
        _path.RemoveAt(_path.Count - 1);
        return parts.IsOk ? _built[versionId] = new LiquidPart(version.Name, version.Content, parts.Value) : parts.Problem;
    }

    private async ValueTask<string?> ResolveAsync(PromptPart part, CancellationToken cancellationToken)
    {
        var key = part.LabelKey!;
        if (!_labels.TryGetValue(key, out var versionId))
        {
            versionId = labels?.GetValueOrDefault(key) ?? await source.Resolve(part.PromptId, part.Label!, cancellationToken);
            if (versionId is not null)
            {
                _labels[key] = versionId;
            }
        }

        return versionId;
    }
}
