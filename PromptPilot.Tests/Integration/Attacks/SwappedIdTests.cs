using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>
/// Every id in every address of the API, put in the place of every other: a child under another parent, an entity of another kind. Nothing
/// is read, nothing is written.
/// The addresses are found by reflection; what stands in them is typed here, so that a new one without a row fails.
/// </summary>
[Collection(AttackTests.Name)]
public sealed partial class SwappedIdTests(AttackWorld world)
{
    private const string Prompt = """{"name":"Swapped","content":"x"}""";
    private const string Trigger = """{"type":"webhook","webhook":{"verification":"none","inputMapping":{"text":"trigger.payload"}}}""";
    private const string Hook = """{"type":"webhook","name":"Swapped","targetUrl":"https://example.org"}""";
    private const string Profile = """{"name":"Swapped","provider":"offline"}""";

    /// <summary>Address → what its ids are, and a body that would be taken.</summary>
    private static readonly Dictionary<string, (string[] Kinds, string? Body)> Rows = new()
    {
        ["GET /api/v1/prompts/{id}"] = (["prompt"], null),
        ["PUT /api/v1/prompts/{id}"] = (["prompt"], Prompt),
        ["DELETE /api/v1/prompts/{id}"] = (["prompt"], null),
        ["GET /api/v1/prompts/{id}/versions"] = (["prompt"], null),
        ["PUT /api/v1/prompts/{id}/labels/{label}"] = (["prompt", "=staging"], """{"version":"1.0.0"}"""),
        ["DELETE /api/v1/prompts/{id}/labels/{label}"] = (["prompt", "=staging"], null),
        ["GET /api/v1/prompts/{id}/labels/{label}/impact"] = (["prompt", "=staging"], null),
        ["GET /api/v1/prompts/by-name/{name}"] = (["prompt name"], null),
        ["POST /api/v1/prompts/by-name/{name}/render"] = (["prompt name"], """{"variables":{}}"""),
        ["POST /api/v1/prompts/by-name/{name}/complete"] = (["prompt name"], """{"variables":{}}"""),
        ["GET /api/v1/model-profiles/{id}"] = (["profile"], null),
        ["PUT /api/v1/model-profiles/{id}"] = (["profile"], Profile),
        ["DELETE /api/v1/model-profiles/{id}"] = (["profile"], null),
        ["POST /api/v1/model-profiles/{id}/test"] = (["profile"], null),
        ["GET /api/v1/workflows/{id}"] = (["workflow"], null),
        ["PUT /api/v1/workflows/{id}"] = (["workflow"], """{"name":"Swapped","steps":[]}"""),
        ["DELETE /api/v1/workflows/{id}"] = (["workflow"], null),
        ["POST /api/v1/workflows/{id}/publish"] = (["workflow"], null),
        ["POST /api/v1/workflows/{id}/archive"] = (["workflow"], null),
        ["POST /api/v1/workflows/{id}/unarchive"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/runs"] = (["workflow"], """{"inputs":{"text":"x"}}"""),
        ["GET /api/v1/workflows/{workflowId}/triggers"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/triggers"] = (["workflow"], Trigger),
        ["GET /api/v1/workflows/{workflowId}/triggers/{id}"] = (["workflow", "trigger"], null),
        ["PUT /api/v1/workflows/{workflowId}/triggers/{id}"] = (["workflow", "trigger"], Trigger),
        ["DELETE /api/v1/workflows/{workflowId}/triggers/{id}"] = (["workflow", "trigger"], null),
        ["GET /api/v1/workflows/{workflowId}/integration-hooks"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/integration-hooks"] = (["workflow"], Hook),
        ["GET /api/v1/workflows/{workflowId}/integration-hooks/{id}"] = (["workflow", "hook"], null),
        ["PUT /api/v1/workflows/{workflowId}/integration-hooks/{id}"] = (["workflow", "hook"], Hook),
        ["DELETE /api/v1/workflows/{workflowId}/integration-hooks/{id}"] = (["workflow", "hook"], null),
        ["POST /api/v1/workflows/{workflowId}/integration-hooks/{id}/test"] = (["workflow", "hook"], null),
        ["GET /api/v1/workflows/{workflowId}/integration-hooks/{id}/deliveries"] = (["workflow", "hook"], null),
        ["GET /api/v1/workflows/{workflowId}/integration-hooks/{id}/deliveries/{deliveryId}"] = (["workflow", "hook", "delivery"], null),
        ["POST /api/v1/workflows/{workflowId}/integration-hooks/{id}/deliveries/{deliveryId}/resend"] = (
            ["workflow", "hook", "delivery"],
            null
        ),
        ["GET /api/v1/runs/{id}"] = (["run"], null),
        ["DELETE /api/v1/runs/{id}"] = (["run"], null),
        ["GET /api/v1/runs/{id}/events"] = (["run"], null),
        ["POST /api/v1/runs/{id}/cancel"] = (["run"], null),
        ["PUT /api/v1/runs/{id}/pin"] = (["run"], """{"pinned":true}"""),
        ["POST /api/v1/runs/{id}/retry"] = (["run"], null),
        ["POST /api/v1/runs/{id}/fork"] = (["run"], """{"stepId":"STEP"}"""),
        ["POST /api/v1/runs/{id}/reviews/{stepId}"] = (["run", "step"], """{"verdict":"approve"}"""),
        ["GET /api/v1/execution-logs/{id}"] = (["log"], null),
        ["GET /api/v1/execution-logs/{id}/feedback"] = (["log"], null),
        ["PUT /api/v1/execution-logs/{id}/feedback"] = (["log"], """{"rating":1,"comment":"Swapped","tags":[]}"""),
        ["DELETE /api/v1/execution-logs/{id}/feedback"] = (["log"], null),
        ["GET /api/v1/files/{hash}"] = (["=missing"], null),
        ["GET /api/v1/test-sets/{id}"] = (["test set"], null),
        ["PUT /api/v1/test-sets/{id}"] = (["test set"], """{"name":"Swapped"}"""),
        ["DELETE /api/v1/test-sets/{id}"] = (["test set"], null),
        ["POST /api/v1/test-sets/{id}/cases"] = (["test set"], """{"inputs":{"text":"x"}}"""),
        ["POST /api/v1/test-sets/{id}/cases/from-output"] = (["test set"], """{"executionId":"LOG"}"""),
        ["POST /api/v1/test-sets/{id}/cases/from-run"] = (["test set"], """{"runId":"RUN"}"""),
        ["POST /api/v1/test-sets/{id}/cases/import"] = (["test set"], "text\nx"),
        ["GET /api/v1/test-sets/{id}/cases/export"] = (["test set"], null),
        ["PUT /api/v1/test-sets/{id}/cases/{caseId}"] = (["test set", "test case"], """{"inputs":{"text":"x"}}"""),
        ["DELETE /api/v1/test-sets/{id}/cases/{caseId}"] = (["test set", "test case"], null),
        ["GET /api/v1/experiments/{id}"] = (["experiment"], null),
        ["DELETE /api/v1/experiments/{id}"] = (["experiment"], null),
        ["POST /api/v1/experiments/{id}/cancel"] = (["experiment"], null),
        ["POST /api/v1/experiments/{id}/resume"] = (["experiment"], null),
        ["GET /api/v1/experiments/{id}/export"] = (["experiment"], null),
        ["GET /api/v1/experiments/{id}/rows"] = (["experiment"], null),
        ["POST /api/v1/workflows/{id}/batches"] = (["workflow"], """{"csv":"text\nx"}"""),
        ["GET /api/v1/change-requests/{id}"] = (["change request"], null),
        ["POST /api/v1/change-requests/{id}/comments"] = (["change request"], """{"text":"Swapped"}"""),
        ["POST /api/v1/change-requests/{id}/experiment"] = (["change request"], null),
        ["POST /api/v1/change-requests/{id}/reject"] = (["change request"], """{"reason":"Swapped"}"""),
        ["POST /api/v1/change-requests/{id}/withdraw"] = (["change request"], null),
        ["GET /api/v1/prompts/{id}/protections"] = (["prompt"], null),
        ["PUT /api/v1/prompts/{id}/labels/{label}/protection"] = (["prompt", "=staging"], """{"approvals":1}"""),
        ["DELETE /api/v1/prompts/{id}/labels/{label}/protection"] = (["prompt", "=staging"], null),
        ["GET /api/v1/workflows/{id}/protection"] = (["workflow"], null),
        ["PUT /api/v1/workflows/{id}/protection"] = (["workflow"], """{"approvals":1}"""),
        ["DELETE /api/v1/workflows/{id}/protection"] = (["workflow"], null),
        ["GET /api/v1/workflows/{workflowId}/arms"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/arms/stop"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/arms/resume"] = (["workflow"], null),
        ["POST /api/v1/workflows/{workflowId}/arms/promote"] = (["workflow"], """{"stepId":"STEP","version":"1.0.0"}"""),
        ["GET /api/v1/users/{id}"] = (["user"], null),
        ["PUT /api/v1/users/{id}"] = (["user"], """{"name":"Swapped"}"""),
        ["DELETE /api/v1/users/{id}"] = (["user"], null),
        ["POST /hooks/{triggerId}"] = (["trigger"], "{}"),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Table_HasARowForEachAddressWithAnId_AndNoOther() =>
        Addresses().Should().BeEquivalentTo(Rows.Keys, "a new address with an id needs a row here, and a row needs its address");

    [Fact]
    public async Task Id_OfAnotherParentOrKind_ReadsNothing_AndWritesNothing()
    {
        using var client = world.Portal.CreateAdminClient();
        var before = await world.DumpAsync();
        var wrong = new List<string>();
        var asked = 0;
        foreach (var (address, (kinds, body)) in Rows)
        {
            foreach (var values in IdSwaps.Of(kinds, world.Mine.Ids, world.Theirs.Ids))
            {
                asked++;
                using var answer = await SendAsync(client, address, values, body);
                var text = await answer.Content.ReadAsStringAsync(Cancellation);
                // A run that is there, and has ended, says so whatever step is named.
                var isOver =
                    address.Contains("/reviews/", StringComparison.Ordinal)
                    && answer.StatusCode == HttpStatusCode.Conflict
                    && values[0] == world.Mine.Run;
                if (answer.StatusCode is not HttpStatusCode.NotFound && !isOver)
                {
                    wrong.Add($"{address} with {string.Join(", ", values)}: {(int)answer.StatusCode} {text}");
                }
            }
        }

        asked.Should().BeGreaterThan(500);
        wrong.Should().BeEmpty();
        (await world.DumpAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task WhatIsAPersonsOwn_IsNobodyElsesToReadOrChange()
    {
        var (ann, eve) = (world.Mine.Person, world.Theirs.Person);
        using var cookies = new CookieClient(world.Portal);
        await cookies.SignInAsync(ann);
        var session = (await world.Portal.Get<SessionService>().ListAsync(ann.Actor, Cancellation)).Value[0].Id;
        await world.Portal.Get<FeedbackService>().PutAsync(ann.Actor, world.Mine.Log, new FeedbackInput(5, "Ann's", []), Cancellation);
        var examples = world.Portal.Get<PromptPilot.Core.TestSets.ExampleService>();
        var example = (
            await examples.SaveAsync(
                ann.Actor,
                world.Mine.Prompt,
                "Ann's",
                new Dictionary<string, System.Text.Json.JsonElement>(),
                Cancellation
            )
        ).Value;

        (await world.Portal.Get<SessionService>().EndAsync(eve.Actor, session, Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.NotFound);
        (await world.Portal.Get<ApiKeyService>().RevokeAsync(eve.Actor, ann.ApiKeyId, Cancellation))
            .Problem!.Kind.Should()
            .BeOneOf(ProblemKind.NotFound, ProblemKind.Forbidden);
        (await world.Portal.Get<ApiKeyService>().ListAsync(eve.Actor, Cancellation))
            .Value.Should()
            .NotContain(key => key.Id == ann.ApiKeyId);
        (await world.Portal.Get<SessionService>().ListAsync(eve.Actor, Cancellation)).Value.Should().NotContain(item => item.Id == session);
        var cases = world.Portal.Get<PromptPilot.Core.TestSets.TestCaseService>();
        (await cases.DeleteAsync(eve.Actor, example.TestSetId, example.Id, Cancellation)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        await world.Portal.Get<FeedbackService>().PutAsync(eve.Actor, world.Mine.Log, new FeedbackInput(1, "Eve's", []), Cancellation);

        (await world.Portal.Get<FeedbackService>().ListAsync(ann.Actor, world.Mine.Log, Cancellation))
            .Value.Should()
            .Contain(item => item.UserId == ann.Id && item.Rating == 5 && item.Comment == "Ann's");
        (await cookies.IsInAsync()).Should().BeTrue("nobody ended the session");
        using var client = world.Portal.CreateClient(ann);
        (await client.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Cancellation))
            .StatusCode.Should()
            .Be(HttpStatusCode.OK, "nobody revoked the key");
    }

    [Fact]
    public async Task ServerOwnedFields_InAnyBody_ChangeNothing()
    {
        const string Owned =
            """ "id":"chosen","ownerId":"chosen","owner":"chosen","createdAt":"2001-01-01T00:00:00Z","createdBy":"chosen","updatedAt":"2001-01-01T00:00:00Z","version":99,"revision":99,"role":"admin","userId":"chosen","status":"succeeded","secret":"chosen","leaseOwner":"chosen","cost":0 """;
        using var client = world.Portal.CreateClient(await world.Portal.AddPersonAsync(Role.Admin));
        var before = (await world.DumpAsync()).ToHashSet();
        var wrong = new List<string>();
        var creations = new Dictionary<string, (string[] Kinds, string? Body)>
        {
            ["POST /api/v1/prompts"] = ([], Prompt),
            ["POST /api/v1/workflows"] = ([], """{"name":"Swapped","steps":[]}"""),
            ["POST /api/v1/model-profiles"] = ([], Profile),
        };
        foreach (
            var (address, (kinds, body)) in Rows.Concat(creations)
                .Where(row => row.Value.Body is { } text && IsJson(text) && !row.Key.StartsWith("POST /hooks", StringComparison.Ordinal))
        )
        {
            foreach (
                var field in Owned
                    .Split(',')
                    .Select(field => field.Trim())
                    .Where(field => !body!.Contains(field.Split(':')[0], StringComparison.Ordinal))
            )
            {
                // A body that would be taken, and one field more: what people own (a name, a lock, a role of users) is for admins to send.
                if (address == "PUT /api/v1/users/{id}" && field.StartsWith("\"role\"", StringComparison.Ordinal))
                {
                    continue;
                }

                var ids = kinds.Select(kind => kind[0] == '=' ? kind[1..] : world.Mine.Ids.GetValueOrDefault(kind, "x")).ToArray();
                using var answer = await SendAsync(
                    client,
                    address,
                    ids,
                    body!.TrimEnd('}') + new string('}', body!.Length - body.TrimEnd('}').Length - 1) + $",{field}}}"
                );
                // Refused with the field's name; or, where an answer may be sent back as it came, left out. One output makes one case only.
                // A request is rejected once.
                var isTaken =
                    answer.StatusCode == HttpStatusCode.Conflict
                    && (
                        address.EndsWith("/from-output", StringComparison.Ordinal) || address.EndsWith("/reject", StringComparison.Ordinal)
                    );
                if (!isTaken && answer.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.OK or HttpStatusCode.Created))
                {
                    wrong.Add($"{address} with {field}: {(int)answer.StatusCode}");
                }
            }
        }

        wrong.Should().BeEmpty();
        (await world.DumpAsync())
            .Where(row => !before.Contains(row))
            .Where(row =>
                row.Contains("chosen", StringComparison.Ordinal)
                || row.Contains("2001-01-01", StringComparison.Ordinal)
                || row.Contains("|99|", StringComparison.Ordinal)
            )
            .Should()
            .BeEmpty();
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.Users.SingleAsync(user => user.Id == world.Mine.Person.Id, Cancellation)).Role.Should().Be(Role.Collaborator);
    }

    private IEnumerable<string> Addresses() =>
        from endpoint in world
            .Portal.Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
        where endpoint.RoutePattern.Parameters.Count > 0
        let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where pattern.StartsWith("/api/v1/", StringComparison.Ordinal) || pattern.StartsWith("/hooks/", StringComparison.Ordinal)
        where !pattern.Contains("{*", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        select $"{method} {pattern}";

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, string address, string[] values, string? body)
    {
        var (method, path) = (address.Split(' ')[0], address.Split(' ')[1]);
        var next = 0;
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            new Uri(Parameter().Replace(path, _ => Uri.EscapeDataString(values[next++])), UriKind.Relative)
        );
        if (body is not null)
        {
            request.Content = new StringContent(
                body.Replace("STEP", world.Mine.Step, StringComparison.Ordinal).Replace("LOG", world.Mine.Log, StringComparison.Ordinal),
                Encoding.UTF8,
                IsJson(body) ? "application/json" : "text/csv"
            );
        }

        return await client.SendAsync(request, Cancellation);
    }

    private static bool IsJson(string body) => body.StartsWith('{');

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
