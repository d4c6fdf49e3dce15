using System.Text.Json;
using CsvHelper;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.TestSets;

/// <summary>Test cases as CSV: a column for each input, and name, expected value and tags.</summary>
internal static class CaseCsv
{
    /// <summary>The most characters of a file.</summary>
    public const int MaxLength = 8_000_000;

    private const string NameColumn = "name";
    private const string ExpectedColumn = "expected";
    private const string TagsColumn = "tags";

    /// <summary>Tells an input from a column of the case that has the same name.</summary>
    private const string InputPrefix = "input.";

    private static readonly string[] OfTheCase = [NameColumn, ExpectedColumn, TagsColumn];

    /// <summary>The cases of a file.</summary>
    /// <param name="variables">Say which inputs are not text.</param>
    public static Result<List<TestCaseContent>> Read(string csv, IReadOnlyList<TestVariable> variables)
    {
        if (csv.Length > MaxLength)
        {
            return Problem.AtField("file", $"A file can have at most {MaxLength:N0} characters.");
        }

        if (Unicode.Fault(csv) is { } fault)
        {
            return Problem.AtField("file", fault);
        }

        try
        {
            using var reader = CsvReader.FromText(csv, new CsvReaderOptions { FieldCountMismatch = CsvFieldCountHandling.Throw });
            var columns = reader.Headers.Select(header => header.Trim()).ToList();
            if (columns.Count == 0 || columns.Exists(column => column.Length == 0))
            {
                return Problem.AtField("file", "The first line must name each column: the inputs, and name, expected or tags.");
            }

            if (columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                return Problem.AtField("file", $"Two columns are named “{Shorten.Text(twice.Key, 60)}”. Rename or remove one.");
            }

            var types = variables.ToDictionary(variable => variable.Name, variable => variable.Type, StringComparer.Ordinal);
            var cases = new List<TestCaseContent>();
            while (reader.Read())
            {
                var row = Case(columns, reader, types);
                if (!row.IsOk)
                {
                    return Problem.AtField("file", $"Row {cases.Count + 1}: {row.Problem.Message}");
                }

                cases.Add(row.Value);
            }

            return cases.Count == 0 ? Problem.AtField("file", "The file has no rows below its first line.") : cases;
        }
        catch (CsvFormatException exception)
        {
            return Problem.AtField("file", $"The file is not valid CSV: {exception.Message}");
        }
    }

    /// <summary>The same back: columns for all inputs that any case has.</summary>
    public static byte[] Write(IReadOnlyList<TestCase> cases)
    {
        var inputs = cases.SelectMany(test => test.Inputs.Keys).Distinct(StringComparer.Ordinal).ToList();
        return CsvText.Write(
            [NameColumn, .. inputs.Select(input => OfTheCase.Contains(input) ? InputPrefix + input : input), ExpectedColumn, TagsColumn],
            cases.Select(test =>
                (string?[])
                    [
                        test.Name,
                        .. inputs.Select(input => test.Inputs.TryGetValue(input, out var value) ? CaseValues.Text(value) : null),
                        test.Expected,
                        string.Join(", ", test.Tags),
                    ]
            )
        );
    }

    private static Result<TestCaseContent> Case(List<string> columns, CsvReader reader, Dictionary<string, VariableType> types)
    {
        var (name, expected, tags) = ("", (string?)null, Array.Empty<string>());
        var inputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Count; i++)
        {
            var cell = CsvText.Unescape(reader.GetString(i));
            switch (columns[i])
            {
                case NameColumn:
                    name = cell;
                    break;
                case ExpectedColumn:
                    expected = cell;
                    break;
                case TagsColumn:
                    tags = cell.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                    break;
                default:
                    var input = columns[i].StartsWith(InputPrefix, StringComparison.Ordinal)
                        ? columns[i][InputPrefix.Length..]
                        : columns[i];
                    var type = types.GetValueOrDefault(input);
                    if (cell.Length == 0 && type is not (VariableType.Text or VariableType.Choice))
                    {
                        break;
                    }

                    if (CaseValues.Parse(cell, type) is not { } value)
                    {
                        return Problem.AtField(input, $"“{Shorten.Text(cell, 40)}” in column “{input}” is not {CaseValues.Wanted(type)}.");
                    }

                    inputs[input] = value;
                    break;
            }
        }

        return new TestCaseContent(name, inputs, expected, tags);
    }
}
