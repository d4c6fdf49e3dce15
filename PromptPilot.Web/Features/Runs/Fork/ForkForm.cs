using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Runs.Fork;

/// <summary>The content of the fork drawer, and the request built from its differences from the run.</summary>
internal sealed class ForkForm
{
    private readonly StepState _step;
    private readonly Dictionary<string, ForkValue> _values;
    private readonly Dictionary<string, FileKind> _files = [];

    public ForkForm(RunState run, StepState step)
    {
        _step = step;
        PromptVersion = step.PromptVersion;
        var parameters = step.Options.Parameters;
        Temperature = Text(parameters?.Temperature);
        MaxTokens = Text(parameters?.MaxTokens);
        TopP = Text(parameters?.TopP);
        var log = step.Attempts.LastOrDefault(attempt => attempt.Log is not null)?.Log;
        Item = log?.ItemIndex + 1;
        _values = (log?.Input ?? []).ToDictionary(value => value.Key, value => new ForkValue(value.Key, value.Value));
        Inputs = [.. run.Inputs.Select(input => new ForkValue(input.Key, input.Value))];
        var replay = run.Replay(step.StepId);
        Anew = [.. replay.Again.Select(again => again.OutputKey)];
        Kept = [.. replay.Kept.Select(kept => kept.OutputKey)];
    }

    public string PromptVersion { get; set; }

    /// <summary>Id of another profile; empty: the step's.</summary>
    public string Model { get; set; } = "";

    public string Temperature { get; set; }

    public string MaxTokens { get; set; }

    public string TopP { get; set; }

    /// <summary>For a step with a list: the number, from 1, of the item whose values are shown.</summary>
    public int? Item { get; }

    public IReadOnlyList<ForkValue> Inputs { get; }

    /// <summary>Output keys of the steps that run again.</summary>
    public IReadOnlyList<string> Anew { get; }

    /// <summary>Output keys of the steps whose results are kept.</summary>
    public IReadOnlyList<string> Kept { get; }

    /// <summary>The names of the values that a version's variables take.</summary>
    /// <param name="variables">Variables of the selected version; null while unknown: those of the last call.</param>
    public IReadOnlyList<ForkValue> Values(IReadOnlyList<string>? variables) =>
        variables is null ? [.. _values.Values] : [.. variables.Select(Value)];

    /// <summary>Notes that a variable takes a file, so that a value that was not set before is chosen like one.</summary>
    public void Expect(string variable, FileKind kind)
    {
        _files[variable] = kind;
        _values.GetValueOrDefault(variable)?.Expect(kind);
    }

    /// <summary>The request; what cannot be read is an error at its field, the rest is for the service to judge.</summary>
    public Result<ForkRequest> Read(IReadOnlyList<string>? variables)
    {
        var errors = new List<FieldError>();
        var parameters = new ParameterChanges(
            Number(Temperature, "parameters.temperature", errors),
            Whole(MaxTokens, "parameters.maxTokens", errors),
            Number(TopP, "parameters.topP", errors),
            _step.Options.Parameters?.Effort
        );
        var values = Changed(Values(variables), "values", errors);
        var inputs = Changed(Inputs, "inputs", errors);
        return errors.Count > 0
            ? Problem.Invalid("Fix the highlighted fields.", errors)
            : new ForkRequest(
                _step.StepId,
                PromptVersion == _step.PromptVersion ? null : PromptVersion,
                Model.Length == 0 ? null : Model,
                parameters == (_step.Options.Parameters ?? new ParameterChanges()) ? null : parameters,
                values,
                inputs
            );
    }

    private ForkValue Value(string name)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            _values[name] = value = new ForkValue(name, default);
            if (_files.TryGetValue(name, out var kind))
            {
                value.Expect(kind);
            }
        }

        return value;
    }

    private static Dictionary<string, JsonElement>? Changed(IReadOnlyList<ForkValue> fields, string path, List<FieldError> errors)
    {
        var changed = new Dictionary<string, JsonElement>();
        foreach (var field in fields.Where(field => field.IsChanged))
        {
            var value = field.Read();
            if (value.IsOk)
            {
                changed[field.Name] = value.Value;
            }
            else
            {
                errors.Add(new FieldError($"{path}.{field.Name}", value.Problem.Message));
            }
        }

        return changed.Count == 0 ? null : changed;
    }

    private static double? Number(string text, string field, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (!double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            errors.Add(new FieldError(field, "Enter a number, such as 0.5."));
            return null;
        }

        return number;
    }

    private static int? Whole(string text, string field, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (!int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            errors.Add(new FieldError(field, "Enter a whole number, such as 500."));
            return null;
        }

        return number;
    }

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A value in the drawer. Texts are shown unchanged, anything else as JSON.</summary>
internal sealed class ForkValue
{
    private readonly string _original;

    /// <param name="value">The earlier value; undefined if there was none.</param>
    public ForkValue(string name, JsonElement value)
    {
        Name = name;
        IsJson = value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Undefined);
        Kind = FileReference.Read(value)?.Kind;
        Text = _original = RunPageModel.Text(value);
    }

    public string Name { get; }

    public bool IsJson { get; }

    /// <summary>Null: it is no file.</summary>
    public FileKind? Kind { get; private set; }

    public string Text { get; set; }

    /// <summary>A text area always returns line ends as \n.</summary>
    public bool IsChanged => Text.ReplaceLineEndings("\n") != _original.ReplaceLineEndings("\n");

    /// <summary>Its variable takes a file. A text that is there stays one.</summary>
    public void Expect(FileKind kind) => Kind ??= _original.Length == 0 ? kind : (FileKind?)null;

    public Result<JsonElement> Read() => IsJson || Kind is not null ? JsonText.Read(Text) : AppJson.Text(Text);
}
