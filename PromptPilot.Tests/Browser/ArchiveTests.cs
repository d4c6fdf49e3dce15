using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Tests.InBrowser;

/// <summary>What <c>publish.sh</c> makes, as an admin uses it for the first time.</summary>
[Trait("Category", "Soak")]
public sealed partial class ArchiveTests(Chrome chrome)
{
    /// <summary>What the script needs of the repository.</summary>
    private static readonly string[] Sources = ["PromptPilot.Core", "PromptPilot.Web", "deploy", "samples", "docs"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Archive_UnpackedElsewhere_WithAnEmptyEnvironment_SetsUp_SignsIn_AndRunsOffline()
    {
        using var sources = new TempDirectory();
        using var place = new TempDirectory();
        Copy(sources.Path);
        var published = await RunAsync(new ProcessStartInfo("bash", [Path.Combine(sources.Path, "publish.sh")]));
        var archive = Path.Combine(sources.Path, published[^1]);
        await RunAsync(
            new ProcessStartInfo("sha256sum", ["--check", Path.GetFileName(archive) + ".sha256"])
            {
                WorkingDirectory = Path.GetDirectoryName(archive)!,
            }
        );
        await RunAsync(new ProcessStartInfo("tar", ["-xzf", archive, "-C", place.Path, "--strip-components", "1"]));

        var log = new ConcurrentQueue<string>();
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        using var portal = Start(place.Path, address, log);
        try
        {
            var link = await Eventually.GetAsync(
                () =>
                    Task.FromResult(
                        log.Select(line => SetupLink().Match(line)).FirstOrDefault(match => match.Success)?.Groups["path"].Value
                    ),
                "the set-up link in the log",
                TimeSpan.FromSeconds(60)
            );
            await using var window = await chrome.OpenAsync(address);
            await window.GotoAsync(link);
            await window.Page.GetByTestId("name").FillAsync("Ada Admin");
            await window.Page.GetByTestId("email").FillAsync(PortalHost.AdminEmail);
            await window.Page.GetByTestId("password").FillAsync(PortalHost.AdminPassword);
            await window.Page.GetByTestId("create-admin").ClickAsync();
            await Assertions.Expect(window.Page).ToHaveURLAsync(address.ToString());

            await using var later = await chrome.OpenAsync(address);
            await later.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
            await later.GoAsync("/workflows");
            await later.Page.GetByTestId("run").First.ClickAsync();
            await later.Page.GetByTestId("run-submit").ClickAsync();
            await Assertions
                .Expect(later.Page.GetByTestId("run-status"))
                .ToHaveAttributeAsync("data-status", "succeeded", new() { Timeout = 60_000 });
            await Assertions.Expect(later.Page.GetByTestId("step-output").First).ToBeVisibleAsync();
            Directory.Exists(Path.Combine(place.Path, "data")).Should().BeTrue("without settings the data is beside the binaries");
            later.AssertClean();
        }
        finally
        {
            portal.Kill();
            await portal.WaitForExitAsync(Cancellation);
        }
    }

    /// <summary>No variable at all, not even PATH and HOME, from a working directory that is not the archive's.</summary>
    private static Process Start(string place, Uri address, ConcurrentQueue<string> log)
    {
        var start = new ProcessStartInfo(Path.Combine(place, "PromptPilot.Web"), ["--urls", address.ToString().TrimEnd('/')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A copy without what was built, so that nothing that runs here meets what is built there.</summary>
    private static void Copy(string target)
    {
        var files = Directory
            .EnumerateFiles(RepositoryRoot.Path)
            .Concat(Sources.SelectMany(folder => Directory.EnumerateFiles(RepositoryRoot.File(folder), "*", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "data"));
        foreach (var file in files)
        {
            var copy = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(RepositoryRoot.File(file), copy);
        }
    }

    /// <returns>The lines it wrote.</returns>
    private static async Task<string[]> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(Cancellation);
        var complained = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(8), Cancellation);
        process.ExitCode.Should().Be(0, $"{start.FileName} must succeed, but said: {await said} {await complained}");
        return (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"https?://[^/\s]+(?<path>/setup\?code=\S+)")]
    private static partial Regex SetupLink();
}
