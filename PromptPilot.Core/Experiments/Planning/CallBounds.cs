using System.Text;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>The most that calls can cost which read outputs that do not exist yet.</summary>
public sealed class CallBounds(ModelProfiles profiles, PromptVersions promptVersions, FileStore files)
{
    /// <summary>
    /// Another model may cut the same text into more tokens. Four bytes a token is what models write on average, and no text has more
    /// tokens than bytes.
    /// </summary>
    internal const long BytesPerToken = 4;

    /// <summary>The most that judging an output of so many tokens can cost, in nano-USD.</summary>
    /// <param name="documents">See <see cref="AddDocumentsAsync"/>.</param>
    internal async Task<long> OfJudgeAsync(
        Judge judge,
        PromptVersion version,
        FrozenCase test,
        IReadOnlyDictionary<string, long> documents,
        int maxTokens,
        CancellationToken cancellationToken
    )
    {
        if (await profiles.FindAsync(judge.ModelProfileId, cancellationToken) is not { } profile)
        {
            return 0;
        }

        var texts = await LengthAsync(version, cancellationToken) + (test.Expected?.Length ?? 0);
        var inputs = test.Inputs.Values.Sum(value => WorkflowBound.BytesOf(value, documents));
        var pictures = FileReference.In(test.Inputs.Values).Values.Count(file => file.Kind == FileKind.Picture);
        return RunBudgets.UpperBound(
            profile.Prices,
            (BytesPerToken * (texts + inputs + maxTokens)) + (pictures * PictureRule.MostTokensOf(profile)),
            profile.Parameters.MaxTokens
        );
    }

    /// <summary>What the runs of a workflow can cost, whatever their inputs.</summary>
    internal async Task<WorkflowBound> OfWorkflowAsync(WorkflowDefinition definition, CancellationToken cancellationToken)
    {
        var steps = new List<StepBound>();
        foreach (var step in definition.Steps.OrderBy(step => step.Order))
        {
            var profile = await profiles.FindAsync(step.Model, cancellationToken);
            var version = await promptVersions.FindAsync(step.PromptVersionId!, cancellationToken);
            var schema = step.Options.JsonSchema is { } json ? 2L * Encoding.UTF8.GetByteCount(json.GetRawText()) : 0;
            steps.Add(
                new StepBound(
                    step.OutputKey,
                    profile?.Prices ?? new ModelPrices(),
                    schema + (version is null ? 0 : await LengthAsync(version, cancellationToken)),
                    step.Options.Parameters?.MaxTokens ?? profile?.Parameters.MaxTokens ?? 0,
                    [
                        .. step
                            .InputMapping.Values.Append(step.Options.ForEach)
                            .OfType<string>()
                            .SelectMany(expression => LiquidExpression.Parse(expression).Reads),
                    ],
                    step.Options.ForEach?.Trim(),
                    profile is null ? 0 : PictureRule.MostTokensOf(profile)
                )
            );
        }

        return new WorkflowBound(steps);
    }

    /// <summary>Adds the sizes of the documents among inputs that are not known yet, for <see cref="WorkflowBound.Of"/>.</summary>
    internal async Task AddDocumentsAsync(
        Dictionary<string, long> documents,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellationToken
    )
    {
        var unknown = FileReference
            .In(inputs.Values)
            .Where(file => file.Value.Kind == FileKind.Document && !documents.ContainsKey(file.Key))
            .ToDictionary();
        foreach (var hash in (await files.KeptAsync(unknown, cancellationToken)).Keys)
        {
            var text = await files.ReadTextAsync(hash, cancellationToken);
            documents[hash] = text is null ? 0 : WorkflowBound.BytesOf(AppJson.Text(text));
        }
    }

    /// <summary>Of the texts of a prompt with its parts, in characters.</summary>
    private async Task<long> LengthAsync(PromptVersion version, CancellationToken cancellationToken)
    {
        var whole = await promptVersions.WithPartsAsync(version, labels: null, cancellationToken);
        var source = whole.IsOk ? whole.Value.Source : PromptSource.Of(version);
        return source.Length + source.Parts.Values.Sum(Length);

        static long Length(LiquidPart part) => part.Text.Length + part.Parts.Values.Sum(Length);
    }
}

/// <summary>What a call of a step can cost.</summary>
/// <param name="FixedBytes">Of what is sent whatever the inputs.</param>
/// <param name="Reads">Inputs and output keys, as often as they are read.</param>
/// <param name="ForEach">The expression that gives its list; null: one call.</param>
/// <param name="PictureTokens">The most for each picture that it reads.</param>
internal sealed record StepBound(
    string OutputKey,
    ModelPrices Prices,
    long FixedBytes,
    int MaxTokens,
    IReadOnlyList<string> Reads,
    string? ForEach,
    long PictureTokens = 0
);

/// <summary>What a run of a workflow can cost. Pure.</summary>
internal sealed class WorkflowBound(IReadOnlyList<StepBound> steps)
{
    /// <summary>
    /// The most that a run can cost, in nano-USD, each call made once, and the number of calls. A list that another step makes counts as
    /// one item, since no one knows its length.
    /// </summary>
    /// <param name="documents">The bytes of documents among the inputs, by hash.</param>
    public (long Cost, int Calls) Of(IReadOnlyDictionary<string, JsonElement> inputs, IReadOnlyDictionary<string, long> documents)
    {
        var bytes = inputs.ToDictionary(input => input.Key, input => BytesOf(input.Value, documents));
        var pictures = inputs
            .Where(input => FileReference.Read(input.Value)?.Kind == FileKind.Picture)
            .Select(input => input.Key)
            .ToHashSet();
        var (cost, calls) = (0L, 0);
        foreach (var step in steps)
        {
            var items =
                step.ForEach is { } list && inputs.TryGetValue(list, out var value) && value.ValueKind == JsonValueKind.Array
                    ? value.GetArrayLength()
                    : 1;
            var read =
                step.FixedBytes
                + step.Reads.Sum(name => bytes.GetValueOrDefault(name))
                + (step.PictureTokens * step.Reads.Count(pictures.Contains));
            cost += items * RunBudgets.UpperBound(step.Prices, read, step.MaxTokens);
            calls += items;
            bytes[step.OutputKey] = CallBounds.BytesPerToken * step.MaxTokens * items;
        }

        return (cost, calls);
    }

    public static long BytesOf(JsonElement value) => Encoding.UTF8.GetByteCount(value.GetRawText());

    /// <summary>A step can send the text of a document, or what is known about it.</summary>
    public static long BytesOf(JsonElement value, IReadOnlyDictionary<string, long> documents) =>
        Math.Max(BytesOf(value), FileReference.Read(value) is { } file ? documents.GetValueOrDefault(file.File) : 0);
}
