using PromptPilot.Core.Models;

namespace PromptPilot.Core.Prompts;

/// <summary>The messages that go to the model, verbatim.</summary>
public sealed record PromptTexts(IReadOnlyList<ModelMessage> Messages)
{
    /// <summary>Characters of all messages.</summary>
    public long Length => Messages.Sum(message => (long)message.Text.Length);

    public bool Equals(PromptTexts? other) => other is not null && Messages.SequenceEqual(other.Messages);

    public override int GetHashCode() => Messages.Count == 0 ? 0 : HashCode.Combine(Messages.Count, Messages[^1]);
}

internal static class PromptText
{
    /// <summary>Variables that may stay without value.</summary>
    public static HashSet<string> Optional(IEnumerable<VariableDefinition> definitions) =>
        [.. definitions.Where(d => d.IsOptional()).Select(d => d.Name)];
}
