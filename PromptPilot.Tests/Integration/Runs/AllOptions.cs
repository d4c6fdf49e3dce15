using System.Collections.Concurrent;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// A workflow that uses every option: JSON with a schema, a list with a failing item that a default stands in for, a retry, a guard, a
/// <c>default</c> filter, a review, and a wait that parks.
/// One run of it meets every event but <c>reused</c> and <c>cancelRequested</c>.
/// </summary>
internal sealed class AllOptions(RunApi api, FakeModelServer model)
{
    /// <summary>Makes waits park soon, and retries come at once.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Settings = new Dictionary<string, string?>
    {
        ["PromptPilot:Runs:RetryDelayMilliseconds"] = "10",
        ["PromptPilot:Runs:ParkAfterSeconds"] = "0.2",
        ["PromptPilot:Runs:StopGraceSeconds"] = "0",
    };

    private readonly ConcurrentDictionary<string, int> _failedOnce = [];

    /// <summary>Publishes the workflow, and teaches the model its part.</summary>
    /// <param name="tokenDelay">Between two tokens, so that there is something to interrupt.</param>
    /// <remarks>A run whose text says “fails at KEY” fails there for good at the first call: what a retry is for.</remarks>
    public async Task<string> PublishAsync(TimeSpan tokenDelay)
    {
        model.Script = call => Answer(call.Prompt) with { TokenDelay = tokenDelay };
        var profile = await api.AddProfileAsync(model.Endpoint, $"Fake {Guid.NewGuid():N}");
        var schema = JsonSerializer.SerializeToElement(new { type = "array", items = new { type = "string" } });
        var steps = new List<object>
        {
            await StepAsync(profile, "list", new { text = "text" }, new { outputFormat = "json", jsonSchema = schema }),
            await StepAsync(
                profile,
                "each",
                new { text = "text", part = "item" },
                new
                {
                    forEach = "list",
                    maxParallelItems = 2,
                    onError = "default",
                    defaultOutput = "nothing",
                }
            ),
            await StepAsync(profile, "guarded", new { text = "text" }, new { when = "text contains 'never'" }),
            await StepAsync(profile, "reader", new { text = "text", part = "guarded | default: 'none'" }, new { maxAttempts = 5 }),
            await StepAsync(
                profile,
                "draft",
                new { text = "text", part = "each | join: ' '" },
                new { review = new { instructions = "Look at it." } }
            ),
            await StepAsync(profile, "late", new { text = "text", part = "draft" }, new { timeoutSeconds = 60 }),
            await StepAsync(profile, "mail", new { text = "text", part = "late" }, new { }),
        };
        var workflow = await api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Everything {Guid.NewGuid():N}",
                inputs = new[]
                {
                    new
                    {
                        name = "text",
                        type = "text",
                        required = true,
                    },
                },
                steps,
                timeoutSeconds = 600,
                maxParallelSteps = 3,
            }
        );
        await api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);
        return workflow.Text("id");
    }

    /// <summary>Takes a run to its end: approves what is asked.</summary>
    public async Task<JsonElement> FinishAsync(string runId, TimeSpan limit)
    {
        JsonElement run = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                run = await api.FindAsync(runId);
                foreach (var step in run.GetProperty("steps").EnumerateArray().Where(step => step.Text("status") == "waiting"))
                {
                    using var answered = await api.TrySendAsync(
                        HttpMethod.Post,
                        $"runs/{runId}/reviews/{step.Text("stepId")}",
                        new { verdict = "approve" }
                    );
                }

                return run.TryGetProperty("finishedAt", out _);
            },
            $"run {runId} to end",
            limit
        );
        return run;
    }

    /// <summary>
    /// What must hold of a run that succeeded: each item has one success or its default, and the outputs are those of an undisturbed run.
    /// </summary>
    /// <returns>How many attempts a kill broke off.</returns>
    public static int Check(JsonElement run, string text)
    {
        run.Text("status").Should().Be("succeeded", run.GetRawText());
        var interrupted = 0;
        foreach (var step in run.GetProperty("steps").EnumerateArray())
        {
            var logs = step.GetProperty("logs").EnumerateArray().ToList();
            interrupted += logs.Count(log => log.TryGetProperty("errorCode", out var code) && code.GetString() == "interrupted");
            var successes = logs.Where(log => log.Text("status") == "success")
                .GroupBy(log => log.TryGetProperty("itemIndex", out var item) ? item.GetInt32() : -1)
                .ToList();
            successes.Where(group => group.Count() > 1).Should().BeEmpty("no item succeeds twice");
            successes
                .Count.Should()
                .Be(
                    step.Text("outputKey") switch
                    {
                        "each" => 3,
                        "guarded" => 0,
                        _ => 1,
                    },
                    $"step {step.Text("outputKey")} of {run.GetRawText()}"
                );
        }

        var outputs = run.GetProperty("outputs");
        outputs
            .GetProperty("each")
            .EnumerateArray()
            .Select(item => item.GetString())
            .Should()
            .Equal("each a done", "each b done", "nothing", "each d done");
        outputs.GetProperty("mail").GetString().Should().Be("mail is done");
        outputs.TryGetProperty("guarded", out _).Should().BeFalse();
        run.GetProperty("inputs").Text("text").Should().Be(text);
        return interrupted;
    }

    private static async Task<object> MapAsync(RunApi api, string key, object mapping)
    {
        var names = mapping.GetType().GetProperties().Select(property => property.Name);
        var prompt = await api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = $"{key} {Guid.NewGuid():N}",
                content = $"{key}: {string.Join(" / ", names.Select(name => $"{{{{ {name} }}}}"))}",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );
        return prompt.Text("id");
    }

    private async Task<object> StepAsync(string profile, string key, object mapping, object options)
    {
        var step = new Dictionary<string, object?>
        {
            ["promptId"] = await MapAsync(api, key, mapping),
            ["model"] = profile,
            ["inputMapping"] = mapping,
            ["outputKey"] = key,
        };
        foreach (var property in options.GetType().GetProperties())
        {
            step[property.Name] = property.GetValue(options);
        }

        return step;
    }

    private FakeAnswer Answer(string prompt)
    {
        var key = prompt[..prompt.IndexOf(':', StringComparison.Ordinal)];
        if (prompt.Contains($"fails at {key}", StringComparison.Ordinal) && _failedOnce.TryAdd($"for good {prompt}", 1))
        {
            return FakeAnswer.Error(401, "Not this time.");
        }

        return key switch
        {
            "list" => FakeAnswer.Of("""["a", "b", "c", "d"]"""),
            "each" when prompt.EndsWith("/ c", StringComparison.Ordinal) => FakeAnswer.Error(401, "Not this item."),
            "each" => FakeAnswer.Of($"each {prompt[^1]} done"),
            "reader" when _failedOnce.TryAdd(prompt, 1) => FakeAnswer.Error(500),
            "late" when _failedOnce.TryAdd(prompt, 1) => FakeAnswer.Error(429, "Slow down.", retryAfter: "1"),
            _ => FakeAnswer.Of($"{key} is done"),
        };
    }
}
