using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>A script of <c>PromptPilot.Tests/Node</c>: clients that others wrote, in the Node that comes with Playwright.</summary>
internal sealed class NodeClient : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _complained;

    private NodeClient(Process process) =>
        (_process, _complained) = (process, process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

    /// <summary>Runs a script to its end.</summary>
    /// <param name="settings">Its one line of input.</param>
    /// <returns>The facts that it tells.</returns>
    public static async Task<IReadOnlyList<JsonElement>> RunAsync(string script, object settings)
    {
        using var client = Start(script);
        await client.TellAsync(settings);
        return await client.UntilAsync(null);
    }

    public static NodeClient Start(string script)
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
        return new NodeClient(Process.Start(start)!);
    }

    /// <summary>Sends the script a line.</summary>
    public async Task TellAsync(object fact)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(fact));
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The facts up to the one of this name; null: all until the script has ended.</summary>
    public async Task<IReadOnlyList<JsonElement>> UntilAsync(string? what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        var facts = new List<JsonElement>();
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            facts.Add(JsonSerializer.Deserialize<JsonElement>(line));
            if (what is not null && facts[^1].TryGetProperty("what", out var name) && name.GetString() == what)
            {
                return facts;
            }
        }

        await _process.WaitForExitAsync(limit.Token);
        _process.ExitCode.Should().Be(0, $"{await _complained} after {facts.Count} facts");
        what.Should().BeNull("the script ended before");
        return facts;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    public static string Node()
    {
        var platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        var node = Path.Combine(AppContext.BaseDirectory, ".playwright", "node", platform, "node");
        return File.Exists(node) ? node : "node";
    }
}
