using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>The version that saving makes.</summary>
/// <param name="Version">Semantic version; the present one when nothing changed.</param>
/// <param name="Reason">The reason as text: “variable “tone” removed → major”.</param>
public sealed record VersionStep(VersionChange Change, string Version, string Reason);

/// <summary>
/// The rule of versions: what a caller must follow is major, another text or a new optional variable is minor, what only people read is
/// patch.
/// </summary>
public static class PromptVersioning
{
    public const string First = "1.0.0";

    public static VersionStep OfNew { get; } = new(VersionChange.Major, First, "first version");

    /// <summary>Compares a saved prompt with a draft whose text parses.</summary>
    public static VersionStep Decide(Prompt saved, PromptDraft draft)
    {
        draft = draft.Normalized();
        var (change, reason) = Compare(saved, draft);
        if (change == VersionChange.None)
        {
            return new VersionStep(change, saved.Version, "no changes");
        }

        if (draft.Raise > change)
        {
            (change, reason) = (draft.Raise, $"raised to {Word(draft.Raise)} by the author");
        }
        else
        {
            reason = $"{reason} → {Word(change)}";
        }

        return new VersionStep(change, Next(saved.Version, change), reason);
    }

    private static (VersionChange Change, string Reason) Compare(Prompt saved, PromptDraft draft)
    {
        var before = saved.Variables;
        var after = PromptSource.Of(draft).Variables();
        var optionalBefore = PromptText.Optional(saved.VariableDefinitions);
        var optionalAfter = PromptText.Optional(draft.VariableDefinitions);
        if (before.Except(after).ToList() is { Count: > 0 } removed)
        {
            return (VersionChange.Major, $"{Names(removed)} removed");
        }

        var added = after.Except(before).ToList();
        if (added.Except(optionalAfter).ToList() is { Count: > 0 } required)
        {
            return (VersionChange.Major, $"{Names(required)} added without a default");
        }

        if (before.Where(v => optionalBefore.Contains(v) && !optionalAfter.Contains(v)).ToList() is { Count: > 0 } stricter)
        {
            return (VersionChange.Major, $"{Names(stricter)} no longer optional");
        }

        if (added.Count > 0)
        {
            return (VersionChange.Minor, $"new optional {Names(added)}");
        }

        if (!saved.Messages.SequenceEqual(draft.Messages ?? []))
        {
            return (VersionChange.Minor, "messages changed");
        }

        if (saved.Content != draft.Content || saved.SystemMessage != draft.SystemMessage)
        {
            return (VersionChange.Minor, saved.Content != draft.Content ? "text changed" : "system message changed");
        }

        if (draft.Pins is { } pins && PartChange(saved.Parts, pins) is { } newer)
        {
            return (VersionChange.Minor, newer);
        }

        if (Json(saved.VariableDefinitions.Select(Behavior)) != Json(draft.VariableDefinitions.Select(Behavior)))
        {
            return (VersionChange.Minor, "variable types or defaults changed");
        }

        var isSame =
            saved.Name == draft.Name
            && saved.Metadata.Category == draft.Category
            && saved.Metadata.Tags.SequenceEqual(draft.Tags)
            && saved.Metadata.IsPart == (draft.IsPart ?? saved.Metadata.IsPart)
            && Json(saved.VariableDefinitions) == Json(draft.VariableDefinitions);
        return isSame ? (VersionChange.None, "") : (VersionChange.Patch, "only descriptions changed");
    }

    /// <summary>A part that is pinned to another version now, e.g. to a newer one: the text is the same, what is sent is not.</summary>
    private static string? PartChange(IReadOnlyList<PromptPart> before, IReadOnlyList<PromptPart> after)
    {
        foreach (var part in after)
        {
            var old = before.FirstOrDefault(p => p.Key == part.Key);
            if (old is null || old.PromptId != part.PromptId || old.VersionId != part.VersionId)
            {
                return old?.Pinned is { } pinned && part.Pinned is { } now
                    ? $"part “{part.Name}” {pinned} → {now}"
                    : $"part “{part.Name}” is a different prompt";
            }
        }

        return null;
    }

    private static object Behavior(VariableDefinition definition) =>
        new
        {
            definition.Name,
            definition.Type,
            definition.Default,
            definition.Required,
            definition.Choices,
        };

    private static string Names(List<string> names) =>
        $"variable{(names.Count == 1 ? "" : "s")} {string.Join(", ", names.Select(n => $"“{n}”"))}";

    private static string Json<T>(IEnumerable<T> values) => JsonSerializer.Serialize(values, AppJson.Options);

    private static string Word(VersionChange change) => change.ToString().ToLowerInvariant();

    private static string Next(string version, VersionChange change)
    {
        var parts = version.Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var (major, minor, patch) = change switch
        {
            VersionChange.Major => (parts[0] + 1, 0, 0),
            VersionChange.Minor => (parts[0], parts[1] + 1, 0),
            _ => (parts[0], parts[1], parts[2] + 1),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}.{patch}");
    }
}
