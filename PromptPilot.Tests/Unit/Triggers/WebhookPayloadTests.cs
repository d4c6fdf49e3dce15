using System.Text;
using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Triggers;

/// <summary>From a body to inputs, and to what the inbox keeps.</summary>
public class WebhookPayloadTests
{
    [Theory]
    [InlineData("application/json", """{"a":[1,"é"]}""", """{"a":[1,"é"]}""")]
    [InlineData("application/cloudevents+json; charset=utf-8", "3", "3")]
    [InlineData("application/json", "null", "null")]
    [InlineData("application/json", "", "null")]
    [InlineData(null, """{"a":1}""", """{"a":1}""")]
    [InlineData(null, "hello", "\"hello\"")]
    [InlineData("text/plain", """{"a":1}""", "\"{\\\"a\\\":1}\"")]
    [InlineData("application/x-www-form-urlencoded", "a=1&b=x+y%21&b=2&c=", """{"a":"1","b":["x y!","2"],"c":""}""")]
    [InlineData("application/x-www-form-urlencoded", "payload=%7B%22action%22%3A%22opened%22%7D", """{"payload":{"action":"opened"}}""")]
    public void Body_ByItsType_IsRead(string? type, string body, string expected)
    {
        var read = WebhookPayload.Read(type, Encoding.UTF8.GetBytes(body));

        JsonElement.DeepEquals(read.Value, JsonDocument.Parse(expected).RootElement).Should().BeTrue();
    }

    [Theory]
    [InlineData("application/json", "{", "body")]
    [InlineData("application/json", "{\"a\":\"\\ud800\"}", "body")]
    [InlineData("multipart/form-data; boundary=x", "--x--", "Content-Type")]
    [InlineData("application/octet-stream", "x", "Content-Type")]
    public void Body_ThatCannotBeRead_IsRefusedAtItsField(string type, string body, string field) =>
        WebhookPayload.Read(type, Encoding.UTF8.GetBytes(body)).Problem!.Errors.Should().ContainSingle().Which.Field.Should().Be(field);

