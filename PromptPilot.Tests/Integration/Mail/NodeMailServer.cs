using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using PromptPilot.Tests.Integration.Calls;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Mail;

/// <summary>npm's <c>smtp-server</c> on loopback, in the Node that comes with Playwright: a mail server that others wrote.</summary>
internal sealed class NodeMailServer : IAsyncDisposable
{
    public const string User = "portal";
    public const string Password = "correct-horse-battery-staple";

    private readonly Process _process;
    private readonly TempDirectory _directory = new();
    private readonly ConcurrentQueue<JsonElement> _told = [];
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private NodeMailServer(object settings, string certificate)
    {
        File.WriteAllText(CertificateFile, certificate);
        var start = new ProcessStartInfo(NodeClient.Node()) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(RepositoryRoot.File("PromptPilot.Tests", "Node", "smtp.mjs"));
        _process = Process.Start(start)!;
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(settings));
        _process.StandardInput.Flush();
        _reading = ReadAsync();
    }

    public int Port { get; private set; }

    /// <summary>Its certificate, for settings that trust it.</summary>
    public string CertificateFile => _directory.File("certificate.pem");

    /// <summary>What it took, in order.</summary>
    public IReadOnlyList<JsonElement> Mails => [.. _told.Where(fact => fact.TryGetProperty("mail", out _))];

    /// <summary>Who tried to sign in, in order.</summary>
    public IReadOnlyList<JsonElement> SignIns => [.. _told.Where(fact => fact.TryGetProperty("signIn", out _))];

    /// <param name="name">Whom its certificate names: a host name or an address.</param>
    /// <param name="tls">TLS from the first byte; otherwise by STARTTLS, without which nobody signs in.</param>
    /// <param name="recipientAnswers">What it says to the first recipients instead of taking them.</param>
    public static async Task<NodeMailServer> StartAsync(
        string name = "127.0.0.1",
        bool tls = false,
        params (int Code, string Text)[] recipientAnswers
    )
    {
        Directory
            .Exists(RepositoryRoot.File("PromptPilot.Tests", "Node", "node_modules", "smtp-server"))
            .Should()
            .BeTrue("`npm ci` in PromptPilot.Tests/Node installs the mail server that these tests run against (test.sh does it)");
        var (certificate, key) = NewCertificate(name);
        var server = new NodeMailServer(
            new
            {
                tls,
                key,
                certificate,
                user = User,
                password = Password,
                recipientAnswers = recipientAnswers.Select(answer => new { code = answer.Code, text = answer.Text }),
            },
            certificate
        );
        try
        {
            server.Port = await server._port.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var fact = JsonSerializer.Deserialize<JsonElement>(line);
            _told.Enqueue(fact);
            if (fact.TryGetProperty("port", out var port))
            {
                _port.TrySetResult(port.GetInt32());
            }
        }

        _port.TrySetException(new InvalidOperationException("The mail server ended before it listened."));
    }

    private static (string Certificate, string Key) NewCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
