using System.Diagnostics.Metrics;

namespace PromptPilot.Core.Shared.Work;

/// <summary>Metrics of background workers, each with the tag <c>worker</c>.</summary>
public static class WorkMetrics
{
    public const string MeterName = "PromptPilot.Work";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Items = Meter.CreateCounter<long>("promptpilot.work.items", "{item}", "Items processed");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "promptpilot.work.failures",
        "{failure}",
        "Failed attempts that are retried"
    );
    private static readonly Histogram<double> Age = Meter.CreateHistogram<double>(
        "promptpilot.work.queue_age",
        "s",
        "Time that the oldest item waited before it was processed"
    );

    internal static void Done(string worker, int items = 1) => Items.Add(items, Tag(worker));

    internal static void Failed(string worker) => Failures.Add(1, Tag(worker));

    internal static void Waited(string worker, TimeSpan time) => Age.Record(Math.Max(0, time.TotalSeconds), Tag(worker));

    private static KeyValuePair<string, object?> Tag(string worker) => new("worker", worker);
}
