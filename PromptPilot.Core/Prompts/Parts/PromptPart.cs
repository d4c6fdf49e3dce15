using PromptPilot.Core.Liquid;

namespace PromptPilot.Core.Prompts.Parts;

/// <summary>
/// A prompt that a version includes, as it was resolved when the version was saved. Without a label it is pinned: the version never
/// changes what it sends. With a label it follows the label, which is resolved once for each run.
/// </summary>
/// <param name="Name">The name in the text.</param>
/// <param name="Label">The label that the text names.</param>
/// <param name="Version">The version that the text names.</param>
/// <param name="VersionId">The pinned version; null with a label.</param>
/// <param name="Pinned">Its semantic version, for people.</param>
public sealed record PromptPart(string Name, string PromptId, string? Label, string? Version, string? VersionId, string? Pinned)
{
    /// <summary>See <see cref="LiquidInclude.Key"/>.</summary>
    internal string Key => LiquidInclude.KeyOf(Name, Label, Version);

    /// <summary>The key of a resolved label of a part in runs and logs.</summary>
    internal string? LabelKey => Label is null ? null : LabelKeyOf(PromptId, Label);

    internal static string LabelKeyOf(string promptId, string label) => $"{promptId}@{label}";

    internal static bool IsLabelKey(string key) => key.Contains('@', StringComparison.Ordinal);
}
