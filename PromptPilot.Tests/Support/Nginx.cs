using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PromptPilot.Tests.Support;

/// <summary>nginx as a process of its own on a free port, with the portal under a path, or in front of two.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Process _process;

    private Nginx(Process process, TempDirectory directory, Uri address) => (_process, _directory, Address) = (process, directory, address);

    /// <summary>Where the portal is shown, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <param name="portal">Where the portal listens.</param>
    /// <param name="path">E.g. <c>/promptpilot</c>.</param>
    /// <param name="strips">Whether the path is taken off what the portal gets.</param>
    public static async Task<Nginx> StartAsync(Uri portal, string path, bool strips)
    {
        var port = FreePort();
        var directory = new TempDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "nginx.conf"), Configuration(directory.Path, port, portal, path, strips));
        return await StartAsync(directory, new Uri($"http://127.0.0.1:{port}{path}/"));
    }

    /// <summary>The balancer of <c>deploy/nginx-cluster.conf</c> as it is: only ports, hosts and certificate are replaced.</summary>
    public static async Task<Nginx> StartClusterAsync(Uri a, Uri b)
    {
        var (http, https) = (FreePort(), FreePort());
        var directory = new TempDirectory();
        var shipped = await File.ReadAllTextAsync(RepositoryRoot.File("deploy", "nginx-cluster.conf"));
        foreach (
            var (from, to) in new[]
            {
                ("app-1.example.org:5080", a.Authority),
                ("app-2.example.org:5080", b.Authority),
                ("listen 80;", $"listen 127.0.0.1:{http};"),
                ("listen [::]:80;", ""),
                ("listen 443 ssl;", $"listen 127.0.0.1:{https} ssl;"),
                ("listen [::]:443 ssl;", ""),
                ("/etc/ssl/prompts.", $"{directory.Path}/prompts."),
            }
        )
        {
            shipped.Should().Contain(from);
            shipped = shipped.Replace(from, to, StringComparison.Ordinal);
        }

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(directory.File("prompts.crt"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(directory.File("prompts.key"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(directory.File("cluster.conf"), shipped);
        await File.WriteAllTextAsync(
            directory.File("nginx.conf"),
            $$"""
            {{Head(directory.Path)}}
              log_format host '$upstream_addr';
              access_log {{directory.Path}}/hosts.log host;
              include {{directory.Path}}/cluster.conf;
            }
            """
        );
        return await StartAsync(directory, new Uri($"https://127.0.0.1:{https}/"));
    }

    /// <summary>Address of the portal that the latest request was sent to, with its port.</summary>
    public string LatestHost() => File.ReadLines(_directory.File("hosts.log")).Last().Split(',')[^1].Trim();

    private static async Task<Nginx> StartAsync(TempDirectory directory, Uri address)
    {
        var file = directory.File("nginx.conf");
        var program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        var process =
            Process.Start(
                new ProcessStartInfo(program, ["-c", file, "-p", directory.Path, "-e", "stderr"]) { RedirectStandardError = true }
            ) ?? throw new InvalidOperationException("nginx did not start. Debian's package is nginx-light.");
        var nginx = new Nginx(process, directory, address);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        // Its certificate is its own.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using var http = new HttpClient(handler);
        await Eventually.HoldsAsync(
            async () =>
            {
                process.HasExited.Should().BeFalse("nginx runs");
                try
                {
                    using var answer = await http.GetAsync(new Uri(nginx.Address, "health/ready"));
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "nginx to answer"
        );
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private static string Head(string directory) =>
        $$"""
            daemon off;
            worker_processes 1;
            pid {{directory}}/pid;
            events {}
            http {
              client_body_temp_path {{directory}}/body;
              proxy_temp_path {{directory}}/proxy;
              fastcgi_temp_path {{directory}}/fastcgi;
              uwsgi_temp_path {{directory}}/uwsgi;
              scgi_temp_path {{directory}}/scgi;
            """;

    private static string Configuration(string directory, int port, Uri portal, string path, bool strips) =>
        $$"""
            {{Head(directory)}}
              access_log off;
              map $http_upgrade $connection_upgrade { default upgrade; '' close; }
              server {
                listen 127.0.0.1:{{port}};
                location {{path}}/ {
                  proxy_pass {{portal.GetLeftPart(UriPartial.Authority)}}{{(strips ? "/" : "")}};
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header X-Forwarded-For $remote_addr;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Prefix {{(strips ? path : "\"\"")}};
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_buffering off;
                }
                location / { return 410; }
              }
            }
            """;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
