using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

public sealed class ModelProfileServiceTests : IAsyncLifetime
{
    private const string Key = "sk-canary-5550100";
    private ModelsHost _host = null!;
    private TestPerson _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ModelsHost.StartAsync(null);
        _admin = await _host.Database.AddPersonAsync(Role.Admin);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Fallbacks_AreChecked_AndKeepWhatTheyNeed()
    {
        var limited = await CreateAsync(Content() with { Name = "Limited", Roles = [Role.Architect] });
        var open = await CreateAsync(Content() with { Name = "Open" });
        var user = await CreateAsync(Content() with { Name = "User", Fallbacks = [open.Id] });
        user.Fallbacks.Should().Equal(open.Id);

        async Task<string?> ErrorAsync(string id, ModelProfileContent content) =>
            (await _host.Service.UpdateAsync(_admin.Actor, id, content, null, Token)).Problem?.Errors.Single().Message;

        var content = Content() with { Name = "User" };
        (await ErrorAsync(user.Id, content with { Fallbacks = [user.Id] })).Should().Contain("its own fallback");
        (await ErrorAsync(user.Id, content with { Fallbacks = ["nothing"] })).Should().Contain("no longer exists");
        (await ErrorAsync(user.Id, content with { Fallbacks = [open.Id, open.Id] })).Should().Contain("each once");
        (await ErrorAsync(user.Id, content with { Fallbacks = [limited.Id] })).Should().Contain("“Limited” is limited to architects");
        (await ErrorAsync(open.Id, Content() with { Name = "Open", Roles = [Role.Architect] })).Should().Contain("a fallback of “User”");
        (await _host.Service.DeleteAsync(_admin.Actor, open.Id, null, Token)).Problem!.Message.Should().Contain("a fallback of “User”");
    }

    [Fact]
    public async Task Create_ThenFind_GivesBackEverythingButTheKey()
    {
        var created = await CreateAsync(
            Content() with
            {
                Provider = "OpenAI-Compatible",
                Endpoint = " https://models.example.org/v1/chat/completions/ ",
                Parameters = new ModelParameters
                {
                    Temperature = 0.1,
                    MaxTokens = 77,
                    TopP = 0.5,
                },
                Prices = new PricesInUsd(0.15m, 0.6m),
                Limits = new ModelLimits
                {
                    FirstTokenSeconds = 5,
                    IdleSeconds = 6,
                    AttemptSeconds = 7,
                    ConcurrentCalls = 8,
                    RequestsPerMinute = 9,
                },
                Budgets = new BudgetsInUsd(2.5m, 0),
            }
        );

        var found = (await _host.Service.FindAsync(_admin.Actor, created.Id, Token)).Value;
        found.Should().BeEquivalentTo(created);
        (found.Provider, found.Endpoint, found.HasApiKey, found.Enabled, found.Revision)
            .Should()
            .Be((Providers.OpenAICompatible, "https://models.example.org/v1", true, true, 1));
        found.Prices.Should().Be(new PricesInUsd(0.15m, 0.6m));
        (found.Parameters.MaxTokens, found.Parameters.TopP, found.Limits.IdleSeconds, found.CreatedBy).Should().Be((77, 0.5, 6, _admin.Id));
        (found.Limits.ConcurrentCalls, found.Limits.RequestsPerMinute, found.Budgets, found.StructuredOutput)
            .Should()
            .Be((8, 9, new BudgetsInUsd(2.5m, 0), false));
        System.Text.Json.JsonSerializer.Serialize(found, AppJson.Options).Should().NotContain("canary");
    }

    [Fact]
    public async Task StoredKey_IsEncrypted()
    {
        var id = (await CreateAsync(Content())).Id;

        await using var db = await _host.OpenAsync();
        var stored = await db.ModelProfiles.SingleAsync(p => p.Id == id, Token);
        stored.ApiKey.Should().NotBeNull().And.NotContain("canary");
        _host.Get<ModelKeys>().Decrypt(stored.ApiKey!).Should().Be(Key);
        stored.Prices.InputPerMillion.Should().Be(2_500_000_000);
        (stored.Budgets.Day, stored.Budgets.Month).Should().Be((null, null));
    }

