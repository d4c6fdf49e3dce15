using System.Text;
using System.Text.Json;
using CsvHelper;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>The values of a row, and what is wrong with them by input.</summary>
/// <param name="Values">Those that the row has; a value of the wrong type is missing.</param>
internal sealed record BatchValues(Dictionary<string, JsonElement> Values, Dictionary<string, string> Errors);

/// <summary>The rows of a CSV file, and how they become inputs of a workflow. Pure.</summary>
internal sealed record BatchFile(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The columns and rows of a file.</summary>
    /// <returns>A problem at <c>csv</c>.</returns>
    public static Result<BatchFile> Read(string csv, ExperimentsOptions limits)
    {
        if (csv.Length > limits.MaxBatchKilobytes * 1024L || Encoding.UTF8.GetByteCount(csv) > limits.MaxBatchKilobytes * 1024L)
        {
            return Problem.AtField(
                "csv",
                $"The file is larger than {limits.MaxBatchKilobytes:N0} KB. Split it, or ask an admin to raise the limit in Settings."
            );
        }

        if (Unicode.Fault(csv) is { } fault)
        {
            return Problem.AtField("csv", fault);
        }

        try
        {
            using var reader = CsvReader.FromText(csv, new CsvReaderOptions { FieldCountMismatch = CsvFieldCountHandling.Throw });
            var columns = reader.Headers.Select(header => header.Trim()).ToList();
            if (columns.TrueForAll(column => column.Length == 0))
            {
                return Problem.AtField("csv", "The file is empty. Its first line must name the columns.");
            }

            if (columns.Where(column => column.Length > 0).GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                return Problem.AtField("csv", $"Two columns are named “{Shorten.Text(twice.Key, 60)}”. Rename or remove one.");
            }

            var rows = new List<IReadOnlyList<string>>();
            while (reader.Read())
            {
                if (rows.Count == limits.MaxBatchRows)
                {
                    return Problem.AtField(
                        "csv",
                        $"The file has more than {limits.MaxBatchRows:N0} rows. Split it, or ask an admin to raise the limit in Settings."
                    );
                }

                rows.Add([.. Enumerable.Range(0, columns.Count).Select(i => CsvText.Unescape(reader.GetString(i)))]);
            }

            return rows.Count == 0 ? Problem.AtField("csv", "The file has no rows below its first line.") : new BatchFile(columns, rows);
        }
        catch (CsvFormatException exception)
        {
            return Problem.AtField("csv", $"The file is not valid CSV: {exception.Message}");
        }
    }

    /// <summary>The column of each input: the chosen one, else one of the same name but for case, blanks and punctuation.</summary>
    /// <param name="chosen">Input → name of a column; empty: none.</param>
    public IReadOnlyDictionary<string, int> Match(IReadOnlyList<WorkflowInput> inputs, IReadOnlyDictionary<string, string>? chosen)
    {
        var matched = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var input in inputs)
        {
            var index =
                chosen?.TryGetValue(input.Name, out var column) == true ? (column.Length == 0 ? -1 : IndexOf(column.Trim()))
                : IndexOf(input.Name) is var exact and >= 0 ? exact
                : Columns.ToList().FindIndex(name => name.Length > 0 && Plain(name) == Plain(input.Name));
            if (index >= 0)
            {
                matched[input.Name] = index;
            }
        }

        return matched;
    }

    /// <summary>What is wrong with the choice of columns, and with required inputs that have none.</summary>
    public IEnumerable<FieldError> ColumnErrors(IReadOnlyList<WorkflowInput> inputs, IReadOnlyDictionary<string, string>? chosen)
    {
        foreach (var (name, column) in chosen ?? new Dictionary<string, string>())
        {
            if (inputs.All(input => input.Name != name))
            {
                yield return new FieldError(
                    $"columns.{name}",
                    $"This workflow has no input “{Shorten.Text(name, 60)}”.{Spelling.DidYouMean(name, inputs.Select(i => i.Name))}"
                );
            }
            else if (column.Length > 0 && IndexOf(column.Trim()) < 0)
            {
                yield return new FieldError($"columns.{name}", $"The file has no column “{Shorten.Text(column, 60)}”.");
            }
        }

        var matched = Match(inputs, chosen);
        foreach (var input in inputs.Where(input => IsNeeded(input) && !matched.ContainsKey(input.Name)))
        {
            yield return new FieldError($"columns.{input.Name}", $"“{input.Name}” is required. Choose its column.");
        }
    }

    /// <summary>The inputs of a row. An empty cell is no value.</summary>
    public BatchValues ValuesOf(int row, IReadOnlyList<WorkflowInput> inputs, IReadOnlyDictionary<string, int> matched)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in inputs.Where(input => matched.ContainsKey(input.Name)))
        {
            var cell = Rows[row][matched[input.Name]];
            if (cell.Length == 0)
            {
                continue;
            }

            if (CaseValues.Parse(cell, input.Type) is { } value)
            {
                values[input.Name] = value;
            }
            else
            {
                errors[input.Name] = $"“{Shorten.Text(cell, 40)}” is not {CaseValues.Wanted(input.Type)}.";
            }
        }

        foreach (var error in WorkflowInputs.Bind(inputs, values).Problem?.Errors ?? [])
        {
            errors.TryAdd(error.Field["inputs.".Length..], error.Message);
        }

        return new BatchValues(values, errors);
    }

    /// <summary>Whether a run cannot start without a value for it.</summary>
    public static bool IsNeeded(WorkflowInput input) =>
        input.Required && input.Default is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    private int IndexOf(string column) => Columns.ToList().FindIndex(name => name.Length > 0 && name == column);

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
