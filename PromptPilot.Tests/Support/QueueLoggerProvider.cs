using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Tests.Support;

/// <summary>Keeps what a host logs, for tests that read it (the set-up link) or search it (secrets).</summary>
internal sealed class QueueLoggerProvider(ConcurrentQueue<string> lines, LogLevel least = LogLevel.Information) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new QueueLogger(categoryName, lines, least);

    public void Dispose() { }

    private sealed class QueueLogger(string category, ConcurrentQueue<string> lines, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue(
                    $"{logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}"
                );
            }
        }
    }
}