    [Fact]
    public async Task Create_Wrong_SaysWhatAtEachField()
    {
        var result = await _host.Service.CreateAsync(
            _admin.Actor,
            new ModelProfileContent
            {
                Name = " ",
                Model = null,
                Provider = "openai",
                Endpoint = "http://10.0.0.1/v1",
                Parameters = new ModelParameters
                {
                    Temperature = 2.1,
                    MaxTokens = 0,
                    TopP = -1,
                },
                Prices = new PricesInUsd(-1, 200_000),
                Limits = new ModelLimits
                {
                    FirstTokenSeconds = 0,
                    IdleSeconds = 4000,
                    AttemptSeconds = -1,
                    ConcurrentCalls = 0,
                    RequestsPerMinute = 100_001,
                },
                Budgets = new BudgetsInUsd(-0.01m, 1_000_001),
            },
            Token
        );

        result.Problem!.Kind.Should().Be(ProblemKind.Invalid);
        result
            .Problem.Errors.Select(e => e.Field)
            .Should()
            .BeEquivalentTo(
                "name",
                "model",
                "endpoint",
                "apiKey",
                "parameters.temperature",
                "parameters.maxTokens",
                "parameters.topP",
                "prices.inputPerMillion",
                "prices.outputPerMillion",
                "limits.firstTokenSeconds",
                "limits.idleSeconds",
                "limits.attemptSeconds",
                "limits.concurrentCalls",
                "limits.requestsPerMinute",
                "budgets.day",
                "budgets.month"
            );
    }

    [Theory]
    [InlineData(Providers.OpenAI, null, true)]
    [InlineData(Providers.OpenAI, false, false)]
    [InlineData(Providers.OpenAICompatible, null, false)]
    [InlineData(Providers.OpenAICompatible, true, true)]
    [InlineData(Providers.Offline, true, false)]
    public async Task StructuredOutput_UnlessSaid_IsAsTheProviderHasIt(string provider, bool? wanted, bool expected)
    {
        var content = Content() with { Provider = provider, StructuredOutput = wanted };

        (await CreateAsync(provider == Providers.Offline ? content with { Endpoint = null, ApiKey = null } : content))
            .StructuredOutput.Should()
            .Be(expected);
    }

    [Theory]
    [InlineData("gpt", "provider")]
    [InlineData(null, "provider")]
    public async Task Create_UnknownProvider_IsRefused(string? provider, string field) =>
        (await ErrorFieldsAsync(Content() with { Provider = provider })).Should().Equal(field);

    [Fact]
    public async Task Create_NameTakenInOtherCase_IsRefused()
    {
        await CreateAsync(Content());

        (await ErrorFieldsAsync(Content() with { Name = "A PROFILE" })).Should().Equal("name");
    }

    [Fact]
    public async Task Create_OfflineWithEndpointOrKey_IsRefused() =>
        (await ErrorFieldsAsync(Content() with { Provider = "offline" })).Should().BeEquivalentTo("endpoint", "apiKey");

    [Fact]
    public async Task Update_NullKey_KeepsItAndEmptyRemovesIt()
    {
        var profile = await CreateAsync(Content());

        var kept = (await UpdateAsync(profile.Id, Content() with { ApiKey = null, Model = "m2" }, profile.Revision)).Value;
        (kept.HasApiKey, kept.Model, kept.Revision).Should().Be((true, "m2", 2));

        (await UpdateAsync(profile.Id, Content() with { ApiKey = "" }, null)).Value.HasApiKey.Should().BeFalse();
    }

