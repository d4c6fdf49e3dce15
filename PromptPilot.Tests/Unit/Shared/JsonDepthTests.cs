using System.Text;
using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>One limit of depth, at each place that reads JSON.</summary>
public class JsonDepthTests
{
    private static readonly JsonDocumentOptions Any = new() { MaxDepth = 1000 };

    public static TheoryData<string> Readers => [.. ByName.Keys];

    /// <summary>Each says what is wrong with a value, or null.</summary>
    private static Dictionary<string, Func<string, string?>> ByName =>
        new()
        {
            ["typed text"] = json => JsonText.Read(json).Problem?.Message,
            ["answer"] = json => JsonOutput.Read(json, schema: null).Problem?.Message,
            ["fenced answer"] = json => JsonOutput.Read($"```json\n{json}\n```", schema: null).Problem?.Message,
            ["webhook"] = json => WebhookPayload.Read("application/json", Encoding.UTF8.GetBytes(json)).Problem?.Errors[0].Message,
            ["webhook form"] = json =>
                WebhookPayload.Read("application/x-www-form-urlencoded", Encoding.UTF8.GetBytes("payload=" + json))
                    is { IsOk: true, Value: var form }
                && form.GetProperty("payload").ValueKind == JsonValueKind.String
                && json[0] == '{'
                    ? JsonLimits.TooDeep
                : json[0] == '{' ? null
                : JsonText.Read(json).Problem?.Message,
            ["input"] = json =>
                WorkflowInputs
                    .Bind(
                        [new WorkflowInput { Name = "data", Type = VariableType.Json }],
                        new Dictionary<string, JsonElement> { ["data"] = JsonElement.Parse(json, Any) }
                    )
                    .Problem?.Errors[0]
                    .Message,
        };

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_AtEachDepth_AcceptsUpToTheLimitAndSaysWhyBeyondIt(string name)
    {
        var reader = ByName[name];

        foreach (var (kind, depth, json) in JsonShapes.All)
        {
            var problem = reader(json);

            if (depth <= JsonShapes.Limit)
            {
                problem.Should().BeNull($"{kind} of depth {depth}");
            }
            else
            {
                problem.Should().Contain("nested more than 50 levels deep", $"{kind} of depth {depth}");
            }
        }
    }

    [Fact]
    public void Writer_OfWhatWasAcceptedInsideManyWrappers_WritesAndReadsIt()
    {
        foreach (var kind in JsonShapes.Kinds)
        {
            var json = $"{{\"a\":{JsonShapes.Of("mixed", 100)},\"b\":{JsonShapes.Of(kind, JsonShapes.Limit)}}}";
            var value = JsonElement.Parse(json, Any);

            var text = JsonSerializer.Serialize(new { run = new[] { new { logs = new { value } } } }, AppJson.Options);

            JsonSerializer
                .Deserialize<JsonElement>(text, AppJson.Options)
                .GetProperty("run")[0]
                .GetProperty("logs")
                .GetProperty("value")
                .GetRawText()
                .Should()
                .Be(json);
        }
    }

    [Fact]
    public void StoredAnswer_OfBeforeTheLimit_IsStillRead()
    {
        var json = JsonShapes.Of("mixed", 63);

        JsonOutput.ReadStored(json).Value.GetRawText().Should().Be(json);
        JsonOutput.Read(json, schema: null).IsOk.Should().BeFalse();
    }

    [Fact]
    public void Read_WhatIsNoJson_SaysWhere() =>
        JsonText.Read("{\n \"a\": 'b' }").Problem!.Message.Should().Be("This is not JSON: line 2, column 7. Strings need double quotes.");
}
