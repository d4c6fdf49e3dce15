using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Tests.Integration.OpenId;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Integration.Triggers;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>What ends on one host ends on the other, and what both are asked for at the same moment happens once.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsAttackTests(TwoHostsAttackTests.Pair pair) : IClassFixture<TwoHostsAttackTests.Pair>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PortalHost A => pair.Portals.A;

    private PortalHost B => pair.Portals.B;

    [Fact]
    public async Task Sessions_EndedOnA_AreOverOnB()
    {
        var ann = await A.AddPersonAsync(Role.Architect);
        using var laptop = new CookieClient(B);
        using var phone = new CookieClient(A);
        await laptop.SignInAsync(ann);
        await phone.SignInAsync(ann);
        (await laptop.IsInAsync()).Should().BeTrue();

        (await A.Get<SessionService>().EndOthersAsync(ann.Actor, Token)).IsOk.Should().BeTrue();

        await OverAsync(laptop);
        await OverAsync(phone);
    }

    [Fact]
    public async Task Password_ChangedOnA_EndsSessionsOnB_AndTheOldOneIsRefusedThere()
    {
        var ann = await A.AddPersonAsync(Role.Viewer);
        using var here = new CookieClient(A);
        using var there = new CookieClient(B);
        await here.SignInAsync(ann);
        await there.SignInAsync(ann);

        using var changed = await here.PostAsync(
            "/account/change-password",
            "change-password",
            ("Current", ann.Password),
            ("Password", "another long password 12")
        );

        await OverAsync(there);
        (await here.IsInAsync()).Should().BeTrue();
        using var stranger = new CookieClient(B);
        (await stranger.SignInAsync(ann)).Should().BeNull("the old password is no longer valid");
        (await stranger.SignInAsync(ann.Email, "another long password 12")).Should().Be("/");
    }

    [Fact]
    public async Task Lockout_ByGuessesOnBothHosts_AppliesOnBoth()
    {
        var ann = await A.AddPersonAsync(Role.Viewer);
        var clients = new[] { A, B }.Select(host => new CookieClient(host)).ToList();
        for (var guess = 0; guess < 5; guess++)
        {
            (await clients[guess % 2].SignInAsync(ann.Email, $"a wrong password {guess}")).Should().BeNull();
        }

        var rightOnes = new[] { await clients[0].SignInAsync(ann), await clients[1].SignInAsync(ann) };

        clients.ForEach(client => client.Dispose());
        rightOnes.Should().AllBe(null, "five wrong passwords lock the account on every host");
    }

    [Fact]
    public async Task SignInWithTheProvider_StartedOnA_CanReturnToB()
    {
        await using var world = await OpenIdWorld.InAsync(A);
        await world.ConfigureAsync();
        await Eventually.HoldsAsync(
            () => B.Get<IOptions<OpenIdOptions>>().Value.Issuer == world.Issuer,
            "B to read the provider’s settings"
        );
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "readers"));
        var chosen = A;
        using var browser = new OpenIdBrowser(A, () => chosen);
        var callback = await browser.OpenAsync("/account/oidc?returnUrl=%2Faccount", until: OpenIdPaths.Callback);
        chosen = B;

        (await browser.OpenAsync(callback.AbsoluteUri)).AbsolutePath.Should().Be("/account");

        (await browser.IsInAsync()).Should().BeTrue();
        chosen = A;
        (await browser.IsInAsync()).Should().BeTrue("the session counts on both");
        (await world.FindAsync(email))!.Role.Should().Be(Role.Viewer);
    }

    [Fact]
    public async Task ReviewLink_OfARunOnA_OpensOnB_AndTheAnswerThereEndsTheRun()
    {
        using var onA = A.CreateAdminClient();
        using var onB = B.CreateAdminClient();
        var api = new RunApi(onA);
        var id = await WorkflowAsync(api);
        var workflow = await api.FindWorkflowAsync(id);
        workflow["steps"]![0]!["review"] = new System.Text.Json.Nodes.JsonObject();
        await api.SendAsync(HttpMethod.Put, $"workflows/{id}", workflow);
        await api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        var run = await api.StartRunAsync(id);
        await Eventually.HoldsAsync(async () => (await api.FindAsync(run)).Text("status") == "waiting", "the review");
        var step = (await api.FindAsync(run)).GetProperty("steps")[0].Text("stepId");
        var link = A.Get<ReviewLinks>().PathOf(run, step, DateTime.UtcNow, null)["/reviews/".Length..];
        var admin = (await A.GetAdminAsync()).Actor;

        var opened = await B.Get<ReviewLinkService>().FindAsync(admin, link, Token);
        await new RunApi(onB).SendAsync(HttpMethod.Post, $"runs/{run}/reviews/{step}", new { verdict = "approve" });

        opened.Value.State.Should().Be(ReviewLinkState.Open);
        (await api.EndOfAsync(run)).Text("status").Should().Be("succeeded");
        (await A.Get<ReviewLinkService>().FindAsync(admin, link, Token)).Value.State.Should().Be(ReviewLinkState.Answered);
    }

    /// <summary>One key with many calls, on both hosts, beside a single one of another.</summary>
    [Fact]
    public async Task SingleCall_OnB_BesideManyOfAnotherKeyOnBoth_IsMadeInTurn()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Script = _ => FakeAnswer.Of("Done.") with { FirstTokenDelay = TimeSpan.FromMilliseconds(40) };
        using var onA = A.CreateAdminClient();
        using var onB = B.CreateAdminClient();
        var api = new RunApi(onA);
        var profile = await api.AddProfileAsync(model.Endpoint, $"Busy {Guid.NewGuid():N}", new { concurrentCalls = 2 });
        var name = $"Turns {Guid.NewGuid():N}";
        await api.SendAsync(HttpMethod.Post, "prompts", new { name, content = "Say {{ x }}" });
        using var modest = B.CreateClient(await A.AddPersonAsync(Role.Collaborator));
        await Eventually.HoldsAsync(async () => await CallAsync(modest) == HttpStatusCode.OK, "B to know the key and the profile");
        var done = 0;
        var many = Enumerable
            .Range(0, 60)
            .Select(async i =>
            {
                var status = await CallAsync(i % 2 == 0 ? onA : onB);
                Interlocked.Increment(ref done);
                return status;
            })
            .ToList();
        await Eventually.HoldsAsync(() => Volatile.Read(ref done) >= 4, "calls of the first key to end");

        var before = Volatile.Read(ref done);
        (await CallAsync(modest)).Should().Be(HttpStatusCode.OK);
        (Volatile.Read(ref done) - before).Should().BeLessThan(30, "the single call does not wait for all others");
        (await Task.WhenAll(many)).Should().OnlyContain(status => status == HttpStatusCode.OK);

        async Task<HttpStatusCode> CallAsync(HttpClient client)
        {
            using var answer = await client.PostAsJsonAsync(
                new Uri($"/api/v1/prompts/by-name/{Uri.EscapeDataString(name)}/complete", UriKind.Relative),
                new { model = profile, variables = new { x = "y" } },
                Token
            );
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Logout_SentByTheProviderToB_EndsTheSessionOfA()
    {
        await using var world = await OpenIdWorld.InAsync(A);
        await world.ConfigureAsync();
        await Eventually.HoldsAsync(
            () => B.Get<IOptions<OpenIdOptions>>().Value.Issuer == world.Issuer,
            "B to read the provider’s settings"
        );
        var (ann, email) = OpenIdWorld.NewPerson();
        await world.SignsInAsync(ann, OpenIdSignInTests.Claims(email, "readers"));
        using var browser = new OpenIdBrowser(A);
        await browser.SignInAsync();
        (await browser.IsInAsync()).Should().BeTrue();
        var logout = ("logout_token", await world.TokenAsync(OpenIdSignInTests.LogoutOf(ann)));
        using var provider = new OpenIdBrowser(B);

        (await provider.PostAsync(OpenIdSignInTests.Logout, logout)).Should().Be(HttpStatusCode.OK);

        await Eventually.HoldsAsync(async () => !await browser.IsInAsync(), "A to refuse the session");
    }

    [Fact]
    public async Task IdempotencyKey_SentToBothHostsAtOnce_StartsOneRun()
    {
        using var client = A.CreateAdminClient();
        var workflow = await WorkflowAsync(new RunApi(client));
        foreach (var key in Enumerable.Range(0, 5).Select(i => $"order-{i}-{Guid.NewGuid():N}"))
        {
            var started = await AtOnceAsync(api =>
            {
                api.Http.DefaultRequestHeaders.Add("Idempotency-Key", key);
                return api.StartRunAsync(workflow);
            });

            started.Distinct().Should().ContainSingle("both hosts have the same key");
        }

        await using var db = await A.Contexts.CreateDbContextAsync(Token);
        (await db.WorkflowRuns.CountAsync(run => run.WorkflowId == workflow, Token)).Should().Be(5);
    }

    [Fact]
    public async Task Webhook_SentToBothHostsAtOnce_StartsOneRun()
    {
        await using var world = await WebhookWorld.InAsync(A);
        var hook = await world.AddAsync();
        using var toB = B.CreateClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var first = await WebhookWorld.SendAsync(toB, hook);
                return first.IsSuccessStatusCode;
            },
            "B to know the trigger"
        );
        var before = await RunsAsync();
        foreach (var sent in Enumerable.Range(0, 5).Select(_ => new Sent()))
        {
            var answers = await Task.WhenAll(world.SendAsync(hook, sent), WebhookWorld.SendAsync(toB, hook, sent));
            answers.Should().OnlyContain(answer => answer.IsSuccessStatusCode);
            Array.ForEach(answers, answer => answer.Dispose());
        }

        (await RunsAsync() - before).Should().Be(5, "a message is the same on every host");

        async Task<int> RunsAsync()
        {
            await using var db = await A.Contexts.CreateDbContextAsync(Token);
            return await db.WorkflowRuns.CountAsync(run => run.WorkflowId == world.WorkflowId, Token);
        }
    }

    [Fact]
    public async Task Review_AnsweredOnBothHostsAtOnce_IsAnsweredOnce()
    {
        using var client = A.CreateAdminClient();
        var api = new RunApi(client);
        var id = await WorkflowAsync(api);
        var workflow = await api.FindWorkflowAsync(id);
        workflow["steps"]![0]!["review"] = new System.Text.Json.Nodes.JsonObject();
        await api.SendAsync(HttpMethod.Put, $"workflows/{id}", workflow);
        await api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        var run = await api.StartRunAsync(id);
        JsonElement waiting = default;
        await Eventually.HoldsAsync(
            async () => (waiting = await api.FindAsync(run)).Text("status") == "waiting",
            "the run to wait for its review"
        );
        var step = waiting.GetProperty("steps")[0].Text("stepId");

        var answers = await AtOnceAsync(async each =>
        {
            using var answer = await each.TrySendAsync(HttpMethod.Post, $"runs/{run}/reviews/{step}", new { verdict = "approve" });
            return answer.StatusCode;
        });

        answers.Order().Should().Equal(HttpStatusCode.OK, HttpStatusCode.Conflict);
        (await api.EndOfAsync(run)).Text("status").Should().Be("succeeded");
    }

    [Fact]
    public async Task Import_OfOneFileOnBothHostsAtOnce_CreatesEachPromptOnce()
    {
        var name = $"Twice {Guid.NewGuid():N}";

        var answers = await AtOnceAsync(async api =>
        {
            using var form = new MultipartFormDataContent { { new StringContent($"---\nname: {name}\n---\nHello\n"), "file", "a.md" } };
            using var answer = await api.Http.PostAsync(new Uri("/api/v1/import", UriKind.Relative), form, Token);
            return answer.StatusCode;
        });

        answers.Should().Contain(HttpStatusCode.OK).And.OnlyContain(status => (int)status < 500);
        await using var db = await A.Contexts.CreateDbContextAsync(Token);
        (await db.Prompts.CountAsync(prompt => prompt.Name == name, Token)).Should().Be(1);
    }

    [Fact]
    public async Task AgentSession_OnTheWrongHost_IsNotFound_SoThatTheClientOpensAnother()
    {
        using var a = A.CreateAdminClient();
        using var b = B.CreateAdminClient();
        var session = await OpenAsync(a);

        (await PingAsync(a, session)).Should().Be(HttpStatusCode.OK);
        (await PingAsync(b, session)).Should().Be(HttpStatusCode.NotFound, "the protocol's answer for a session that is not there");
        (await PingAsync(b, await OpenAsync(b))).Should().Be(HttpStatusCode.OK);
    }

    private static async Task<string> OpenAsync(HttpClient client)
    {
        using var answer = await PostAsync(
            client,
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize",
             "params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            """,
            null
        );
        return answer.Headers.GetValues("Mcp-Session-Id").Single();
    }

    private static async Task<HttpStatusCode> PingAsync(HttpClient client, string session)
    {
        using var answer = await PostAsync(client, """{"jsonrpc":"2.0","id":2,"method":"ping"}""", session);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string? session)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative)) { Content = content };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }

        return await client.SendAsync(request, Token);
    }

    /// <summary>A workflow that both hosts know.</summary>
    private async Task<string> WorkflowAsync(RunApi api) =>
        await api.AddWorkflowAsync(await api.AddProfileAsync(pair.Model.Endpoint, $"Fake {Guid.NewGuid():N}"), ("answer", ["text"]));

    /// <summary>Does the same on A and B at the same moment.</summary>
    private async Task<IReadOnlyList<T>> AtOnceAsync<T>(Func<RunApi, Task<T>> act)
    {
        using var a = A.CreateAdminClient();
        using var b = B.CreateAdminClient();
        return await Task.WhenAll(act(new RunApi(a)), act(new RunApi(b)));
    }

    private static Task OverAsync(CookieClient client) =>
        Eventually.HoldsAsync(async () => !await client.IsInAsync(), "the session to be refused");

    public sealed class Pair : IAsyncLifetime
    {
        private TwoPortals? _portals;

        public TwoPortals Portals => _portals!;

        internal FakeModelServer Model { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Model = await FakeModelServer.StartAsync();
            _portals = await TwoPortals.StartAsync(
                settings: new Dictionary<string, string?> { ["PromptPilot:Http:SignInsPerMinute"] = "10000" }
            );
        }

        public async ValueTask DisposeAsync()
        {
            await (_portals?.DisposeAsync() ?? default);
            await Model.DisposeAsync();
        }
    }
}
