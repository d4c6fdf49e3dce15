namespace PromptPilot.Core.Workflows.Options;

/// <summary>Builds the rows of <see cref="StepOptionTable"/>.</summary>
internal static class StepOptionRow
{
    public static StepOption Of<T>(string field, string name, Func<StepOptions, T> get, Func<StepOptions, T, StepOptions> with)
    {
        var standard = get(new StepOptions());
        return new StepOption(field, name, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T))
        {
            Get = options => get(options),
            With = (options, value) => with(options, value is T known ? known : standard),
        };
    }

    /// <param name="message">With {0} for the smallest and {1} for the largest.</param>
    public static Func<OptionCheck, IEnumerable<WorkflowProblem?>> InRange(
        Func<StepOptions, int?> get,
        int least,
        int most,
        string message
    ) => c => [NumberRange.Problem(get(c.Options), least, most, c.Field, message)];

    /// <summary>From 0.</summary>
    public static Func<OptionCheck, IEnumerable<WorkflowProblem?>> InRange(Func<StepOptions, double?> get, double most, string message) =>
        c =>
            [
                get(c.Options) is { } value && !(value >= 0 && value <= most)
                    ? new WorkflowProblem(c.Field, message, BlocksSaving: true)
                    : null,
            ];
}
