using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Compare;

/// <summary>Puts two runs side by side.</summary>
public sealed class RunCompareService(Operations operations, RunService runs, RenderedPrompts rendered)
{
    /// <summary>The most items of a list step whose prompts are rendered.</summary>
    private const int MostItems = 50;

    /// <summary>Compares the current states of two runs, which can belong to different workflows or still be running.</summary>
    /// <returns>NotFound, at <c>left</c> or <c>right</c>; Invalid at <c>right</c> when both are the same.</returns>
    public Task<Result<RunComparison>> CompareAsync(Actor actor, string leftId, string rightId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<RunComparison>(
            actor,
            Permission.Read,
            async _ =>
            {
                var left = await runs.FindAsync(actor, leftId, cancellationToken);
                var right = await runs.FindAsync(actor, rightId, cancellationToken);
                var missing = new[] { ("left", left.Problem), ("right", right.Problem) }.Where(side => side.Item2 is not null).ToList();
                if (missing.Count > 0)
                {
                    return missing[0].Item2! with { Errors = [.. missing.Select(side => new FieldError(side.Item1, side.Item2!.Message))] };
                }

                if (leftId == rightId)
                {
                    return Problem.AtField("right", "This is the same run. Choose another one to compare with.");
                }

                var prompts = new Dictionary<string, RenderedPrompt>();
                foreach (
                    var log in left
                        .Value.Steps.Concat(right.Value.Steps)
                        .SelectMany(step => StepComparison.Latest(step).Take(MostItems))
                        .Select(attempt => attempt.Log)
                        .OfType<ExecutionLog>()
                )
                {
                    if (!prompts.ContainsKey(log.Id) && await rendered.OfAsync(log, cancellationToken) is { IsOk: true } prompt)
                    {
                        prompts[log.Id] = prompt.Value.WithNames();
                    }
                }

                // Comparing long texts takes a while, so not on the thread of the viewer's circuit.
                return await Task.Run(() => RunComparison.Of(left.Value, right.Value, prompts), cancellationToken);
            },
            cancellationToken
        );
}
