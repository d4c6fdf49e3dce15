using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>A mail server on loopback that speaks just enough SMTP. Its answers to RCPT and to a whole mail are the test's.</summary>
internal sealed class FakeMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<MimeMessage> _mails = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public FakeMailServer()
    {
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>By the recipient's line.</summary>
    public Func<string, string> Recipient { get; set; } = _ => "250 ok";

    /// <summary>By the mail that came.</summary>
    public Func<MimeMessage, string> Whole { get; set; } = _ => "250 queued as 1";

    public IReadOnlyList<MimeMessage> Mails => [.. _mails];

    /// <summary>What a portal is told so that it sends its mail here.</summary>
    public Dictionary<string, string?> Settings =>
        new()
        {
            ["PromptPilot:Smtp:Host"] = "127.0.0.1",
            ["PromptPilot:Smtp:Port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["PromptPilot:Smtp:Security"] = "None",
            ["PromptPilot:Smtp:From"] = "portal@example.org",
        };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = TalkAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using var connection = client;
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await SayAsync(stream, "220 test");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
                {
                    await SayAsync(stream, "354 go on");
                    var mail = await ReadMailAsync(reader);
                    _mails.Enqueue(mail);
                    await SayAsync(stream, Whole(mail));
                }
                else
                {
                    await SayAsync(
                        stream,
                        line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase) ? Recipient(line)
                            : line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye"
                            : "250 test"
                    );
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The other side has left.
        }
    }

    private async Task<MimeMessage> ReadMailAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
        return await MimeMessage.LoadAsync(stream, _stop.Token);
    }

    private static async Task SayAsync(NetworkStream stream, string line) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
}
