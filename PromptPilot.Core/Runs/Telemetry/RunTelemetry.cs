using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Telemetry;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Runs.Telemetry;

/// <summary>
/// Runs and attempts as spans and in metrics. A run that waits for a person, or continues after a restart, has one span for each time it
/// is executed, all below the request that started it.
/// </summary>
internal static class RunTelemetry
{
    private const string RunId = "promptpilot.run.id";
    private const string RunStatusTag = "promptpilot.run.status";
    private const string Trigger = "promptpilot.trigger.kind";

    private static readonly Counter<long> Runs = PortalTelemetry.Meter.CreateCounter<long>(
        "promptpilot.runs",
        "{run}",
        "Ended runs by outcome"
    );
    private static readonly Histogram<double> Duration = PortalTelemetry.Meter.CreateHistogram<double>(
        GenAiNames.WorkflowDuration,
        "s",
        "Duration of runs, from start to end"
    );

    /// <summary>The payload of a run's first event: the trace that the run continues, if there is one.</summary>
    public static RunEventPayload? Queued() => PortalTelemetry.Context is { } context ? new RunEventPayload { Trace = context } : null;

    /// <summary>Starts the span of a run's execution.</summary>
    /// <returns>Null when no one listens.</returns>
    public static Activity? Begin(RunState state)
    {
        var activity = PortalTelemetry.StartBelow(state.Trace, $"{GenAiNames.InvokeWorkflow} {state.WorkflowName}", ActivityKind.Internal);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(GenAiNames.Operation, GenAiNames.InvokeWorkflow);
            activity.SetTag(GenAiNames.AgentName, state.WorkflowName);
            activity.SetTag(GenAiNames.AgentVersion, state.WorkflowVersion);
            activity.SetTag(RunId, state.Id);
            activity.SetTag(Trigger, Word(state.TriggerKind.ToString()));
        }

        return activity;
    }

    /// <summary>Records how far the run got in this execution.</summary>
    public static void End(Activity? activity, RunState state)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetTag(RunStatusTag, Word(state.Status.ToString()));
        if (state.Error is { } error)
        {
            activity.Fail(Word(error.Code.ToString()));
        }
    }

    /// <summary>Starts the span of one attempt of a step.</summary>
    /// <returns>Null when no one listens.</returns>
    public static Activity? Begin(AttemptRequest attempt)
    {
        if (!PortalTelemetry.Source.HasListeners())
        {
            return null;
        }

        var step = attempt.Step;
        var activity = PortalTelemetry.Source.StartActivity($"step {step.OutputKey}");
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("promptpilot.step.key", step.OutputKey);
            activity.SetTag("promptpilot.step.attempt", attempt.Key.Attempt);
            activity.SetTag("promptpilot.step.item", attempt.Key.ItemIndex);
            activity.SetTag(GenAiNames.PromptName, step.Prompt.Name);
            activity.SetTag(GenAiNames.PromptVersion, step.Prompt.Version.ToString());
        }

        return activity;
    }

    public static void End(Activity? activity, ExecutionLog log)
    {
        if (log.ErrorCode is { } code)
        {
            activity?.Fail(Word(code.ToString()));
        }
    }

    /// <summary>Counts a run whose end was committed.</summary>
    public static void Committed(JournalEntry entry)
    {
        if (
            !Runs.Enabled
            || entry.State is not { IsFinished: true } state
            || entry.Events.All(happened => happened.Type != RunEventType.Finished)
        )
        {
            return;
        }

        var tags = new TagList
        {
            { "status", Word(state.Status.ToString()) },
            { "trigger", state.IsExperiment ? "experiment" : Word(state.TriggerKind.ToString()) },
        };
        if (state.Error is { Code: var code })
        {
            tags.Add(PortalTelemetry.ErrorType, Word(code.ToString()));
        }

        Runs.Add(1, tags);
        if (state.DurationMs is { } milliseconds && !state.IsExperiment)
        {
            Duration.Record(
                milliseconds / 1000.0,
                new TagList { { GenAiNames.Operation, GenAiNames.InvokeWorkflow }, { GenAiNames.AgentName, state.WorkflowName } }
            );
        }
    }

    private static string Word(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
