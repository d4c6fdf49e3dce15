using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>A JSON Schema that values are checked by. Nothing is loaded, run without limit or silently ignored.</summary>
internal sealed class OutputSchema
{
    /// <summary>The most UTF-8 bytes of a schema.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MostErrors = 3;

    private static readonly ParseCache<OutputSchema> Parsed = new(text => new OutputSchema(text));

    private readonly CompiledSchema? _schema;

    private OutputSchema(string text)
    {
        try
        {
            _schema = Parse(text);
        }
        catch (SchemaException exception)
        {
            Problem = exception.Message;
        }
        catch (JsonException exception)
        {
            Problem = $"The schema cannot be read: {exception.Message.Split('\n')[0].TrimEnd()}";
        }
    }

    /// <summary>Why no value can be checked by it; null when values can be checked.</summary>
    public string? Problem { get; }

    /// <summary>
    /// Why it is not accepted; null when it is. Includes keywords without effect, which are probably mistakes. Schemas from before they
    /// were refused are still used for checks.
    /// </summary>
    public string? ProblemToSave => Problem ?? (_schema?.Ignored is [var first, ..] ? first : null);

    /// <summary>What in it is for the reader only, each with its place, e.g. <c>format “path” at $.format</c>.</summary>
    public IReadOnlyList<string> Unchecked => _schema?.Unchecked ?? [];

    public static OutputSchema Of(JsonElement schema) => Parsed.Get(schema.GetRawText());

    /// <summary>The errors in a value with their place, e.g. <c>items[2].price must be a number</c>. Only the first few.</summary>
    /// <exception cref="SchemaTooCostlyException">The value and the schema together take too long.</exception>
    public IReadOnlyList<string> Check(JsonElement value)
    {
        var all = SchemaValidator.Check(value, _schema!.Root).Select(error => error.ToString()).Distinct().Take(MostErrors + 1).ToList();
        if (all.Count > MostErrors)
        {
            all[MostErrors] = "and more";
        }

        return all;
    }

    private static CompiledSchema Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw new SchemaException($"The schema is larger than {MaxBytes / 1024} KB. Shorten it.");
        }

        var root = JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = JsonLimits.Depth, AllowDuplicateProperties = false });
        return root.ValueKind == JsonValueKind.Object
            ? SchemaCompiler.Compile(root)
            : throw new SchemaException("The schema must be an object, like {\"type\": \"object\", \"properties\": {…}}.");
    }
}
