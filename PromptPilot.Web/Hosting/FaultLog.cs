using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Logs an <see cref="OperationalFault"/> in one line without its stack, and each cause at most once a minute, since a full disk makes
/// every worker and library report it. At level Debug, all are logged with their stacks.
/// </summary>
internal sealed class FaultLog(
    IEnumerable<ILoggerProvider> providers,
    IOptionsMonitor<LoggerFilterOptions> filters,
    IOptions<LoggerFactoryOptions> options,
    TimeProvider time
) : ILoggerFactory
{
    private const int MostCauses = 1000;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly LoggerFactory _inner = new(providers, filters, options);
    private readonly ConcurrentDictionary<string, LastReport> _reports = [];

    public static void AddTo(IServiceCollection services) => services.AddSingleton<ILoggerFactory, FaultLog>();

    public ILogger CreateLogger(string categoryName) => new Logger(_inner.CreateLogger(categoryName), this);

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    public void Dispose() => _inner.Dispose();

    /// <summary>Whether to log this cause now, and how often it was left out since it was last logged.</summary>
    private bool IsDue(string cause, out int leftOut)
    {
        if (_reports.Count >= MostCauses)
        {
            // Causes have names of hosts and files in them: a sender must not fill the memory with these.
            _reports.Clear();
        }

        var report = _reports.GetOrAdd(cause, static _ => new LastReport());
        lock (report)
        {
            var isDue = report.At is not { } at || time.GetElapsedTime(at) >= Quiet;
            leftOut = report.LeftOut;
            (report.At, report.LeftOut) = isDue ? (time.GetTimestamp(), 0) : (report.At, report.LeftOut + 1);
            return isDue;
        }
    }

    private sealed class LastReport
    {
        public long? At { get; set; }

        public int LeftOut { get; set; }
    }

    private sealed class Logger(ILogger inner, FaultLog faults) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (
                exception is null
                || logLevel <= LogLevel.Debug
                || !inner.IsEnabled(logLevel)
                || OperationalFault.FindCause(exception) is not { } cause
            )
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            inner.Log(LogLevel.Debug, eventId, state, exception, formatter);
            if (faults.IsDue(cause, out var leftOut))
            {
                var more = leftOut == 0 ? "" : $" ({leftOut} more with this cause since the last report were not logged)";
                inner.Log(logLevel, eventId, state, null, (original, _) => $"{FirstLine(formatter(original, exception))}: {cause}{more}");
            }
        }

        private static string FirstLine(string text) => text.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ':', ' ');
    }
}
