using System.Diagnostics;

namespace PromptPilot.Tests.Support;

/// <summary>A start of the published portal that is expected to end by itself.</summary>
public static class PortalCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs to the end.</summary>
    /// <param name="program">Path of PromptPilot.Web.dll.</param>
    /// <param name="settings">Environment variables; a free port is set unless they name addresses.</param>
    /// <returns>Its exit code and all it wrote.</returns>
    public static async Task<(int Code, string Log)> RunToEndAsync(
        string program,
        IReadOnlyDictionary<string, string?> settings,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["Urls"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        try
        {
            var texts = Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellation),
                process.StandardError.ReadToEndAsync(cancellation)
            );
            await process.WaitForExitAsync(cancellation).WaitAsync(Limit, cancellation);
            return (process.ExitCode, string.Concat(await texts));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
