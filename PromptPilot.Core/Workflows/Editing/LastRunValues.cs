using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>
/// What the newest finished run of a workflow had under its keys, as samples for who edits the mapping. Bounded: what is too long is left
/// out.
/// </summary>
public sealed class LastRunValues
{
    /// <summary>Characters of one value as JSON; a longer one has no sample.</summary>
    public const int MaxValueLength = 64 * 1024;

    /// <summary>Characters of all values together.</summary>
    public const int MaxLength = 512 * 1024;

    public const int MaxPaths = 60;
    private const int MaxDepth = 3;
    private const int LongestSample = 80;

    public static readonly LastRunValues None = new(null, null, new Dictionary<string, JsonElement>());

    private readonly Dictionary<string, JsonElement> _values = [];

    /// <param name="values">The run context: inputs, <c>run</c>, <c>trigger</c>, outputs by key.</param>
    internal LastRunValues(string? runId, DateTime? at, IReadOnlyDictionary<string, JsonElement> values)
    {
        (RunId, At) = (runId, at);
        var left = MaxLength;
        foreach (var (key, value) in values)
        {
            var length = value.GetRawText().Length;
            if (length <= Math.Min(left, MaxValueLength))
            {
                _values[key] = value;
                left -= length;
            }
        }

        Paths =
        [
            .. _values
                .Where(pair => pair.Value.ValueKind == JsonValueKind.Object && FileReference.Read(pair.Value) is null)
                .SelectMany(pair => PathsOf(pair.Key, pair.Value, 1))
                .Take(MaxPaths),
        ];
    }

    /// <summary>The figures of each step by its id; empty if not known.</summary>
    public IReadOnlyDictionary<string, StepFigures> Figures { get; internal init; } = new Dictionary<string, StepFigures>();

    /// <summary>The values of one run: its inputs and existing outputs.</summary>
    public static LastRunValues OfRun(
        string runId,
        DateTime queuedAt,
        IReadOnlyDictionary<string, JsonElement> inputs,
        IReadOnlyDictionary<string, JsonElement>? outputs
    ) =>
        new(
            runId,
            queuedAt,
            inputs
                .Concat(outputs ?? new Dictionary<string, JsonElement>())
                .GroupBy(pair => pair.Key)
                .ToDictionary(pairs => pairs.Key, pairs => pairs.Last().Value)
        );

    /// <summary>The same with a value under one more key, unless the run had one there.</summary>
    public LastRunValues With(string key, JsonElement value) =>
        _values.ContainsKey(key)
            ? this
            : new LastRunValues(RunId, At, new Dictionary<string, JsonElement>(_values) { [key] = value }) { Figures = Figures };

    /// <summary>Null when there was none.</summary>
    public string? RunId { get; }

    public DateTime? At { get; }

    /// <summary>Paths into values that are objects, such as <c>ticket.title</c>.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The value under a key, whole; null when there was none, or it is too long to be a sample.</summary>
    public JsonElement? ValueOf(string key) => _values.TryGetValue(key, out var value) ? value : null;

    /// <summary>The value of an expression in the last run, in one short line; null when unknown.</summary>
    public string? Of(string expression)
    {
        if (string.IsNullOrWhiteSpace(expression) || _values.Count == 0)
        {
            return null;
        }

        var parsed = LiquidExpression.Parse(expression);
        if (parsed.Errors.Count > 0 || parsed.Reads.Count == 0 || !parsed.Reads.Any(_values.ContainsKey))
        {
            return null;
        }

        var value = parsed.Evaluate(_values, CancellationToken.None);
        return value.IsOk ? Short(value.Value) : null;
    }

    private static string? Short(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String => Cut(value.GetString()!),
            JsonValueKind.Object when FileReference.Read(value) is { } file => Cut($"[{file.Name}]"),
            JsonValueKind.Array => string.Create(
                CultureInfo.InvariantCulture,
                $"{value.GetArrayLength()} items: {Cut(value.GetRawText())}"
            ),
            _ => Cut(value.GetRawText()),
        };

    private static string Cut(string text)
    {
        // There is little white space: four times the length suffices, without splitting a megabyte.
        var line = string.Join(' ', Shorten.Text(text, LongestSample * 4).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Shorten.Text(line, LongestSample);
    }

    private static IEnumerable<string> PathsOf(string at, JsonElement value, int depth)
    {
        foreach (var property in value.EnumerateObject().Where(property => KeyNames.IsName(property.Name)))
        {
            yield return $"{at}.{property.Name}";
            if (depth < MaxDepth && property.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var path in PathsOf($"{at}.{property.Name}", property.Value, depth + 1))
                {
                    yield return path;
                }
            }
        }
    }
}

/// <summary>The median time and cost of a step in the newest runs, summed over all items and attempts of a run.</summary>
/// <param name="Milliseconds">From its first attempt's start to its last one's end.</param>
/// <param name="Cost">In nano-USD.</param>
/// <param name="Runs">The number of runs it is computed from.</param>
public sealed record StepFigures(long Milliseconds, long Cost, int Runs = 1)
{
    /// <summary>At least one run, in any order.</summary>
    public static StepFigures Median(IReadOnlyCollection<StepFigures> runs)
    {
        var middle = (runs.Count - 1) / 2;
        return new StepFigures(
            runs.Select(run => run.Milliseconds).Order().ElementAt(middle),
            runs.Select(run => run.Cost).Order().ElementAt(middle),
            runs.Count
        );
    }
}