    [Theory]
    [InlineData("https://elsewhere.example.org/v1", Providers.OpenAICompatible)]
    [InlineData("https://models.example.org/v2", Providers.OpenAICompatible)]
    [InlineData(null, Providers.Ollama)]
    public async Task Update_EndpointOrProviderChanged_NeedsTheKeyAgain(string? endpoint, string provider)
    {
        var profile = await CreateAsync(Content());
        var changed = Content() with { Endpoint = endpoint, Provider = provider, ApiKey = null };

        var refused = await UpdateAsync(profile.Id, changed, profile.Revision);
        refused.Problem!.Errors.Select(e => e.Field).Should().Equal("apiKey");

        (await UpdateAsync(profile.Id, changed with { ApiKey = "sk-other" }, profile.Revision)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Update_ToOffline_DropsTheKey()
    {
        var profile = await CreateAsync(Content());

        (await UpdateAsync(profile.Id, Content() with { Provider = "Offline", Endpoint = null, ApiKey = null }, null))
            .Value.HasApiKey.Should()
            .BeFalse();
    }

    [Fact]
    public async Task Update_OldRevision_IsStaleAndNothingIsSaved()
    {
        var profile = await CreateAsync(Content());
        await UpdateAsync(profile.Id, Content() with { Model = "m2" }, 1);

        (await UpdateAsync(profile.Id, Content() with { Model = "m3" }, 1)).Problem!.Kind.Should().Be(ProblemKind.Stale);
        (await _host.Service.DeleteAsync(_admin.Actor, profile.Id, 1, Token)).Problem!.Kind.Should().Be(ProblemKind.Stale);
        (await _host.Service.FindAsync(_admin.Actor, profile.Id, Token)).Value.Model.Should().Be("m2");
    }

    [Fact]
    public async Task Update_CountsAtTheNextCall()
    {
        await using var server = await FakeModelServer.StartAsync();
        var content = Content() with { Endpoint = server.Endpoint };
        var profile = await CreateAsync(content);
        await _host.Service.TestAsync(_admin.Actor, profile.Id, Token);

        await UpdateAsync(profile.Id, content with { Model = "m2", ApiKey = "sk-new" }, null);
        await _host.Service.TestAsync(_admin.Actor, profile.Id, Token);

        server
            .Calls.Select(c => (c.Body.GetProperty("model").GetString(), c.Headers["Authorization"]))
            .Should()
            .Equal(("m1", "Bearer " + Key), ("m2", "Bearer sk-new"));
    }

    [Fact]
    public async Task Delete_Unused_IsGone()
    {
        var profile = await CreateAsync(Content());

        (await _host.Service.DeleteAsync(_admin.Actor, profile.Id, profile.Revision, Token)).IsOk.Should().BeTrue();
        (await _host.Service.FindAsync(_admin.Actor, profile.Id, Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Delete_UsedByADraftOrAPublishedVersion_IsAConflictThatNamesTheWorkflows()
    {
        var (draft, published, other) = (await CreateAsync(Content()), await CreateAsync(Content("B")), await CreateAsync(Content("C")));
        var prompt = new Prompt
        {
            Name = "P",
            NormalizedName = "P",
            Content = "Hi.",
            CreatedAt = DateTime.UtcNow,
            UpdatedAt = DateTime.UtcNow,
        };
        await _host.Database.SaveAsync(prompt);
        var workflow = new Workflow { Name = "Weekly digest" };
        workflow.Steps.Add(
            new WorkflowStep
            {
                PromptId = prompt.Id,
                Model = draft.Id,
                OutputKey = "a",
                Order = 1,
            }
        );
        var step = new StepDefinition("s1", prompt.Id, "v1", null, published.Id, new Dictionary<string, string>(), "a", 1);
        var version = new WorkflowVersion
        {
            WorkflowId = workflow.Id,
            Number = 1,
            Definition = new WorkflowDefinition("Weekly digest", [], [step]),
        };
        await using (var db = await _host.Database.Contexts.CreateDbContextAsync(Token))
        {
            await Unprotected.PublishAsync(db, workflow, version);
        }

        await _host.Database.SaveAsync(workflow, version);

        foreach (var used in new[] { draft, published })
        {
            var problem = (await _host.Service.DeleteAsync(_admin.Actor, used.Id, null, Token)).Problem!;
            problem.Kind.Should().Be(ProblemKind.Conflict);
            problem.Message.Should().Contain("“Weekly digest”");
        }

        var list = (await _host.Service.ListAsync(_admin.Actor, new PageRequest(), Token)).Value.Items;
        list.Select(p => p.UsedBy).Should().Equal(1, 1, 0);
        var users = (await _host.Service.ListUsersAsync(_admin.Actor, draft.Id, Token)).Value.Single();
        (users.WorkflowId, users.Workflow, users.Schedules).Should().Be((workflow.Id, "Weekly digest", 0));
        users.Steps.Should().Equal(new ModelProfileStep("a", prompt.Id, "P", InDraft: true, IsPublished: false));
        await _host.Database.SaveAsync(
            new Trigger
            {
                WorkflowId = workflow.Id,
                Type = TriggerType.Scheduled,
                CreatedAt = DateTime.UtcNow,
            }
        );
        var running = (await _host.Service.ListUsersAsync(_admin.Actor, published.Id, Token)).Value.Single();
        (running.Schedules, running.Steps.Single().IsPublished, running.Steps.Single().InDraft).Should().Be((1, true, false));
        (await _host.Service.ListUsersAsync(_admin.Actor, other.Id, Token)).Value.Should().BeEmpty();
        (await _host.Service.DeleteAsync(_admin.Actor, other.Id, null, Token)).IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData("ALPH", "Alpha")]
    [InlineData("m1", "Alpha", "Bravo_2")]
    [InlineData("compat", "Alpha", "Bravo_2")]
    [InlineData("o_2", "Bravo_2")]
    [InlineData("%")]
    [InlineData("  ", "Alpha", "Bravo_2")]
    public async Task List_Search_LooksAtNameModelAndProvider(string search, params string[] expected)
    {
        await CreateAsync(Content("Alpha"));
        await CreateAsync(Content("Bravo_2"));

        (await _host.Service.ListAsync(_admin.Actor, new PageRequest(), Token, search))
            .Value.Items.Select(p => p.Name)
            .Should()
            .Equal(expected);
    }

    [Fact]
    public async Task List_Pages_ByName()
    {
        foreach (var name in new[] { "delta", "Alpha", "charlie", "Bravo" })
        {
            await CreateAsync(Content(name));
        }

        var first = (await _host.Service.ListAsync(_admin.Actor, new PageRequest(null, 3), Token)).Value;
        var second = (await _host.Service.ListAsync(_admin.Actor, new PageRequest(first.Next, 3), Token)).Value;

        first.Items.Select(p => p.Name).Should().Equal("Alpha", "Bravo", "charlie");
        second.Items.Select(p => p.Name).Should().Equal("delta");
        second.Next.Should().BeNull();
    }

    [Fact]
    public async Task ListNames_Viewer_SeesNamesOnly()
    {
        await CreateAsync(Content());
        var viewer = await _host.Database.AddPersonAsync(Role.Viewer);

        var names = (await _host.Service.ListNamesAsync(viewer.Actor, Token)).Value;

        names.Select(n => (n.Name, n.Provider, n.Model, n.Enabled)).Should().Equal(("A profile", Providers.OpenAICompatible, "m1", true));
        (await _host.Service.ListAsync(viewer.Actor, new PageRequest(), Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
    }

    [Fact]
    public async Task Test_Offline_AnswersWithItsOneSentence()
    {
        var profile = await CreateAsync(
            new ModelProfileContent
            {
                Name = "Built-in",
                Provider = "offline",
                Model = "extractive",
            }
        );

        var test = (await _host.Service.TestAsync(_admin.Actor, profile.Id, Token)).Value;

        (test.Fault, test.Answer).Should().Be((null, "The connection works and the model answers."));
        test.OutputTokens.Should().BeGreaterThan(5);
    }

    [Fact]
    public async Task Test_BrokenProvider_ShowsTheCauseAndNoKey()
    {
        await using var server = await FakeModelServer.StartAsync();
        server.Default = FakeAnswer.Error(401, $"Wrong key {Key}.");
        var profile = await CreateAsync(Content() with { Endpoint = server.Endpoint });

        var test = (await _host.Service.TestAsync(_admin.Actor, profile.Id, Token)).Value;

        test.Fault!.Code.Should().Be(ErrorCode.Auth);
        test.Fault.Message.Should().Contain("Wrong key [key]").And.NotContain("canary");
    }

    private static ModelProfileContent Content(string name = "A profile") =>
        new()
        {
            Name = name,
            Provider = Providers.OpenAICompatible,
            Endpoint = "https://models.example.org/v1",
            Model = "m1",
            ApiKey = Key,
            Prices = new PricesInUsd(2.5m, 10m),
        };

    private async Task<ModelProfileView> CreateAsync(ModelProfileContent content) =>
        (await _host.Service.CreateAsync(_admin.Actor, content, Token)).Value;

    private async Task<IEnumerable<string>> ErrorFieldsAsync(ModelProfileContent content) =>
        (await _host.Service.CreateAsync(_admin.Actor, content, Token)).Problem!.Errors.Select(e => e.Field);

    private Task<Result<ModelProfileView>> UpdateAsync(string id, ModelProfileContent content, int? revision) =>
        _host.Service.UpdateAsync(_admin.Actor, id, content, revision, Token);
}
