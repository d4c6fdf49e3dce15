using System.Net;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>What a call runs is kept in memory; the very next call goes by what was changed.</summary>
public sealed class NextRunTests
{
    [Fact]
    public async Task Run_AfterAChangeOfItsWorkflow_GoesByTheChange()
    {
        await using var bench = await RunBench.StartAsync();
        var id = await bench.AddWorkflowAsync(("one", ["text"]));
        (await bench.Api.RunAsync(id)).GetProperty("workflowVersion").GetInt32().Should().Be(1);

        await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/archive", null);
        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.Conflict, "it is archived");

        await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/unarchive", null);
        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.Conflict, "it is a draft now");

        await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.OK, "it is published again");
    }

    [Fact]
    public async Task Run_AfterANewVersionWasPublished_IsOfThatVersion()
    {
        await using var bench = await RunBench.StartAsync();
        var id = await bench.AddWorkflowAsync(("one", ["text"]));
        await bench.Api.RunAsync(id);
        var workflow = await bench.Api.SendAsync(HttpMethod.Get, $"workflows/{id}", null);
        var step = workflow.GetProperty("steps")[0];
        await bench.Api.SendAsync(
            HttpMethod.Put,
            $"workflows/{id}",
            new
            {
                name = "Renamed",
                inputs = new[]
                {
                    new
                    {
                        name = "text",
                        type = "text",
                        required = true,
                    },
                },
                steps = new[]
                {
                    new
                    {
                        id = step.Text("id"),
                        promptId = step.Text("promptId"),
                        model = step.Text("model"),
                        inputMapping = new { text = "text" },
                        outputKey = "renamed",
                        order = 1,
                    },
                },
            }
        );
        await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);

        var run = await bench.Api.RunAsync(id);

        run.GetProperty("workflowVersion").GetInt32().Should().Be(2);
        run.Text("workflowName").Should().Be("Renamed");
        run.GetProperty("outputs").TryGetProperty("renamed", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Run_AfterTheManualTriggerWasDisabledOrEnabled_GoesByThat()
    {
        await using var bench = await RunBench.StartAsync();
        var id = await bench.AddWorkflowAsync(("one", ["text"]));
        await bench.Api.RunAsync(id);

        await bench.SetManualTriggerAsync(id, enabled: false);
        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.Conflict);

        await bench.SetManualTriggerAsync(id, enabled: true);
        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Run_AfterItsWorkflowWasDeleted_IsNotFound()
    {
        await using var bench = await RunBench.StartAsync();
        var id = await bench.AddWorkflowAsync(("one", ["text"]));
        await bench.Api.RunAsync(id);

        await bench.Api.SendAsync(HttpMethod.Delete, $"workflows/{id}", null);

        (await StatusAsync(bench, id)).Should().Be(HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunBench bench, string workflowId)
    {
        using var answer = await bench.Api.TrySendAsync(
            HttpMethod.Post,
            $"workflows/{workflowId}/runs?wait=60",
            new { inputs = new { text = "x" } }
        );
        return answer.StatusCode;
    }
}
