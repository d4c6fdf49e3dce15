using System.Globalization;
using PromptPilot.Core.Models;
using static PromptPilot.Core.Workflows.Options.StepOptionRow;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>The rows of the parameters that override those of the model profile.</summary>
internal static class ParameterOptionRows
{
    public static IReadOnlyList<StepOption> All { get; } =
    [
        StepOptionRow.Of("parameters", "parameters", IsSet, (o, value) => value ? o : o with { Parameters = null }) with
        {
            Description = "Override the parameters of the model profile.",
        },
        Of("temperature", "temperature", p => p.Temperature, (p, value) => p with { Temperature = value }) with
        {
            Form = Form("Temperature", "0 to 2"),
            Check = InRange(o => o.Parameters?.Temperature, 2, "The temperature must be a number from 0 to 2, or empty."),
            Noun = "temperature",
            Mark = o => o.Parameters?.Temperature is { } value ? new OptionMark($"temperature {Number(value)}") : null,
        },
        Of("maxTokens", "max tokens", p => p.MaxTokens, (p, value) => p with { MaxTokens = value }) with
        {
            Form = Form("Max tokens", "e.g. 500"),
            Check = InRange(o => o.Parameters?.MaxTokens, 1, 1_000_000, "Max tokens must be from {0} to {1}."),
            Noun = "max tokens",
            Mark = o => o.Parameters?.MaxTokens is { } most ? new OptionMark($"max {Number(most)} tokens") : null,
        },
        Of("topP", "top-p", p => p.TopP, (p, value) => p with { TopP = value }) with
        {
            Form = Form("Top-p", "0 to 1"),
            Check = InRange(o => o.Parameters?.TopP, 1, "Top-p must be a number from 0 to 1, or empty."),
            Noun = "top-p",
            Mark = o => o.Parameters?.TopP is { } value ? new OptionMark($"top-p {Number(value)}") : null,
        },
        EffortRow(),
    ];

    private static StepOption EffortRow() =>
        Of("effort", "reasoning effort", p => p.Effort, (p, value) => p with { Effort = value }) with
        {
            Description = "How long the model thinks: none, minimal, low, medium or high, sent in the provider's own words.",
            Form = Form("Reasoning effort", "How long the model thinks") with
            {
                Choices = [.. Enum.GetValues<Effort>().Select(effort => new StepOptionChoice(effort, effort.ToString()))],
            },
            Noun = "reasoning effort",
            Show = value => value.ToString()!.ToLowerInvariant(),
            Mark = o => o.Parameters?.Effort is { } effort ? new OptionMark($"{effort.ToString().ToLowerInvariant()} effort") : null,
        };

    private static string Number(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);

    private static bool IsSet(StepOptions options) => options.Parameters is { } parameters && parameters != new ParameterChanges();

    private static StepOption Of<T>(
        string key,
        string name,
        Func<ParameterChanges, T> get,
        Func<ParameterChanges, T, ParameterChanges> with
    ) =>
        StepOptionRow.Of(
            $"parameters.{key}",
            name,
            o => get(o.Parameters ?? new ParameterChanges()),
            (o, value) => o with { Parameters = with(o.Parameters ?? new ParameterChanges(), value) }
        );

    private static StepOptionForm Form(string label, string help) =>
        new(StepOptionSection.Parameters, label) { Placeholder = _ => "from profile", Help = _ => help };
}
