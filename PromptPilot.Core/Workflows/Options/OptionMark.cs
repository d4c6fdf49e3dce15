namespace PromptPilot.Core.Workflows.Options;

/// <summary>An option that is set, in a few words: “for each” <c>tickets</c> “8 at a time”.</summary>
public sealed record OptionMark(string Word, string? Code = null, string? More = null);
