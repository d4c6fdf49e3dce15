using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>What is said about a schema while it is edited.</summary>
/// <param name="Schema">Null: the text is empty or no JSON.</param>
/// <param name="Problem">Why it is not accepted, beginning with its line where that is known; null: it is.</param>
/// <param name="Unchecked">Parts that say something to the reader only, each with its place.</param>
public sealed record SchemaCheck(JsonElement? Schema, string? Problem, IReadOnlyList<string> Unchecked)
{
    /// <summary>The schema in a text as someone types it.</summary>
    public static SchemaCheck Of(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new SchemaCheck(null, null, []);
        }

        var read = JsonText.Read(text);
        if (!read.IsOk)
        {
            return new SchemaCheck(null, read.Problem.Message, []);
        }

        var schema = OutputSchema.Of(read.Value);
        var problem = schema.ProblemToSave;
        var line = problem is null ? 0 : LineOf(text, problem);
        return new SchemaCheck(read.Value, line > 1 ? $"Line {line}: {problem}" : problem, schema.Unchecked);
    }

    /// <summary>The line of the deepest place that a message names, e.g. <c>$.properties.price.minimum</c>; 0: it names none.</summary>
    internal static int LineOf(string text, string message)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = JsonLimits.CarriedDepth });
        var (best, length) = (0, 0);
        var places = new Stack<Container>();
        var place = "$";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    place = $"{places.Peek().Place}.{reader.GetString()}";
                    Take((int)reader.TokenStartIndex);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    places.Pop();
                    continue;
            }

            if (places.TryPeek(out var parent) && parent.IsList)
            {
                place = $"{parent.Place}[{parent.Next++}]";
                Take((int)reader.TokenStartIndex);
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                places.Push(new Container(place, reader.TokenType == JsonTokenType.StartArray));
            }
        }

        return best;

        void Take(int at)
        {
            if (place.Length > length && message.StartsWith(place, StringComparison.Ordinal))
            {
                (best, length) = (bytes.AsSpan(0, at).Count((byte)'\n') + 1, place.Length);
            }
        }
    }

    /// <summary>An object or list that the reader is in.</summary>
    private sealed class Container(string place, bool isList)
    {
        public string Place => place;

        public bool IsList => isList;

        public int Next { get; set; }
    }
}
