using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// The errors of a refusal, looked up by field: for MudBlazor's <c>Error</c> and <c>ErrorText</c>, and for <see cref="FieldError"/> texts
/// beside native inputs.
/// </summary>
internal sealed class FieldErrors
{
    public static readonly FieldErrors None = new(null);

    private readonly Problem? _problem;

    public FieldErrors(Problem? problem) => _problem = problem;

    public bool Has(string field) => _problem?.Errors.Any(error => error.Field == field) is true;

    /// <summary>All that is wrong at the field, in order.</summary>
    public IReadOnlyList<FieldError> AllAt(string field) => [.. _problem?.Errors.Where(error => error.Field == field) ?? []];

    /// <summary>The error of the field, with line and column if it has them; null if there is none.</summary>
    public string? At(string field)
    {
        var messages = _problem?.Errors.Where(error => error.Field == field).Select(Words).ToList();
        return messages is { Count: > 0 } ? string.Join(" ", messages) : null;
    }

    /// <summary>
    /// The message of the refusal and those errors whose field none of <paramref name="shown"/> shows; null when there is nothing left to
    /// say.
    /// </summary>
    public string? Rest(params IReadOnlyCollection<string> shown)
    {
        if (_problem is null)
        {
            return null;
        }

        var rest = _problem.Errors.Where(error => !shown.Contains(error.Field)).Select(error => $"{error.Field}: {Words(error)}");
        return string.Join(" ", [_problem.Message, .. rest]);
    }

    private static string Words(FieldError error) =>
        error.Line is { } line ? $"Line {line}, column {error.Column ?? 1}: {error.Message}" : error.Message;
}
