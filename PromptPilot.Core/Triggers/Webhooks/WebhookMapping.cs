using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>Maps a received request to the inputs of a run: each by one Liquid expression over the key <c>trigger</c>.</summary>
internal static class WebhookMapping
{
    public const string Key = "trigger";

    /// <summary>The errors in a mapping, at <c>webhook.inputMapping.INPUT</c>.</summary>
    public static IReadOnlyList<FieldError> Problems(IReadOnlyDictionary<string, string> mapping, IReadOnlyList<WorkflowInput> inputs)
    {
        var names = inputs.Select(input => input.Name).ToHashSet();
        var errors = new List<FieldError>();
        foreach (var (name, text) in mapping)
        {
            var at = $"webhook.inputMapping.{name}";
            var expression = LiquidExpression.Parse(text);
            if (!names.Contains(name))
            {
                errors.Add(new FieldError(at, $"The workflow has no input “{name}”.{Spelling.DidYouMean(name, names)}"));
            }
            else if (text.Length > ExpressionProblems.MaxLength)
            {
                errors.Add(new FieldError(at, $"An expression can have at most {ExpressionProblems.MaxLength} characters."));
            }
            else if (expression.Errors.Count > 0)
            {
                errors.AddRange(expression.Errors.Select(error => new FieldError(at, error.Message, error.Line, error.Column)));
            }
            else
            {
                errors.AddRange(
                    expression
                        .Reads.Where(key => key != Key)
                        .Select(key => new FieldError(
                            at,
                            $"There is no “{key}” here. To read the request, write “trigger.{Path(key)}”. To use fixed text, "
                                + $"put it in quotes: '{key}'."
                        ))
                );
            }
        }

        return errors;
    }

    private static string Path(string key) => key is "payload" or "headers" ? key : $"payload.{key}";

    ///
    /// /// <summary>The key <c>trigger</c>: payload and headers.</summary>
    public static JsonElement Context(WebhookEvent received) => JsonSerializer.SerializeToElement(received, AppJson.Options);

    /// <summary>The inputs of a run.</summary>
    /// <param name="constants">Inputs with a fixed value; an expression for the same input wins.</param>
    /// <returns>The inputs that have a value; or one error an input, at <c>webhook.inputMapping.INPUT</c>.</returns>
    public static Result<Dictionary<string, JsonElement>> Map(
        IReadOnlyDictionary<string, string> mapping,
        IReadOnlyDictionary<string, JsonElement> constants,
        IReadOnlyList<WorkflowInput> inputs,
        JsonElement context,
        CancellationToken cancellationToken
    )
    {
        var given = new Dictionary<string, JsonElement>(constants);
        var keys = new Dictionary<string, JsonElement> { [Key] = context };
        var errors = new List<FieldError>();
        foreach (var (name, text) in mapping)
        {
            var at = $"webhook.inputMapping.{name}";
            var input = inputs.FirstOrDefault(candidate => candidate.Name == name);
            var value = LiquidExpression.Parse(text).Evaluate(keys, cancellationToken);
            if (!value.IsOk)
            {
                errors.Add(new FieldError(at, value.Problem.Message));
            }
            else if (value.Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                given.Remove(name);
                if (input is { Required: true, Default: null })
                {
                    errors.Add(new FieldError(at, $"“{name}” is required, but “{text}” gives no value for this request."));
                }
            }
            else
            {
                given[name] = input is null ? value.Value : Fitted(value.Value, input.Type);
                // Files are checked when they are stored.
                if (
                    input is not null
                    && input.Type.FileKind() is null
                    && InputValues.Problem(given[name], input.Type, input.Choices) is { } wrong
                )
                {
                    errors.Add(new FieldError(at, $"“{text}” is not valid for “{name}”. {wrong}{Hint(value.Value, input.Type)}"));
                }
            }
        }

        return errors.Count == 0
            ? given
            : new Problem(
                ProblemKind.Unprocessable,
                "The request was verified but does not provide the required inputs. No run was started.",
                errors
            );
    }

    /// <summary>
    /// Forms and headers have texts only, and an issue's number is often wanted in a text: plain values take the wanted type where that
    /// loses nothing.
    /// </summary>
    private static JsonElement Fitted(JsonElement value, VariableType type) =>
        (type, value.ValueKind) switch
        {
            (VariableType.Text or VariableType.Choice, JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) => AppJson.Text(
                value.GetRawText()
            ),
            (VariableType.Number, JsonValueKind.String) when JsonText.TryReadNumber(value.GetString()!, out var number) => number,
            (VariableType.Boolean, JsonValueKind.String) when bool.TryParse(value.GetString(), out var truth) =>
                JsonSerializer.SerializeToElement(truth),
            (VariableType.Image or VariableType.Document, JsonValueKind.String) => JsonSerializer.SerializeToElement(
                new { data = value },
                AppJson.Options
            ),
            _ => value,
        };

    private static string Hint(JsonElement value, VariableType type) =>
        type == VariableType.Text && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? " Add “| json” to pass it as JSON text."
            : "";
}
