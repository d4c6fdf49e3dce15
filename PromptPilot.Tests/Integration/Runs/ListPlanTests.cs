using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// Lists read an index, whatever the filter: SQLite is asked how it would run each query. What is quick with ten rows and slow with a
/// million shows here; <c>bench/grown.sh</c> measures it.
/// </summary>
[Trait("Database", "SQLite")]
public sealed class ListPlanTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    public static TheoryData<string> Filters => [.. RunFilters.Keys.Concat(LogFilters.Keys).Concat(PromptSorts.Keys)];

    private static readonly Dictionary<string, RunFilter> RunFilters = new()
    {
        ["runs"] = new(),
        ["runs of a workflow"] = new(WorkflowId: "w"),
        ["runs that failed"] = new(Status: RunStatus.Failed),
        ["runs of a person"] = new(StartedBy: "u"),
        ["runs by hand"] = new(Trigger: TriggerType.Manual),
        ["runs by schedule"] = new(Trigger: TriggerType.Scheduled),
        ["runs by webhook"] = new(Trigger: TriggerType.Webhook),
        ["pinned runs"] = new(Pinned: true),
        ["test runs"] = new(IsDraft: true),
        ["runs of some days"] = new(From: DateTime.UnixEpoch, To: DateTime.UnixEpoch.AddDays(2)),
        ["runs by text"] = new(Text: "needle"),
        ["runs by id"] = new(Text: "01a224cd-632a-7262-a09c-4e49c6803466"),
    };

    private static readonly Dictionary<string, ExecutionLogFilter> LogFilters = new()
    {
        ["logs"] = new(),
        ["logs of success"] = new(Status: ExecutionStatus.Success),
        ["logs of errors"] = new(Status: ExecutionStatus.Error),
        ["logs of a prompt"] = new(PromptId: "p"),
        ["logs of a workflow that failed"] = new(WorkflowId: "w", Status: ExecutionStatus.Error),
        ["logs of a run"] = new(RunId: "r"),
    };

    private static readonly Dictionary<string, PromptFilter> PromptSorts = new()
    {
        ["prompts"] = new(),
        ["prompts by rating"] = new(Sort: PromptSort.Rating),
    };

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync(new ScriptedModel());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task List_WithAnyFilter_ReadsAnIndexInItsOrder(string filter)
    {
        using var plans = new QueryPlans();
        var page = new PageRequest();
        var cancellation = TestContext.Current.CancellationToken;
        var problem =
            RunFilters.TryGetValue(filter, out var runs) ? (await _host.Runs.ListAsync(_host.Person, runs, page, cancellation)).Problem
            : LogFilters.TryGetValue(filter, out var logs)
                ? (await _host.Get<ExecutionLogService>().ListAsync(_host.Person, logs, page, cancellation)).Problem
            : (await _host.Get<PromptService>().ListAsync(_host.Person, PromptSorts[filter], page, cancellation)).Problem;

        problem.Should().BeNull();
        var steps = plans.Steps;
        steps.Should().Contain(step => step.Contains("INDEX", StringComparison.Ordinal), "else nothing was looked at");
        steps.Should().NotContain(["SCAN w", "SCAN e"], "the table of runs or logs is never read from end to end");
        if (filter != "logs of a run" && !PromptSorts.ContainsKey(filter))
        {
            steps.Should().NotContain("USE TEMP B-TREE FOR ORDER BY", "only rows with the same time may need sorting");
        }
    }

    /// <summary>How SQLite would run what EF asks of it in this flow of control.</summary>
    private sealed class QueryPlans : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private static readonly AsyncLocal<QueryPlans?> Current = new();

        private readonly ConcurrentQueue<string> _steps = new();
        private readonly List<IDisposable> _subscriptions = [];

        public QueryPlans()
        {
            Current.Value = this;
            _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public IReadOnlyList<string> Steps => [.. _steps];

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.EntityFrameworkCore")
            {
                _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (
                value.Value is CommandEventData { ExecuteMethod: DbCommandMethod.ExecuteReader } data
                && value.Key == RelationalEventId.CommandExecuting.Name
                && Current.Value == this
            )
            {
                Explain(data.Command);
            }
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }

        public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

        private void Explain(DbCommand command)
        {
            using var explain = command.Connection!.CreateCommand();
            explain.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
            explain.Transaction = command.Transaction;
            foreach (DbParameter parameter in command.Parameters)
            {
                var copy = explain.CreateParameter();
                (copy.ParameterName, copy.Value) = (parameter.ParameterName, parameter.Value);
                explain.Parameters.Add(copy);
            }

            using var reader = explain.ExecuteReader();
            while (reader.Read())
            {
                _steps.Enqueue(reader.GetString(3));
            }
        }
    }
}
