using System.Globalization;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>Whole numbers that have a smallest and a largest value.</summary>
internal static class NumberRange
{
    /// <param name="message">With {0} for the smallest and {1} for the largest.</param>
    public static WorkflowProblem? Problem(int? value, int least, int most, string field, string message) =>
        value is null || (value >= least && value <= most)
            ? null
            : new WorkflowProblem(
                field,
                string.Format(
                    CultureInfo.InvariantCulture,
                    message,
                    least.ToString("N0", CultureInfo.InvariantCulture),
                    most.ToString("N0", CultureInfo.InvariantCulture)
                ),
                BlocksSaving: true
            );
}
