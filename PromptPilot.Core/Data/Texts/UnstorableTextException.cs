using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data.Texts;

/// <summary>A row that someone wrote has a text that no database can keep. Nothing was saved.</summary>
/// <param name="field">The property's path in camelCase.</param>
/// <param name="why">What is wrong and what to do.</param>
internal sealed class UnstorableTextException(string field, string why) : Exception($"{field}: {why}")
{
    public Problem Problem { get; } = Problem.AtField(field, why);
}
