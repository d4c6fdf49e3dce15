using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PromptPilot.Tests.Support;

/// <summary>A Redis of its own on loopback, which can stop and start again. Needs <c>redis-server</c>.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly TempDirectory _directory = new();
    private Process? _process;

    private RedisServer(int port) => Port = port;

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static RedisServer Start()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = new RedisServer(port);
        server.Resume();
        return server;
    }

    public void Resume()
    {
        string[] arguments =
        [
            "--port",
            Port.ToString(CultureInfo.InvariantCulture),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            _directory.Path,
        ];
        _process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true });
        _process!.BeginOutputReadLine();
    }

    /// <summary>How many messages were published since it started.</summary>
    public async Task<long> CountPublishedAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("INFO commandstats\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        // “$1234”, then as many bytes.
        var length = int.Parse((await reader.ReadLineAsync())![1..], CultureInfo.InvariantCulture);
        var text = new char[length];
        await reader.ReadBlockAsync(text);
        var stats = new string(text).Split("cmdstat_publish:calls=");
        return stats.Length == 1 ? 0 : long.Parse(stats[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    public void Stop()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Stop();
        _directory.Dispose();
    }
}
