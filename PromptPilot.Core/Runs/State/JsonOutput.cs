using System.Text.Json;
using PromptPilot.Core.JsonSchemas;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>Reads a model's text as JSON.</summary>
internal static class JsonOutput
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = JsonLimits.CarriedDepth, AllowDuplicateProperties = false };

    /// <summary>
    /// The JSON of an answer: the whole text, or the only JSON value in it where models put it, behind their thinking and inside a
    /// Markdown fence.
    /// </summary>
    /// <param name="schema">The schema it must match; null: any JSON.</param>
    /// <returns>The JSON, or a problem that names the place and the fault.</returns>
    public static Result<JsonElement> Read(string text, JsonElement? schema)
    {
        var parsed = ReadStored(text);
        return parsed.IsOk && JsonLimits.IsTooDeep(parsed.Value) ? TooDeep
            : parsed.IsOk && schema is { } wanted ? Check(parsed.Value, wanted)
            : parsed;
    }

    /// <summary>The JSON of an answer that was accepted earlier, possibly with another depth limit.</summary>
    public static Result<JsonElement> ReadStored(string text) => Find(text);

    /// <summary>The error in a JSON Schema and what to do about it; null when outputs can be validated against it.</summary>
    public static string? SchemaProblem(JsonElement schema) => OutputSchema.Of(schema).ProblemToSave;

    /// <summary>The whole text if it is JSON, else the one place in it that is.</summary>
    private static Result<JsonElement> Find(string text)
    {
        var whole = JsonAnswer.Whole(JsonText.WithoutNul(text));
        var parsed = Parse(whole);
        if (parsed.IsOk)
        {
            return parsed;
        }

        var candidates = JsonAnswer.Candidates(whole);
        var sound = candidates.Select(candidate => Parse(candidate)).Where(candidate => candidate.IsOk).ToList();
        return (sound.Count, candidates.Count) switch
        {
            (1, _) => sound[0],
            (> 1, _) => Wrong("it has more than one JSON value, and it is unclear which one is meant"),
            (_, 1) => Parse(candidates[0]),
            _ => parsed,
        };
    }

    private static Result<JsonElement> Parse(ReadOnlySpan<char> json)
    {
        if (json.IsEmpty)
        {
            return Wrong("it is empty");
        }

        try
        {
            var value = JsonElement.Parse(json, Strict);
            return HasHalfCharacter(json, value) ? Wrong("a string in it has a lone surrogate") : value;
        }
        catch (JsonException exception) when (JsonLimits.IsAboutDepth(exception))
        {
            return TooDeep;
        }
        catch (JsonException exception)
        {
            var reason = exception.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.');
            return Wrong(exception.LineNumber is { } line ? $"line {line + 1}: {reason}" : reason);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // The parser's two ways to say so: in the text itself, and as an escape in a field's name.
            return Wrong("it has a lone surrogate");
        }
    }

    private static Result<JsonElement> Check(JsonElement value, JsonElement schema)
    {
        var wanted = OutputSchema.Of(schema);
        if (wanted.Problem is { } problem)
        {
            return Problem.Invalid($"The step's JSON Schema cannot be used. {problem}");
        }

        try
        {
            var wrong = wanted.Check(value);
            return wrong.Count == 0 ? value : Problem.Invalid($"The answer does not match the JSON Schema: {string.Join("; ", wrong)}.");
        }
        catch (SchemaTooCostlyException)
        {
            return Problem.Invalid("The answer takes too long to validate against the JSON Schema. Simplify the schema.");
        }
    }

    /// <summary>A lone surrogate can be written as an escape, and would fail whenever the text is read.</summary>
    private static bool HasHalfCharacter(ReadOnlySpan<char> json, JsonElement value) =>
        json.IndexOf("\\ud", StringComparison.OrdinalIgnoreCase) >= 0 && JsonText.Fault(value) == Unicode.HalfCharacter;

    private static Problem TooDeep => Wrong($"it is nested more than {JsonLimits.Depth} levels deep");

    private static Problem Wrong(string why) => Problem.Invalid($"The answer is not valid JSON: {why}.");
}
