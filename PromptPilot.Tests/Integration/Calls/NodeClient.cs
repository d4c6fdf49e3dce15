using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>A script of <c>PromptPilot.Tests/Node</c>: clients that others wrote, in the Node that comes with Playwright.</summary>
internal static class NodeClient
{
    /// <summary>Runs a script to its end.</summary>
    /// <param name="settings">Its one line of input.</param>
    /// <returns>The facts that it tells.</returns>
    public static async Task<IReadOnlyList<JsonElement>> RunAsync(string script, object settings)
    {
        Directory
            .Exists(RepositoryRoot.File("PromptPilot.Tests", "Node", "node_modules", "openai"))
            .Should()
            .BeTrue("`npm ci` in PromptPilot.Tests/Node installs the clients that these tests run (test.sh does it)");
        var start = new ProcessStartInfo(Node())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(RepositoryRoot.File("PromptPilot.Tests", "Node", script));
        start.Environment["NO_PROXY"] = "127.0.0.1,localhost";
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(settings));
        process.StandardInput.Close();
        var token = TestContext.Current.CancellationToken;
        var said = process.StandardOutput.ReadToEndAsync(token);
        var complained = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token).WaitAsync(TimeSpan.FromSeconds(120), token);
        process.ExitCode.Should().Be(0, $"{await complained} after {await said}");
        return
        [
            .. (await said)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];
    }

    public static string Node()
    {
        var platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        var node = Path.Combine(AppContext.BaseDirectory, ".playwright", "node", platform, "node");
        return File.Exists(node) ? node : "node";
    }
}
