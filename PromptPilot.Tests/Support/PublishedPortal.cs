using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Tests.Support;

/// <summary>
/// The published portal as a process of its own, to be killed, stopped and started again over the same data directory and port.
/// </summary>
public sealed class PublishedPortal : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly TempDirectory _directory = new();
    private readonly TempDirectory _workingDirectory = new();
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;
    private string? _postgres;

    private PublishedPortal(string program, IReadOnlyDictionary<string, string?> settings)
    {
        _program = program;
        _settings = settings;
        BaseAddress = new Uri($"http://127.0.0.1:{FreePort()}");
    }

    /// <summary>Stays the same over restarts.</summary>
    public Uri BaseAddress { get; }

    public string DataDirectory => _directory.Path;

    /// <summary>Everything written to standard output and error, by all processes so far.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    public int ProcessId => Running.Id;

    /// <summary>What it has of the machine's memory now, and the most it had, in MB.</summary>
    public (double Now, double Peak) Memory
    {
        get
        {
            Running.Refresh();
            return (Running.WorkingSet64 / 1e6, Running.PeakWorkingSet64 / 1e6);
        }
    }

    /// <summary>The connection string of its own database; null on SQLite.</summary>
    public string? Postgres => _postgres;

    private string DatabaseFile => Path.Combine(DataDirectory, "promptpilot.db");

    private Process Running => _process ?? throw new InvalidOperationException("The portal does not run.");

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="build">Injected assembly fixture.</param>
    /// <param name="settings">Configuration keys with colons, over the usual ones: unattended set-up with
    /// <see cref="PortalHost.AdminKey"/>, no sample workspace; null removes one. <c>{address}</c> and <c>{port}</c> stand for where it
    /// is waited for.</param>
    /// <param name="migrates">Whether the portal makes its database itself, as at the first start of an installation; otherwise it finds
    /// one with the latest schema, which saves a second or two.</param>
    public static async Task<PublishedPortal> StartAsync(
        PublishedBuild build,
        IReadOnlyDictionary<string, string?>? settings = null,
        bool migrates = false
    )
    {
        var portal = new PublishedPortal(await build.GetAsync(), settings ?? new Dictionary<string, string?>());
        try
        {
            portal._postgres = migrates && !PostgresDatabase.IsUsed ? null : await DatabaseTemplate.PrepareAsync(portal.DatabaseFile);

            await portal.StartAgainAsync();
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the process and waits until <c>/health/ready</c> answers 200.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        using var client = CreateClient(apiKey: null);
        await Eventually.HoldsAsync(
            async () =>
            {
                if (Running.HasExited)
                {
                    throw new InvalidOperationException(
                        $"The portal ended with exit code {Running.ExitCode}:{Environment.NewLine}{string.Join(Environment.NewLine, _log)}"
                    );
                }

                try
                {
                    using var answer = await client.GetAsync(
                        new Uri("/health/ready", UriKind.Relative),
                        TestContext.Current.CancellationToken
                    );
                    return answer.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the portal to be ready",
            StartLimit
        );
    }

    /// <summary>SIGKILL: no code of the portal runs any more.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync(TestContext.Current.CancellationToken);
        Forget();
    }

    /// <summary>SIGTERM, without waiting for the end.</summary>
    public void RequestStop() => Signal("-TERM");

    /// <summary>SIGSTOP: the process does nothing, and its connections stay open.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>SIGCONT: the process continues where it was.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>Waits for the end of a process that was asked to stop.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForEndAsync(TimeSpan limit)
    {
        await Running.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit, TestContext.Current.CancellationToken);
        var code = Running.ExitCode;
        Forget();
        return code;
    }

    /// <summary>SIGTERM, wait, start again.</summary>
    public async Task RestartAsync()
    {
        RequestStop();
        await WaitForEndAsync(TimeSpan.FromSeconds(40));
        await StartAgainAsync();
    }

    /// <summary>A client with the admin's API key, or the given one, or none.</summary>
    public HttpClient CreateClient(string? apiKey = PortalHost.AdminKey)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = BaseAddress };
        client.DefaultRequestHeaders.Authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey);
        return client;
    }

    /// <summary>The one number that a query gives, read beside the running portal: what is there would survive.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var connection = await OpenDatabaseAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>An open connection beside the running portal's own.</summary>
    public async Task<DbConnection> OpenDatabaseAsync()
    {
        DbConnection connection = _postgres is null
            ? new SqliteConnection($"Data Source={DatabaseFile};Mode=ReadWrite;Pooling=False")
            : new NpgsqlConnection(_postgres);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        Forget();
        await PostgresDatabase.DropAsync(DatabaseFile);
        _directory.Dispose();
        _workingDirectory.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, Running.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Launch()
    {
        // A working directory elsewhere: the settings file has to be found beside the binaries. The usual mask, whatever this process has.
        var start = new ProcessStartInfo("sh", ["-c", "umask 022; exec dotnet \"$0\"", _program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _workingDirectory.Path,
        };
        Set("Urls", BaseAddress.ToString().TrimEnd('/'));
        Set("PromptPilot:DataDirectory", DataDirectory);
        Set(PostgresConnection.Key, _postgres);
        Set("PromptPilot:Setup:AdminEmail", PortalHost.AdminEmail);
        Set("PromptPilot:Setup:AdminPassword", PortalHost.AdminPassword);
        Set("PromptPilot:Setup:ApiKey", PortalHost.AdminKey);
        Set("PromptPilot:Setup:SampleWorkspace", "false");
        Set("DOTNET_ENVIRONMENT", null);
        Set("ASPNETCORE_ENVIRONMENT", null);
        foreach (var (key, value) in _settings)
        {
            Set(key, value);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        void Set(string key, string? value) =>
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value
                ?.Replace("{address}", BaseAddress.ToString().TrimEnd('/'), StringComparison.Ordinal)
                .Replace("{port}", BaseAddress.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }

    private void Forget()
    {
        _process?.Dispose();
        _process = null;
    }
}