    [Fact]
    public void Body_ThatIsNotUtf8OrTooDeepOrTooManyFields_IsRefused()
    {
        WebhookPayload.Read("text/plain", new byte[] { 0xFF, 0xFE, 0x00 }).IsOk.Should().BeFalse();
        WebhookPayload
            .Read("application/json", Encoding.UTF8.GetBytes(new string('[', 2000) + new string(']', 2000)))
            .IsOk.Should()
            .BeFalse();
        WebhookPayload
            .Read(
                "application/x-www-form-urlencoded",
                Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, 2000).Select(i => $"f{i}=1")))
            )
            .IsOk.Should()
            .BeFalse();
    }

    [Fact]
    public void Mapping_WithExpressions_GivesInputsOfTheWantedTypes()
    {
        var context = Context("""{"issue":{"title":"It is broken","number":42,"labels":[{"name":"bug"},{"name":"ui"}]},"count":"7"}""");
        var mapping = new Dictionary<string, string>
        {
            ["title"] = "trigger.payload.issue.title | upcase",
            ["number"] = "trigger.payload.issue.number",
            ["count"] = "trigger.payload.count",
            ["labels"] = "trigger.payload.issue.labels",
            ["kind"] = "trigger.headers.x_github_event",
            ["missing"] = "trigger.payload.nothing.here",
        };
        WorkflowInput[] inputs =
        [
            Input("title", VariableType.Text),
            Input("number", VariableType.Text),
            Input("count", VariableType.Number),
            Input("labels", VariableType.Json),
            Input("kind", VariableType.Text),
            Input("missing", VariableType.Text, required: false),
        ];

        var mapped = WebhookMapping
            .Map(mapping, new Dictionary<string, JsonElement>(), inputs, context, TestContext.Current.CancellationToken)
            .Value;

        mapped["title"].GetString().Should().Be("IT IS BROKEN");
        mapped["number"].GetString().Should().Be("42");
        mapped["count"].GetDecimal().Should().Be(7);
        mapped["labels"].GetArrayLength().Should().Be(2);
        mapped["kind"].GetString().Should().Be("issues");
        mapped.Should().NotContainKey("missing");
    }

    [Fact]
    public void Mapping_ThatFindsNothingOrDoesNotFit_IsRefusedAtTheInput()
    {
        var context = Context("""{"issue":{"title":"x"}}""");
        var mapping = new Dictionary<string, string> { ["title"] = "trigger.payload.title", ["issue"] = "trigger.payload.issue" };

        var problem = WebhookMapping
            .Map(
                mapping,
                new Dictionary<string, JsonElement>(),
                [Input("title", VariableType.Text), Input("issue", VariableType.Text)],
                context,
                TestContext.Current.CancellationToken
            )
            .Problem!;

        problem.Errors.Select(error => error.Field).Should().Equal("webhook.inputMapping.title", "webhook.inputMapping.issue");
        problem.Errors[1].Message.Should().Contain("| json");
    }

    [Fact]
    public void MappingProblems_NameTheFieldAndWhatToDo()
    {
        var problems = WebhookMapping.Problems(
            new Dictionary<string, string>
            {
                ["title"] = "payload.title",
                ["titl"] = "trigger.payload",
                ["body"] = "trigger.payload | nonsense",
            },
            [Input("title", VariableType.Text), Input("body", VariableType.Text)]
        );

        problems
            .Select(problem => problem.Field)
            .Should()
            .Equal("webhook.inputMapping.title", "webhook.inputMapping.titl", "webhook.inputMapping.body");
        problems[0].Message.Should().Contain("write “trigger.payload”");
        problems[1].Message.Should().Contain("title");
    }

    [Fact]
    public void Headers_ForTheRun_AreKnownOnesOnly_AndForTheInboxWithoutSecrets()
    {
        var headers = new Dictionary<string, string>
        {
            ["X-GitHub-Event"] = "issues",
            ["Authorization"] = "Bearer canary",
            ["Cookie"] = "canary",
            ["webhook-signature"] = "v1,canary",
            ["X-Api-Key"] = "canary",
            ["X-Gitlab-Token"] = "canary",
            ["X-Own"] = "seen",
        };

        WebhookHeaders.ForRun(headers).Should().Equal(new Dictionary<string, string> { ["x_github_event"] = "issues" });
        var shown = WebhookHeaders.ForInbox(headers);
        shown["X-Own"].Should().Be("seen");
        shown.Values.Should().NotContain(value => value.Contains("canary", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("application/json", """{"user":{"password":"canary","name":"Ann"},"list":[{"api_key":"canary"}]}""", "Ann")]
    [InlineData("application/x-www-form-urlencoded", "client_secret=canary&name=Ann", "Ann")]
    [InlineData("text/plain", "my secret is the-trigger's-own canary, says Ann", "Ann")]
    public void Inbox_KeepsNoSecretOfABody(string type, string body, string stays)
    {
        var bytes = Encoding.UTF8.GetBytes(body);

        var kept = WebhookBodies.Keep(type, bytes, WebhookPayload.Read(type, bytes).Value, passed: true, ["the-trigger's-own canary"]);

        kept.Text.Should().NotContain("canary").And.Contain(stays);
        kept.IsWhole.Should().BeTrue();
    }

    [Fact]
    public void Inbox_OfALongBody_KeepsItsBeginningOnly()
    {
        var bytes = Encoding.UTF8.GetBytes(new string('x', WebhookRequest.MaxBody));

        WebhookBodies
            .Keep("text/plain", bytes, default(JsonElement), passed: true, [])
            .Should()
            .Match<WebhookBodies.Kept>(kept => !kept.IsWhole && kept.Text.Length == WebhookBodies.MaxKept);
        WebhookBodies.Keep("text/plain", bytes, null, passed: false, []).Text.Length.Should().Be(WebhookBodies.MaxKeptOfStrangers);
    }

    private static JsonElement Context(string payload) =>
        WebhookMapping.Context(
            new WebhookEvent(
                "id",
                DateTime.UnixEpoch,
                JsonDocument.Parse(payload).RootElement,
                new Dictionary<string, string> { ["x_github_event"] = "issues" }
            )
        );

    private static WorkflowInput Input(string name, VariableType type, bool required = true) =>
        new()
        {
            Name = name,
            Type = type,
            Required = required,
        };
}
