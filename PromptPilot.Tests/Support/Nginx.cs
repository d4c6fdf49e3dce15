using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PromptPilot.Tests.Support;

/// <summary>nginx as a process of its own on a free port, with the portal under a path.</summary>
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
        var file = Path.Combine(directory.Path, "nginx.conf");
        await File.WriteAllTextAsync(file, Configuration(directory.Path, port, portal, path, strips));
        var program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        var process =
            Process.Start(
                new ProcessStartInfo(program, ["-c", file, "-p", directory.Path, "-e", "stderr"]) { RedirectStandardError = true }
            ) ?? throw new InvalidOperationException("nginx did not start. Debian's package is nginx-light.");
        var nginx = new Nginx(process, directory, new Uri($"http://127.0.0.1:{port}{path}/"));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
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

    private static string Configuration(string directory, int port, Uri portal, string path, bool strips) =>
        $$"""
            daemon off;
            worker_processes 1;
            pid {{directory}}/pid;
            events {}
            http {
              access_log off;
              client_body_temp_path {{directory}}/body;
              proxy_temp_path {{directory}}/proxy;
              fastcgi_temp_path {{directory}}/fastcgi;
              uwsgi_temp_path {{directory}}/uwsgi;
              scgi_temp_path {{directory}}/scgi;
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
