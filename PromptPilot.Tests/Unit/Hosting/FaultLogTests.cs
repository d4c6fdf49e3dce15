using System.Collections.Concurrent;
using System.Net.Sockets;
using MailKit.Net.Smtp;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>What the surroundings do is a line a cause and minute; a bug keeps its stack.</summary>
public sealed class FaultLogTests : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services;

    public FaultLogTests()
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time);
        services.AddLogging(logging => logging.AddProvider(new QueueLoggerProvider(_lines)));
        FaultLog.AddTo(services);
        _services = services.BuildServiceProvider();
    }

    public static TheoryData<string> Faults => [.. Made.Keys];

    private static readonly Dictionary<string, Func<Exception>> Made = new()
    {
        ["the disk is full"] = () => new DbUpdateException("Not saved.", new SqliteException("SQLite Error 13", 13)),
        ["another program has locked the database"] = () => new SqliteException("SQLite Error 5", 5),
        ["the database is read-only"] = () => new InvalidOperationException("Outer.", new SqliteException("SQLite Error 8", 8)),
        ["Connection refused (127.0.0.1:9)"] = () =>
            new HttpRequestException("Connection refused (127.0.0.1:9)", new SocketException((int)SocketError.ConnectionRefused)),
        ["Mailbox unavailable"] = () =>
            new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, "Mailbox unavailable"),
        ["The operation has timed out"] = () => new TaskCanceledException("Canceled.", new TimeoutException()),
        ["Access to the path '/data' is denied"] = () =>
            new AggregateException(new UnauthorizedAccessException("Access to the path '/data' is denied.")),
    };

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_OfTheSurroundings_IsOneLine(string cause)
    {
        Log("sender", Thrown(Made[cause]()), "Deliveries could not be sent.\nA second line");

        _lines.Should().ContainSingle().Which.Should().Be($"Error sender: Deliveries could not be sent: {cause}");
    }

    [Fact]
    public void Fault_ReportedByManyWithinAMinute_IsToldOnce_AndCountedAfterwards()
    {
        foreach (var category in new[] { "journal", "sender", "inbox", "journal" })
        {
            Log(category, new SqliteException("SQLite Error 13", 13), "Not written");
        }

        Log("sender", new SocketException((int)SocketError.ConnectionRefused), "Not sent");
        _lines.Should().HaveCount(2, "another cause is told besides");

        _time.Advance(TimeSpan.FromMinutes(1));
        Log("inbox", new SqliteException("SQLite Error 13", 13), "Not written");

        _lines.Last().Should().StartWith("Error inbox: Not written: the disk is full (3 more with this cause");
    }

    [Fact]
    public void Bug_KeepsItsStack_EachTime()
    {
        Exception[] bugs =
        [
            new InvalidOperationException("A bug."),
            new FormatException("A bug, too."),
            new DbUpdateException("Not saved.", new SqliteException("SQLite Error 19: UNIQUE", 19)),
        ];
        foreach (var bug in bugs.Concat(bugs))
        {
            Log("worker", Thrown(bug), "Failed");
        }

        _lines.Should().HaveCount(6).And.OnlyContain(line => line.Contains("   at "));
    }

    private void Log(string category, Exception exception, string message) =>
#pragma warning disable CA2254 // The text is the subject.
        _services.GetRequiredService<ILoggerFactory>().CreateLogger(category).LogError(exception, message);
#pragma warning restore CA2254

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }
}
