using System.Text;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Chat;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Calls;

namespace PromptPilot.Web.Features.Chat;

/// <summary>
/// Answers a chat by a run of a workflow. The text of the final step is sent as it comes; the steps before it are progress. The run ends
/// with the connection, because nobody else waits for it.
/// </summary>
internal sealed class RunChat(RunService runs, RevocationWatch revocation, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public async Task<IResult> AnswerAsync(Actor actor, ChatTarget target, ChatAnswer answer, CancellationToken cancellationToken)
    {
        var started = await runs.StartAsync(actor, new StartRunRequest(target.WorkflowId!, target.Inputs), cancellationToken);
        if (!started.IsOk)
        {
            return ChatErrors.From(started.Problem);
        }

        var watch = await runs.WatchAsync(actor, started.Value.Id, cancellationToken);
        if (!watch.IsOk)
        {
            return ChatErrors.From(watch.Problem);
        }

        using var held = watch.Value;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var sent = new SentText(target.Outputs);
        try
        {
            await revocation.RunAsync(actor, allowed => FollowAsync(held, sent, answer, allowed), either.Token);
        }
        catch (OperationCanceledException) when (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await runs.CancelAsync(Actor.System, started.Value.Id, CancellationToken.None);
            throw;
        }

        return await EndAsync(held.State, target, sent, answer, cancellationToken);
    }

    private async Task FollowAsync(RunWatch watch, SentText sent, ChatAnswer answer, CancellationToken cancellationToken)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        var next = watch.NextAsync(cancellationToken);
        while (true)
        {
            foreach (var step in watch.State.Steps.Where(step => step.Status is StepStatus.Running or StepStatus.Waiting))
            {
                var isReview = step.Status == StepStatus.Waiting;
                if (told.Add($"{step.StepId} {isReview}"))
                {
                    await answer.SendProgressAsync(
                        isReview
                            ? $"Step “{step.OutputKey}” waits for a person to review it."
                            : $"Step {step.Order} of {watch.State.Steps.Count}: {step.OutputKey}",
                        cancellationToken
                    );
                }
            }

            while (answer.IsStreamed && sent.Next(watch) is { Length: > 0 } piece)
            {
                await answer.SendTextAsync(piece, cancellationToken);
            }

            while (await Task.WhenAny(next, Task.Delay(LivePieces.Silence, time, cancellationToken)) != next)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await answer.BeatAsync(cancellationToken);
            }

            if (!await next)
            {
                return;
            }

            next = watch.NextAsync(cancellationToken);
            await Task.Delay(LivePieces.Pause, time, cancellationToken);
        }
    }

    private static async Task<IResult> EndAsync(
        RunState run,
        ChatTarget target,
        SentText sent,
        ChatAnswer answer,
        CancellationToken cancellationToken
    )
    {
        if (run.Status != RunStatus.Succeeded)
        {
            return await answer.FailAsync(
                ChatFailure.Of(run.Error?.Code, $"{run.Error?.Message ?? "The run ended early."} Run {run.Id}."),
                cancellationToken
            );
        }

        var text = TextOf(run, target.Outputs);
        return text.StartsWith(sent.Text, StringComparison.Ordinal)
            ? await answer.EndAsync(text[sent.Text.Length..], false, new ChatUsage(run.InputTokens, run.OutputTokens), cancellationToken)
            : await answer.FailAsync(
                new ChatFailure(
                    StatusCodes.Status502BadGateway,
                    $"A later attempt replaced the text that was already sent. The result is in run {run.Id}.",
                    "answer_changed"
                ),
                cancellationToken
            );
    }

    private static string TextOf(RunState run, IReadOnlyList<string> outputs)
    {
        var values = outputs.Where(key => run.Outputs?.ContainsKey(key) is true).ToDictionary(key => key, key => run.Outputs![key]);
        return values.Count switch
        {
            0 => "",
            1 when outputs.Count == 1 => StepState.TextOf(values[outputs[0]]),
            _ => StepState.TextOf(JsonSerializer.SerializeToElement(values, AppJson.Options)),
        };
    }

    /// <summary>
    /// What was sent of the final step's text. Only plain text is sent before the step has ended: other formats and reviewed outputs can
    /// still change.
    /// </summary>
    private sealed class SentText(IReadOnlyList<string> outputs)
    {
        private readonly StringBuilder _text = new();
        private int _attempt;

        public string Text => _text.ToString();

        /// <summary>The next piece; empty when there is none yet.</summary>
        public string Next(RunWatch watch)
        {
            var step = outputs.Count == 1 ? watch.State.Steps.FirstOrDefault(step => step.OutputKey == outputs[0]) : null;
            if (step is not { Options: { ForEach: null, Review: null, OutputFormat: OutputFormat.Text } })
            {
                return "";
            }

            var attempt = step.OpenAttempts.LastOrDefault()?.Attempt ?? 0;
            if (attempt == 0 || (_text.Length > 0 && attempt != _attempt))
            {
                // What remains is sent once the step has ended.
                return "";
            }

            _attempt = attempt;
            var piece = watch.TextOf(step.StepId, null, attempt) is { } text ? LivePieces.Next(text, _text.Length, isLast: false) : "";
            _text.Append(piece);
            return piece;
        }
    }
}
