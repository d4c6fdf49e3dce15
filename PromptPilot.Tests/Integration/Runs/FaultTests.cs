using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// What a provider can do wrong, over real HTTP from the API to the fake server: each fault ends with its own status, code and a message to
/// act on, and is tried again as the table in DESIGN says.
/// Every case makes its runs at the same time, on profiles of their own.
/// </summary>
public sealed class FaultTests(FaultBench bench) : IClassFixture<FaultBench>
{
    private const int MaxAttempts = 2;

    /// <summary>What tells a person to do something.</summary>
    private static readonly string[] Advice = ["Check", "Run again", "Reword", "Shorten", "Raise", "Lower"];

    public static TheoryData<string> Faults => [.. FaultCase.All.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OfTheProvider_EndsAsTheTableSays(string name)
    {
        var fault = FaultCase.All[name];
        await Task.WhenAll(LastAttemptAsync(fault), FirstAttemptAsync(fault), OneItemAsync(fault));
    }

    [Fact]
    public async Task FinishReasonLength_IsASuccessThatIsFlagged()
    {
        var mark = bench.Mark((_, _) => FakeAnswer.Of("as far as it") with { FinishReason = "length" });

        var run = await bench.RunAsync(await bench.AddWorkflowAsync(await bench.AddProfileAsync()), mark);

        run.Text("status").Should().Be("succeeded");
        run.GetProperty("outputs").Text("one").Should().Be("as far as it");
        var log = Logs(run).Single();
        (log.Text("status"), log.GetProperty("truncated").GetBoolean()).Should().Be(("success", true));
        bench.CallsOf(mark).Should().ContainSingle();
    }

    /// <summary>All attempts fail: the run fails, with what happened and what to do.</summary>
    private async Task LastAttemptAsync(FaultCase fault)
    {
        var mark = bench.Mark((_, _) => fault.Answer);

        var run = await bench.RunAsync(await AddWorkflowAsync(fault), mark);

        run.Text("status").Should().Be("failed");
        var logs = Logs(run);
        logs.Should().HaveCount(Attempts(fault)).And.AllSatisfy(log => IsOf(log, fault));
        var error = run.GetProperty("error");
        error.Text("code").Should().Be(fault.Code);
        error.Text("message").Should().Contain("“one”").And.Contain(logs[^1].Text("errorMessage"));
        run.GetProperty("steps")[1].Text("status").Should().Be("cancelled");
        bench.Model.CountOf($"two {mark}").Should().Be(0, "nothing downstream runs on a failed step");
        bench.CallsOf(mark).Should().HaveCount(fault.Endpoint is null ? Attempts(fault) : 0);
    }

    /// <summary>The first attempt fails: the second makes it good where another one is made.</summary>
    private async Task FirstAttemptAsync(FaultCase fault)
    {
        if (fault.Endpoint is not null)
        {
            // What never reaches the server cannot be mended by it; see HostFaultTests.
            return;
        }

        var mark = bench.Mark((_, call) => call == 1 ? fault.Answer : FakeAnswer.Of(fault.Good));

        var run = await bench.RunAsync(await AddWorkflowAsync(fault), mark);

        run.Text("status").Should().Be(fault.IsRetried ? "succeeded" : "failed");
        var logs = Logs(run);
        logs.Should().HaveCount(Attempts(fault));
        IsOf(logs[0], fault);
        bench.CallsOf(mark).Should().HaveCount(Attempts(fault));
        if (fault.IsRetried)
        {
            logs[1].Text("status").Should().Be("success");
            bench.CallsOf(mark)[1].Prompt.Should().Be(bench.CallsOf(mark)[0].Prompt);
            bench.Model.CountOf($"two {mark}").Should().Be(1);
        }
    }

    /// <summary>One item of three fails: its default stands in, the others do not notice.</summary>
    private async Task OneItemAsync(FaultCase fault)
    {
        var mark = bench.Mark((item, _) => item == "b" ? fault.Answer : FakeAnswer.Of(fault.Good));
        var workflow = await AddWorkflowAsync(
            fault,
            ("forEach", "text | split: ','"),
            ("onError", "default"),
            ("defaultOutput", fault.JsonSchema is null ? fault.Default : JsonSerializer.Deserialize<JsonElement>(fault.Default))
        );

        var run = await bench.RunAsync(workflow, mark, "a", "b", "c");

        run.Text("status").Should().Be("succeeded");
        string[] expected = fault.Endpoint is null
            ? [fault.Good, fault.Default, fault.Good]
            : [fault.Default, fault.Default, fault.Default];
        run.GetProperty("outputs").GetProperty("one").EnumerateArray().Select(Plain).Should().Equal(expected);
        foreach (var (item, index) in new[] { ("a", 0), ("b", 1), ("c", 2) })
        {
            var fails = item == "b" || fault.Endpoint is not null;
            var logs = Logs(run).Where(log => log.GetProperty("itemIndex").GetInt32() == index).ToList();
            logs.Should().HaveCount(fails ? Attempts(fault) : 1);
            if (fails)
            {
                logs.Should().AllSatisfy(log => IsOf(log, fault));
            }

            bench.CallsOf(mark, item).Should().HaveCount(fault.Endpoint is null ? logs.Count : 0);
        }

        bench.Model.CountOf($"two {mark}").Should().Be(1);
    }

    private static int Attempts(FaultCase fault) => fault.IsRetried ? MaxAttempts : 1;

    private static string Plain(JsonElement output) => output.ValueKind == JsonValueKind.String ? output.GetString()! : output.GetRawText();

    private static List<JsonElement> Logs(JsonElement run) => [.. run.GetProperty("steps")[0].GetProperty("logs").EnumerateArray()];

    private static void IsOf(JsonElement log, FaultCase fault)
    {
        log.Text("status").Should().Be(fault.Status);
        log.Text("errorCode").Should().Be(fault.Code);
        var message = log.Text("errorMessage");
        message.Should().ContainEquivalentOf(fault.Message);
        Advice.Should().Contain(advice => message.Contains(advice, StringComparison.Ordinal), $"“{message}” must say what to do");
    }

    private async Task<string> AddWorkflowAsync(FaultCase fault, params (string Name, object Value)[] more)
    {
        var options = more.ToDictionary(option => option.Name, option => (object?)option.Value);
        options["maxAttempts"] = MaxAttempts;
        options["timeoutSeconds"] = fault.TimeoutSeconds;
        if (fault.JsonSchema is { } schema)
        {
            options["outputFormat"] = "json";
            options["jsonSchema"] = JsonSerializer.Deserialize<JsonElement>(schema);
        }

        // A profile of its own: the slow-down of a 429 is the whole profile's.
        var profile = await bench.AddProfileAsync(fault.Limits, fault.Endpoint?.Invoke(bench.Model.Endpoint));
        return await bench.AddWorkflowAsync(profile, options);
    }
}
