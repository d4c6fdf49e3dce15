using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Files;

/// <summary>The inputs of a run whose files are stored.</summary>
/// <param name="Trigger">The value of <c>trigger</c>, without the contents of these files.</param>
internal sealed record RunFileInputs(IReadOnlyDictionary<string, JsonElement> Inputs, JsonElement? Trigger);

/// <summary>Takes the files among the inputs of a new run.</summary>
public sealed class RunFiles(FileInputs files, FileUses uses)
{
    /// <summary>Stores files that were sent inside of the request, and checks references.</summary>
    /// <returns>Or a problem at <c>inputs.NAME</c>.</returns>
    internal async Task<Result<RunFileInputs>> TakeAsync(
        IReadOnlyList<WorkflowInput> inputs,
        IReadOnlyDictionary<string, JsonElement> given,
        JsonElement? trigger,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var kinds = VariableTypes.FilesOf(inputs.Select(input => (input.Name, input.Type)));
        var taken = await files.TakeAsync(kinds, given, "inputs", principal.UserId, cancellationToken);
        return taken.Map(value => new RunFileInputs(value.Values, Without(trigger, value.Sent)));
    }

    /// <summary>Keeps the files of a run. Before its commit: then its first attempt may already start.</summary>
    internal Task KeepAsync(WorkflowRun run) =>
        uses.KeepAsync(
            FileOwner.Run,
            run.Id,
            run.Inputs.Values.Concat(run.Definition?.Steps.SelectMany(step => step.FixedValues?.Values ?? []) ?? []),
            CancellationToken.None
        );

    /// <summary>Takes the files among values that a fork gives the variables of a prompt.</summary>
    /// <returns>Or a problem at <c>values.NAME</c>.</returns>
    internal async Task<Result<IReadOnlyDictionary<string, JsonElement>>> TakeValuesAsync(
        PromptVersion prompt,
        IReadOnlyDictionary<string, JsonElement> given,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var kinds = VariableTypes.FilesOf(prompt.VariableDefinitions);
        var taken = await files.TakeAsync(kinds, given, "values", principal.UserId, cancellationToken);
        return taken.Map(value => value.Values);
    }

    /// <summary>
    /// The request that started the run stays with it, and pages and expressions show it: a file in it is stored once, not there as well.
    /// </summary>
    private static JsonElement? Without(JsonElement? trigger, IReadOnlyList<string> sent)
    {
        if (trigger is not { } value || sent.Count == 0)
        {
            return trigger;
        }

        var texts = sent.ToHashSet();
        using var memory = new MemoryStream();
        using (
            var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Encoder = AppJson.Encoder, MaxDepth = JsonLimits.CarriedDepth })
        )
        {
            Write(writer, value, texts);
        }

        return JsonElement.Parse(memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, HashSet<string> sent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, sent);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, sent);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when sent.Contains(value.GetString()!):
                writer.WriteStringValue("[stored as a file]");
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
