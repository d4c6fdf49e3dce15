using System.Diagnostics;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Docs;

/// <summary>The measurements of docs/performance.md still run and print all of their figures. How fast anything is, no test says.</summary>
[Trait("Category", "Soak")]
public sealed class BenchSmokeTests(PublishedBuild build)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("run.sh", "1 caller: p50 ms", "16 callers: CPU ms a run", "start to ready, new database: s", "idle memory: MB")]
    [InlineData("start.sh", "new database", "again", "idle after", "11 to 100")]
    [InlineData("circuits.sh", "/runs", "A click on a link", "after all connections failed")]
    [InlineData("growth.sh", "items of a list", "steps of a chain", "schedules", "queued runs of another workflow")]
    [InlineData("grown.sh", "/execution-logs?status=error", "page /insights", "kept by all")]
    public async Task Bench_AtTheSmallestSize_PrintsEveryFigure(string script, params string[] figures)
    {
        var start = new ProcessStartInfo("bash", [RepositoryRoot.File($"bench/{script}")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BENCH_SMOKE"] = "1";
        start.Environment["PORTAL"] = Path.GetDirectoryName(await build.GetAsync());
        using var process = Process.Start(start)!;

        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);

        process.ExitCode.Should().Be(0, $"it printed:{Environment.NewLine}{string.Join(Environment.NewLine, output)}");
        output[0].Should().ContainAll(figures).And.NotContainAny("NaN", "undefined");
    }
}
