using System.Diagnostics;
using PromptPilot.Tests.Support;

[assembly: AssemblyFixture(typeof(PublishedBuild))]

namespace PromptPilot.Tests.Support;

/// <summary>
/// The portal as an admin would install it: what <c>test.sh</c> published, or else published once per test run, when the first test asks
/// for it.
/// </summary>
public sealed class PublishedBuild : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private static readonly string? Given = Environment.GetEnvironmentVariable("PROMPTPILOT_TEST_PUBLISHED");

    private readonly TempDirectory _directory = new();
    private readonly Lazy<Task> _publish;

    public PublishedBuild() => _publish = new Lazy<Task>(PublishAsync);

    /// <summary>Path of PromptPilot.Web.dll in the published folder.</summary>
    public async Task<string> GetAsync()
    {
        if (!string.IsNullOrEmpty(Given))
        {
            return Path.Combine(Given, "PromptPilot.Web.dll");
        }

        await _publish.Value;
        return _directory.File("PromptPilot.Web.dll");
    }

    public void Dispose() => _directory.Dispose();

    private async Task PublishAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (
            var argument in new[]
            {
                "publish",
                RepositoryRoot.File("PromptPilot.Web"),
                "-c",
                Configuration,
                "--no-build",
                "-nologo",
                "-v",
                "q",
                "-o",
                _directory.Path,
            }
        )
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet publish failed:{Environment.NewLine}{string.Join(Environment.NewLine, output)}");
        }
    }
}
