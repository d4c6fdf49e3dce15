using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Models.Telemetry;

/// <summary>One model call as a span and in metrics.</summary>
internal sealed class CallTelemetry : IDisposable
{
    /// <summary>Nano-USD in one USD.</summary>
    private const double NanoUsd = 1_000_000_000;

    private static readonly Meter Meter = PortalTelemetry.Meter;
    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "promptpilot.calls.active",
        "{call}",
        "Model calls in progress"
    );
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        GenAiNames.CallDuration,
        "s",
        "Duration of model calls"
    );
    private static readonly Histogram<double> FirstChunk = Meter.CreateHistogram<double>(
        GenAiNames.CallFirstChunk,
        "s",
        "Time to the first text of model calls"
    );
    private static readonly Counter<long> Input = Meter.CreateCounter<long>(GenAiNames.CallInputTokens, "{token}", "Input tokens");
    private static readonly Counter<long> Output = Meter.CreateCounter<long>(GenAiNames.CallOutputTokens, "{token}", "Output tokens");
    private static readonly Counter<double> Cost = Meter.CreateCounter<double>("promptpilot.cost", "USD", "Cost of model calls");

    private readonly TimeProvider _time;
    private readonly ModelProfile _profile;
    private readonly ModelRequest _request;
    private readonly long _started;
    private readonly Activity? _activity;
    private readonly bool _withTexts;
    private bool _ended;

    private CallTelemetry(TimeProvider time, ModelProfile profile, ModelRequest request, bool withTexts)
    {
        (_time, _profile, _request, _withTexts) = (time, profile, request, withTexts);
        _started = time.GetTimestamp();
        Active.Add(1);
        _activity = PortalTelemetry.Source.StartActivity($"{GenAiNames.Chat} {profile.Model}", ActivityKind.Client);
        if (_activity is { IsAllDataRequested: true } activity)
        {
            Describe(activity);
        }
    }

    /// <returns>Null when no one listens.</returns>
    /// <param name="withTexts">Adds the messages and the answer to the span.</param>
    public static CallTelemetry? Begin(TimeProvider time, ModelProfile profile, ModelRequest request, bool withTexts) =>
        Duration.Enabled || PortalTelemetry.Source.HasListeners() ? new CallTelemetry(time, profile, request, withTexts) : null;

    public void End(ModelReply reply)
    {
        Finish(reply.Fault is { } fault ? CodeOf(fault.Code) : null);
        var tags = Tags();
        Input.Add(reply.InputTokens, tags);
        Output.Add(reply.OutputTokens, tags);
        Cost.Add(reply.Cost / NanoUsd, tags);
        if (reply.FirstTokenAfter is { } first)
        {
            FirstChunk.Record(first.TotalSeconds, tags);
        }

        if (_activity is { IsAllDataRequested: true } activity)
        {
            Describe(activity, reply);
        }
    }

    /// <summary>A call without <see cref="End"/> was cancelled, or failed because of a bug.</summary>
    public void Dispose()
    {
        if (!_ended)
        {
            Finish(CodeOf(ErrorCode.Cancelled));
        }

        _activity?.Dispose();
    }

    private static string CodeOf(ErrorCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    private void Finish(string? error)
    {
        _ended = true;
        Active.Add(-1);
        var tags = Tags();
        if (error is not null)
        {
            tags.Add(PortalTelemetry.ErrorType, error);
            _activity?.Fail(error);
        }

        Duration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
    }

    private TagList Tags() =>
        new()
        {
            { GenAiNames.Operation, GenAiNames.Chat },
            { GenAiNames.Provider, GenAiNames.ProviderOf(_profile.Provider) },
            { GenAiNames.RequestModel, _profile.Model },
        };

    private void Describe(Activity activity)
    {
        foreach (var (name, value) in Tags())
        {
            activity.SetTag(name, value);
        }

        var own = _profile.Parameters;
        activity.SetTag(GenAiNames.RequestStream, true);
        activity.SetTag(GenAiNames.Temperature, _request.Parameters?.Temperature ?? own.Temperature);
        activity.SetTag(GenAiNames.TopP, _request.Parameters?.TopP ?? own.TopP);
        activity.SetTag(GenAiNames.MaxTokens, _request.Parameters?.MaxTokens ?? own.MaxTokens);
        activity.SetTag(GenAiNames.OutputType, _request.AsJson ? "json" : "text");
        if (Uri.TryCreate(_profile.Endpoint, UriKind.Absolute, out var endpoint))
        {
            activity.SetTag(GenAiNames.ServerAddress, endpoint.Host);
            activity.SetTag(GenAiNames.ServerPort, endpoint.Port);
        }

        if (_withTexts)
        {
            activity.SetTag(GenAiNames.InputMessages, Json(_request.Messages.Select(message => (message.Role.ToString(), message.Text))));
        }
    }

    private void Describe(Activity activity, ModelReply reply)
    {
        activity.SetTag(GenAiNames.ResponseModel, reply.ModelUsed);
        activity.SetTag(GenAiNames.InputTokens, reply.InputTokens);
        activity.SetTag(GenAiNames.OutputTokens, reply.OutputTokens);
        if (reply.CachedTokens > 0)
        {
            activity.SetTag(GenAiNames.CachedTokens, reply.CachedTokens);
        }

        if (reply.FinishReason is { } reason)
        {
            activity.SetTag(GenAiNames.FinishReasons, new[] { reason });
        }

        if (reply.FirstTokenAfter is { } first)
        {
            activity.SetTag(GenAiNames.TimeToFirstChunk, first.TotalSeconds);
        }

        if (_withTexts)
        {
            activity.SetTag(GenAiNames.OutputMessages, Json([("assistant", reply.Text)]));
        }
    }

    /// <summary>Messages as the conventions write them.</summary>
    private static string Json(IEnumerable<(string Role, string Text)> messages) =>
        JsonSerializer.Serialize(
            messages.Select(message => new
            {
                role = message.Role.ToLowerInvariant(),
                parts = new[] { new { type = "text", content = message.Text } },
            }),
            AppJson.Options
        );
}
