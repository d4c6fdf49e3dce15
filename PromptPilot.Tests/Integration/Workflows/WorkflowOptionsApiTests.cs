using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Workflows;

/// <summary>The options of steps and workflows, over HTTP.</summary>
public sealed class WorkflowOptionsApiTests(WorkflowOptionsApiTests.Portal portal) : IClassFixture<WorkflowOptionsApiTests.Portal>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Options_AllOfThem_ComeBackAsTheyWereSent()
    {
        var sent = Everything();

        var (status, made) = await SendAsync(HttpMethod.Post, "workflows", sent);

        status.Should().Be(HttpStatusCode.Created, made.ToJsonString());
        foreach (var (name, value) in sent["steps"]![1]!.AsObject())
        {
            JsonNode.DeepEquals(made["steps"]![1]![name], value).Should().BeTrue($"{name} is {made["steps"]![1]![name]?.ToJsonString()}");
        }

        made["description"]!.GetValue<string>().Should().Be("Answers tickets\nin two steps.");
        made["chatInput"]!.GetValue<string>().Should().Be("mood");
        made["timeoutSeconds"]!.GetValue<int>().Should().Be(3600);
        made["maxParallelSteps"]!.GetValue<int>().Should().Be(8);
        JsonNode.DeepEquals(made["limits"], sent["limits"]).Should().BeTrue(made["limits"]!.ToJsonString());
        made["steps"]![0]!
            .AsObject()
            .Select(field => field.Key)
            .Should()
            .NotContain(["when", "forEach", "review", "maxAttempts", "parameters"])
            .And.Contain(["onError", "outputFormat"]);
    }

    [Fact]
    public async Task Put_OfWhatGetGave_ChangesNothing()
    {
        var (_, made) = await SendAsync(HttpMethod.Post, "workflows", Everything());
        var (_, published) = await SendAsync(HttpMethod.Post, $"workflows/{made["id"]!.GetValue<string>()}/publish", null);
        published["status"]!.GetValue<string>().Should().Be("published", published.ToJsonString());
        var (_, got) = await SendAsync(HttpMethod.Get, $"workflows/{made["id"]!.GetValue<string>()}", null);

        var (status, put) = await SendAsync(HttpMethod.Put, $"workflows/{made["id"]!.GetValue<string>()}", got);

        status.Should().Be(HttpStatusCode.OK, put.ToJsonString());
        put.ToJsonString().Should().Be(got.ToJsonString(), "even the revision stays");
    }

    [Fact]
    public async Task Options_Changed_AreUnpublishedChanges_LimitsAreNot()
    {
        var (_, made) = await SendAsync(HttpMethod.Post, "workflows", Everything());
        await SendAsync(HttpMethod.Post, $"workflows/{made["id"]!.GetValue<string>()}/publish", null);
        var content = Everything();
        (content["steps"]![0]!["id"], content["steps"]![1]!["id"]) = (
            made["steps"]![0]!["id"]!.DeepClone(),
            made["steps"]![1]!["id"]!.DeepClone()
        );
        content["limits"]!["keepRuns"] = 7;

        var (_, limited) = await SendAsync(HttpMethod.Put, $"workflows/{made["id"]!.GetValue<string>()}", content);
        content["steps"]![1]!["maxAttempts"] = 1;
        var (_, changed) = await SendAsync(HttpMethod.Put, $"workflows/{made["id"]!.GetValue<string>()}", content);

        limited["limits"]!["keepRuns"]!.GetValue<int>().Should().Be(7);
        limited["hasUnpublishedChanges"]!.GetValue<bool>().Should().BeFalse();
        changed["hasUnpublishedChanges"]!.GetValue<bool>().Should().BeTrue();
    }

    [Theory]
    [InlineData("true", """{"onTimeout":"reject"}""")]
    [InlineData("{}", """{"onTimeout":"reject"}""")]
    [InlineData("""{"timeoutSeconds":60,"onTimeout":"approve"}""", """{"timeoutSeconds":60,"onTimeout":"approve"}""")]
    [InlineData("false", null)]
    [InlineData("null", null)]
    public async Task Review_InEachOfItsForms_IsUnderstood(string sent, string? answered)
    {
        var content = Everything();
        content["steps"]![1]!["review"] = JsonNode.Parse(sent);

        var (status, made) = await SendAsync(HttpMethod.Post, "workflows", content);

        status.Should().Be(HttpStatusCode.Created, made.ToJsonString());
        made["steps"]![1]!["review"]?.ToJsonString().Should().Be(answered);
    }

    [Theory]
    [InlineData("steps[1].when", "\"mood = 'bad'\"", "==")]
    [InlineData("steps[1].when", "\"moood == 'bad'\"", "“mood”")]
    [InlineData("steps[1].when", "\"item == 1\"", "to the whole step")]
    [InlineData("steps[1].when", "7", "The value must be a string.")]
    [InlineData("steps[1].forEach", "\"tickets |\"", "missing")]
    [InlineData("steps[1].forEach", "\"reply\"", "the output of this step")]
    [InlineData("steps[1].maxParallelItems", "33", "1 to 32")]
    [InlineData("steps[1].maxAttempts", "6", "1 to 5")]
    [InlineData("steps[1].maxAttempts", "2.5", "The value must be a whole number.")]
    [InlineData("steps[1].timeoutSeconds", "0", "1 to 86,400")]
    [InlineData("steps[1].onError", "\"continue\"", "one of fail, default")]
    [InlineData("steps[1].onError", "\"fail\"", "requires on failure “default”", "steps[1].defaultOutput")]
    [InlineData("steps[1].outputFormat", "\"xml\"", "one of text, json")]
    [InlineData("steps[1].outputFormat", "\"text\"", "requires the output format", "steps[1].jsonSchema")]
    [InlineData("steps[1].jsonSchema", "[1]", "object")]
    [InlineData("steps[1].review.timeoutSeconds", "59", "60 to 2,592,000")]
    [InlineData("steps[1].review.timeoutSeconds", "\"soon\"", "The value must be a whole number.")]
    [InlineData("steps[1].review.onTimeout", "\"edit\"", "approve")]
    [InlineData("steps[1].review.onTimeout", "\"maybe\"", "one of approve, edit, reject")]
    [InlineData("steps[1].review.instructons", "\"x\"", "“instructions”")]
    [InlineData("steps[1].parameters.temperature", "3", "0 to 2")]
    [InlineData("steps[1].parameters.maxTokens", "0", "1 to 1,000,000")]
    [InlineData("steps[1].parameters.topP", "1.5", "0 to 1")]
    [InlineData("steps[1].maxAtempts", "2", "“maxAttempts”")]
    [InlineData("timeoutSeconds", "604801", "1 to 604,800")]
    [InlineData("maxParallelSteps", "65", "1 to 64")]
    [InlineData("limits.maxConcurrentRuns", "1001", "1 to 1,000")]
    [InlineData("limits.runBudget", "-0.01", "0 to 1,000,000,000 USD")]
    [InlineData("limits.dayBudget", "1e25", "0 to 1,000,000,000 USD")]
    [InlineData("limits.monthBudget", "\"much\"", "The value must be a number.")]
    [InlineData("limits.keepDays", "3651", "1 to 3,650")]
    [InlineData("limits.keepRuns", "0", "1 to 1,000,000")]
    [InlineData("limits.keepRun", "1", "“keepRuns”")]
    public async Task Options_ThatCannotBe_AreRefusedAtTheirField(string field, string value, string message, string? toldAt = null)
    {
        var content = Everything();
        Set(content, field, JsonNode.Parse(value));

        var (status, problem) = await SendAsync(HttpMethod.Post, "workflows", content);

        status.Should().Be(HttpStatusCode.BadRequest, problem.ToJsonString());
        problem["errors"]!.AsObject().Select(error => error.Key).Should().Contain(toldAt ?? field);
        problem["errors"]![toldAt ?? field]![0]!.GetValue<string>().Should().Contain(message);
    }

    [Fact]
    public async Task Publish_WithoutTheDefaultThatIsNeeded_IsRefusedAtItsField()
    {
        var content = Everything();
        content["steps"]![1]!.AsObject().Remove("defaultOutput");
        var (status, made) = await SendAsync(HttpMethod.Post, "workflows", content);
        status.Should().Be(HttpStatusCode.Created, "a draft may be unfinished");

        var (refused, problem) = await SendAsync(HttpMethod.Post, $"workflows/{made["id"]!.GetValue<string>()}/publish", null);

        refused.Should().Be(HttpStatusCode.BadRequest);
        problem["errors"]!.AsObject().Should().ContainSingle().Which.Key.Should().Be("steps[1].defaultOutput");
    }

    [Fact]
    public async Task OpenApi_DescribesEveryOption()
    {
        var schemas = JsonNode.Parse(await portal.Http.GetStringAsync("/openapi/v1.json", Token))!["components"]!["schemas"]!;

        foreach (
            var (schema, names) in new[]
            {
                ("StepBody", Everything()["steps"]![1]!.AsObject().Select(f => f.Key).Skip(4)),
                ("LimitFields", Everything()["limits"]!.AsObject().Select(f => f.Key)),
                ("ReviewFields", ["instructions", "timeoutSeconds", "onTimeout"]),
            }
        )
        {
            foreach (var name in names)
            {
                var property = schemas[schema]?["properties"]?[name];
                property.Should().NotBeNull($"{schema} has {name}");
                property!.ToJsonString().Should().Contain("\"description\"", $"{schema}.{name} is described");
            }
        }

        schemas["StepBody"]!["properties"]!["review"]!.ToJsonString().Should().Contain("boolean").And.Contain("ReviewFields");
    }

    private JsonObject Everything() =>
        JsonNode
            .Parse(
                $$"""
                {
                  "name": "Tickets",
                  "inputs": [{"name": "tickets", "type": "json"}, {"name": "mood"}],
                  "steps": [
                    {"promptId": "{{portal.Prompt}}", "model": "{{portal.Model}}", "inputMapping": {"text": "mood"}, "outputKey": "opening"},
                    {"promptId": "{{portal.Prompt}}", "model": "{{portal.Model}}", "inputMapping": {"text": "item.title | append: index"}, "outputKey": "reply",
                     "when": "mood == 'bad' and tickets.size > 1", "forEach": "tickets", "maxParallelItems": 8, "maxAttempts": 5, "timeoutSeconds": 90,
                     "onError": "default", "defaultOutput": {"text": "–"}, "outputFormat": "json", "jsonSchema": {"type": "object", "required": ["text"]},
                     "review": {"instructions": "Is it polite?", "timeoutSeconds": 3600, "onTimeout": "approve"}, "parameters": {"temperature": 0.1, "maxTokens": 50, "topP": 0.9} }
                  ],
                  "description": "Answers tickets\nin two steps.", "chatInput": "mood", "timeoutSeconds": 3600, "maxParallelSteps": 8,
                  "limits": {"maxConcurrentRuns": 2, "runBudget": 0.25, "dayBudget": 5, "monthBudget": 100.5, "keepDays": 30, "keepRuns": 500}
                }
                """
            )!
            .AsObject();

    private static void Set(JsonObject root, string field, JsonNode? value)
    {
        JsonNode at = root;
        var path = field.Replace("[1]", ".1", StringComparison.Ordinal).Split('.');
        foreach (var part in path[..^1])
        {
            at = int.TryParse(part, out var index) ? at[index]! : at[part]!;
        }

        at[path[^1]] = value;
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, JsonNode? body) =>
        portal.SendAsync(method, path, body);

    /// <summary>One portal with a prompt and a profile for all tests: each makes a workflow of its own.</summary>
    public sealed class Portal : IAsyncLifetime
    {
        private PortalHost _host = null!;

        public HttpClient Http { get; private set; } = null!;

        public string Prompt { get; private set; } = "";

        public string Model { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            _host = await PortalHost.StartAsync();
            Http = _host.CreateAdminClient();
            Prompt = await IdOfAsync(
                "prompts",
                new
                {
                    name = "Reply",
                    content = "{{ text }}",
                    metadata = new { category = "test", tags = Array.Empty<string>() },
                }
            );
            Model = await IdOfAsync(
                "model-profiles",
                new
                {
                    name = "Offline",
                    provider = "offline",
                    model = "extractive",
                }
            );
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await _host.DisposeAsync();
        }

        public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, JsonNode? body)
        {
            using var request = new HttpRequestMessage(method, $"/api/v1/{path}")
            {
                Content = body is null ? null : JsonContent.Create(body),
            };
            using var response = await Http.SendAsync(request, Token);
            return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!);
        }

        private async Task<string> IdOfAsync(string path, object body)
        {
            var (status, made) = await SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToNode(body)!);
            status.Should().Be(HttpStatusCode.Created, made.ToJsonString());
            return made["id"]!.GetValue<string>();
        }
    }
}
