using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Api;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// Outputs that programs like to break: each is the same in the run's outputs, its logs, the live events and downstream, or is refused in
/// words.
/// </summary>
public sealed class StrangeTextTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    /// <summary>A name and the pieces that the model sends.</summary>
    public static TheoryData<string> Cases =>
        [new TheoryDataRow<string>("one megabyte").WithTrait("Category", "Soak"), "right to left", "NUL", "joiners and marks", "line ends"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Output_OfStrangeText_IsTheSameEverywhere(string name)
    {
        var (pieces, expected) = Texts(name);
        await using var bench = await RunBench.InAsync(shared);
        var gate = new TaskCompletionSource();
        bench.Model.Script = call =>
            call.Prompt.StartsWith("one:", StringComparison.Ordinal)
                ? new FakeAnswer
                {
                    Tokens = pieces,
                    Escaped = name != "one megabyte",
                    Gate = gate.Task,
                    GateAfter = pieces.Count / 2,
                }
                : FakeAnswer.Of("done");
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        var runId = await bench.Api.StartRunAsync(workflow);
        await bench.Model.WaitAsync(m => m.CountOf("one:") == 1, Cancellation);

        var streamed = await FollowAsync(bench, runId, gate);
        var run = await bench.Api.EndOfAsync(runId);

        run.Text("status").Should().Be("succeeded", run.GetRawText()[..Math.Min(2000, run.GetRawText().Length)]);
        Same(run.GetProperty("outputs").Text("one"), expected, "outputs");
        Same(run.GetProperty("steps")[0].Text("output"), expected, "step");
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0];
        Same(log.Text("output"), expected, "log of the run");
        Same((await bench.Api.SendAsync(HttpMethod.Get, $"execution-logs/{log.Text("id")}", null)).Text("output"), expected, "log");
        Same(streamed, expected, "live events");
        Same(
            bench.Model.Calls.Single(call => call.Prompt.StartsWith("two:", StringComparison.Ordinal)).Prompt,
            $"two: {expected}",
            "downstream"
        );
    }

    [Fact]
    public async Task Output_OfHalfACharacter_IsRefusedInWords()
    {
        // Units of their own in a piece each, as a server sends them that splits text without looking.
        await using var bench = await RunBench.InAsync(shared);
        bench.Model.Default = new FakeAnswer { Tokens = ["half ", "\ud83d", " alone"], Escaped = true };

        var run = await bench.Api.RunAsync(await bench.AddWorkflowAsync(("one", ["text"])));

        run.GetProperty("error").Text("code").Should().Be("incomplete_stream");
        run.GetProperty("error").Text("message").Should().Contain("an incomplete character");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Item_OfStrangeText_IsTheSameInJsonAndLists(string name)
    {
        var (pieces, expected) = Texts(name);
        await using var bench = await RunBench.InAsync(shared);
        var json = JsonSerializer.Serialize(new[] { string.Concat(pieces), "plain" });
        bench.Model.Script = call =>
            call.Prompt.StartsWith("list:", StringComparison.Ordinal)
                ? new FakeAnswer { Tokens = Tokens(json), Escaped = true }
                : new FakeAnswer { Tokens = Tokens(call.Prompt["each: ".Length..]), Escaped = true };
        var workflow = await bench.AddWorkflowAsync(("list", ["text"]), ("each", ["list"]));
        var draft = await bench.Api.FindWorkflowAsync(workflow);
        draft["steps"]![0]!["outputFormat"] = "json";
        draft["steps"]![1]!["forEach"] = "list";
        draft["steps"]![1]!["inputMapping"]!["list"] = "item";
        await bench.Api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", draft);
        await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);

        var run = await bench.Api.RunAsync(workflow);

        run.Text("status").Should().Be("succeeded", run.GetRawText()[..Math.Min(2000, run.GetRawText().Length)]);
        Same(run.GetProperty("outputs").GetProperty("list")[0].GetString()!, expected, "JSON output");
        Same(run.GetProperty("outputs").GetProperty("each")[0].GetString()!, expected, "item");
        run.GetProperty("outputs").GetProperty("each")[1].GetString().Should().Be("plain");
    }

    /// <summary>Pieces that fit into a line of a stream.</summary>
    private static string[] Tokens(string text) => [.. text.Chunk(50_000).Select(piece => new string(piece))];

    /// <summary>A megabyte in an assertion's message helps nobody.</summary>
    internal static void Same(string actual, string expected, string where) =>
        (actual == expected)
            .Should()
            .BeTrue(
                $"{where} must be the same: {actual.Length} and {expected.Length} units, first difference at "
                    + $"{actual.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count()}"
            );

    /// <summary>What the model sends, and what is kept of it.</summary>
    internal static (IReadOnlyList<string> Pieces, string Expected) Texts(string name)
    {
        switch (name)
        {
            case "one megabyte":
                var text = new StringBuilder();
                for (var i = 0; text.Length < 800_000; i++)
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Line {i}: größer, 漢字, 🚀, שלום.\n");
                }

                var whole = text.ToString();
                return ([.. whole.Split('\n').Select((line, index) => index == 0 ? line : $"\n{line}")], whole);
            case "right to left":
                return (["שלום ", "עולם, ", "مرحبا", " \u202eabc\u202c"], "שלום עולם, مرحبا \u202eabc\u202c");
            case "NUL":
                return (["before", "\0", "after"], "before\uFFFDafter");
            case "joiners and marks":
                return (["👩", "\u200d🚀 e\u0301 ", "ﷺ 🇩🇪"], "👩\u200d🚀 e\u0301 ﷺ 🇩🇪");
            case "line ends":
                return (["a\r\nb\rc", "\u2028d\u0085e\t"], "a\r\nb\rc\u2028d\u0085e\t");
            default:
                throw new ArgumentOutOfRangeException(nameof(name));
        }
    }

    /// <summary>What a viewer puts together who comes in the middle.</summary>
    private static async Task<string> FollowAsync(RunBench bench, string runId, TaskCompletionSource gate)
    {
        using var stream = await bench
            .Http.GetStreamAsync(new Uri($"/api/v1/runs/{runId}/events", UriKind.Relative), Cancellation)
            .WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var text = new StringBuilder();
        string? first = null;
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancellation))
        {
            var data = JsonSerializer.Deserialize<JsonElement>(item.Data);
            if (item.EventType == "snapshot")
            {
                var step = data.GetProperty("steps")[0];
                first = step.Text("stepId");
                text.Append(step.TryGetProperty("partials", out var partials) ? partials[0].Text("text") : "");
                gate.SetResult();
            }
            else if (item.EventType == "delta" && data.Text("stepId") == first)
            {
                // Whoever is behind gets it in pieces, so that it is never held whole for one who reads slowly.
                data.Text("text").Length.Should().BeLessThanOrEqualTo(RunEventStream.LongestDelta);
                text.Append(data.Text("text"));
            }
        }

        return text.ToString();
    }
}
