using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>
/// A profile that is limited to roles: refused to others when a step is saved with it and when something starts with it, and not offered to
/// them.
/// </summary>
public sealed class ProfileRolesTests : IAsyncLifetime
{
    private const string Words = "limited to architects and admins";

    private FakeModelServer _model = null!;
    private PortalHost _portal = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private TestPerson _collaborator = null!;
    private TestPerson _architect = null!;
    private string _open = "";
    private string _limited = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
        _collaborator = await _portal.AddPersonAsync(Role.Collaborator);
        _architect = await _portal.AddPersonAsync(Role.Architect);
        _open = await _api.AddProfileAsync(_model.Endpoint, "Open");
        _limited = await _api.AddProfileAsync(_model.Endpoint, "Dear");
        await LimitAsync(_limited, Role.Architect);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Start_ByARoleThatMayNot_IsRefusedEverywhere_AndCallsNothing()
    {
        var workflow = await _api.AddWorkflowAsync(_limited, ("one", ["text"]));
        var start = new StartRunRequest(workflow, new Dictionary<string, JsonElement> { ["text"] = AppJson.Text("hello") });
        var runs = _portal.Get<RunService>();

        foreach (var actor in new[] { _collaborator.Actor, _collaborator.KeyActor })
        {
            var problem = (await runs.StartAsync(actor, start, Token)).Problem!;
            problem.Kind.Should().Be(ProblemKind.Forbidden);
            problem.Message.Should().Contain("“Dear”").And.Contain(Words).And.Contain("ask an admin");
        }

        var step = (await _portal.Get<WorkflowService>().FindAsync(_architect.Actor, workflow, Token)).Value.Steps[0];
        var version = (await _api.SendAsync(HttpMethod.Get, $"prompts/{step.PromptId}", null)).Text("version");
        var call = new PlaygroundCall(step.PromptId, version, _limited, start.Inputs);
        (await _portal.Get<PlaygroundService>().CallAsync(_collaborator.Actor, call, new LiveText(), Token))
            .Problem!.Errors.Single()
            .Should()
            .Match<FieldError>(error => error.Field == "model" && error.Message.Contains(Words));
        _model.Calls.Should().BeEmpty();

        var run = (await runs.StartAsync(_architect.Actor, start, Token)).Value;
        (await _api.EndOfAsync(run.Id, 60)).Text("status").Should().Be("succeeded");
        var replays = _portal.Get<RunReplayService>();
        var stepId = (await runs.FindAsync(_architect.Actor, run.Id, Token)).Value.Steps[0].StepId;
        (await replays.ForkAsync(_collaborator.Actor, run.Id, new ForkRequest(stepId), Token))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Forbidden, "what they may not start they may not start again");
        (await replays.ForkAsync(_collaborator.Actor, run.Id, new ForkRequest(stepId, Model: _open), Token)).IsOk.Should().BeTrue();
        var open = await _api.RunAsync(await _api.AddWorkflowAsync(_open, ("two", ["text"])));
        (
            await replays.ForkAsync(
                _collaborator.Actor,
                open.Text("id"),
                new ForkRequest(open.GetProperty("steps")[0].Text("stepId"), Model: _limited),
                Token
            )
        )
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("model");
    }

    [Fact]
    public async Task Save_WithAProfileThatIsNotForTheAuthor_IsRefusedAtTheStep_ButWhatWasThereStays()
    {
        var (ours, theirs) = (
            await _api.AddWorkflowAsync(_open, ("one", ["text"])),
            await _api.AddWorkflowAsync(_limited, ("two", ["text"]))
        );
        await LimitAsync(_limited);
        var workflows = _portal.Get<WorkflowService>();

        var content = await ContentAsync(ours);
        foreach (
            var refused in new[]
            {
                await workflows.CreateAsync(_architect.Actor, With(content, _limited) with { Name = "New" }, Token),
                await workflows.UpdateAsync(_architect.Actor, ours, With(content, _limited), null, Token),
            }
        )
        {
            refused
                .Problem!.Errors.Single()
                .Should()
                .Match<FieldError>(error => error.Field == "steps[0].model" && error.Message.Contains("limited to admins"));
        }

        var kept = await ContentAsync(theirs) with { Name = "Renamed" };
        (await workflows.UpdateAsync(_architect.Actor, theirs, kept, null, Token))
            .Value.Name.Should()
            .Be("Renamed", "somebody who may not use the profile may still correct a name");
        (await workflows.PublishAsync(_architect.Actor, theirs, null, Token)).Problem!.Errors.Single().Field.Should().Be("steps[0].model");
        (await workflows.CheckAsync(_architect.Actor, kept, Token)).Value.Problems.Single().BlocksSaving.Should().BeFalse();
        var tried = await _portal
            .Get<DraftRunService>()
            .StartAsync(
                _architect.Actor,
                new DraftRunRequest(theirs, kept, new Dictionary<string, JsonElement> { ["text"] = AppJson.Text("x") }),
                Token
            );
        tried.Problem!.Errors.Single().Field.Should().Be("steps[0].model");

        var admin = (await _portal.GetAdminAsync()).Actor;
        (await workflows.PublishAsync(admin, theirs, null, Token)).IsOk.Should().BeTrue();
        _model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Import_ByAnAuthorWhoMayNotUseTheProfile_RefusesTheFile()
    {
        await using var exported = await _client.GetStreamAsync(
            new Uri($"/api/v1/export?workflow={await _api.AddWorkflowAsync(_limited, ("one", ["text"]))}", UriKind.Relative),
            Token
        );
        await LimitAsync(_limited);
        await using var archive = await ZipArchive.CreateAsync(
            exported,
            ZipArchiveMode.Read,
            leaveOpen: true,
            entryNameEncoding: null,
            Token
        );
        var entry = archive.Entries.Single(file => file.Name.EndsWith(".yaml", StringComparison.Ordinal));
        using var reader = new StreamReader(await entry.OpenAsync(Token));
        var workflow = Regex.Replace(await reader.ReadToEndAsync(Token), "(?m)^name: .*$", "name: Brought in");

        var report = (
            await _portal
                .Get<ExchangeService>()
                .PreviewAsync(_architect.Actor, [new ImportFile(entry.Name, Encoding.UTF8.GetBytes(workflow))], ImportChoices.None, Token)
        ).Value;

        report
            .Items.Should()
            .Contain(item =>
                item.Action == ImportAction.Refuse
                && item.Reasons.Any(reason => reason.Contains("“Dear”") && reason.Contains("limited to admins."))
            );
    }

    [Fact]
    public async Task Pickers_OfferOnlyWhatOneMayUse()
    {
        var pickers = _portal.Get<StepPickerService>();

        (await pickers.ListModelsAsync(_collaborator.Actor, Token))
            .Value.Models.Where(model => model.CanChoose)
            .Select(model => model.Name)
            .Should()
            .Equal("Open");
        (await pickers.ListModelsAsync(_collaborator.Actor, Token)).Value.Preselected.Should().Be(_open);
        (await pickers.ListModelsAsync(_architect.Actor, Token))
            .Value.Models.Where(model => model.CanChoose)
            .Select(model => model.Name)
            .Should()
            .Equal("Dear", "Open");
        using var client = _portal.CreateClient(_collaborator);
        var names = await new RunApi(client).SendAsync(HttpMethod.Get, "model-profiles/names", null);
        names
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => (item.Text("name"), item.GetProperty("mayUse").GetBoolean()))
            .Should()
            .Equal(("Dear", false), ("Open", true));

        var accounts = _portal.Get<AccountService>();
        var change = new AccountChange("Cleo", _limited, null, false);
        (await accounts.UpdateAsync(_collaborator.Actor, change, null, Token))
            .Problem!.Errors.Single()
            .Should()
            .Match<FieldError>(error => error.Field == "defaultModel" && error.Message.Contains(Words));
        (await accounts.UpdateAsync(_collaborator.Actor, change with { DefaultModel = _open }, null, Token)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Schedule_WhoseOwnerLostTheRight_CannotWork_AndSaysWhy()
    {
        using var client = _portal.CreateClient(_architect);
        var api = new RunApi(client);
        var workflow = await api.AddWorkflowAsync(_limited, ("one", ["text"]));
        var trigger = (
            await api.SendAsync(
                HttpMethod.Post,
                $"workflows/{workflow}/triggers",
                new
                {
                    type = "scheduled",
                    inputs = new { text = "x" },
                    schedule = new { cron = "0 0 1 1 *", timeZone = "UTC" },
                }
            )
        ).Text("id");
        var schedules = _portal.Get<ScheduleService>();
        (await schedules.ListBrokenAsync(_architect.Actor, Token)).Value.Should().BeEmpty();

        await LimitAsync(_limited, Role.Collaborator);

        (await schedules.ListBrokenAsync(_architect.Actor, Token))
            .Value.Single()
            .Broken.Should()
            .Contain(_architect.Name)
            .And.Contain("cannot use the model profile “Dear”")
            .And.Contain("collaborators and admins");
        (await schedules.RunNowAsync(_architect.Actor, workflow, trigger, Token)).Problem!.Message.Should().Contain("“Dear”");
        _model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Roles_OfTheApi_AreCheckedAndComeBack()
    {
        var body = new
        {
            name = "Limited",
            provider = "ollama",
            model = "m",
            roles = new[] { "architect", "admin" },
            parameters = new { maxTokens = 9, stop = new[] { "END" } },
            prices = new { inputPerMillion = 1, cachedInputPerMillion = 0.1m },
        };
        var created = await _api.SendAsync(HttpMethod.Post, "model-profiles", body);
        created.GetProperty("roles").GetRawText().Should().Be("""["architect","admin"]""");
        created
            .GetProperty("parameters")
            .GetRawText()
            .Should()
            .Be("""{"maxTokens":9,"stop":["END"]}""", "parameters without a temperature send none");
        created.GetProperty("prices").GetProperty("cachedInputPerMillion").GetDecimal().Should().Be(0.1m);

        using var refused = await _api.TrySendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = "x",
                provider = "anthropic",
                model = "m",
                apiKey = "k",
                roles = new[] { "viewer" },
                parameters = new
                {
                    temperature = 0.5,
                    topP = 0.5,
                    stop = new[] { "" },
                },
            }
        );
        var errors = JsonElement.Parse(await refused.Content.ReadAsStringAsync(Token)).GetProperty("errors");
        errors.EnumerateObject().Select(error => error.Name).Should().BeEquivalentTo("roles", "parameters.topP", "parameters.stop");
        (
            await _api.SendAsync(
                HttpMethod.Post,
                "model-profiles",
                new
                {
                    name = "y",
                    provider = "anthropic",
                    model = "m",
                    apiKey = "k",
                }
            )
        ).GetProperty("parameters").TryGetProperty("temperature", out _).Should().BeFalse();
    }

    /// <param name="roles">Besides admins; none: admins only.</param>
    private async Task LimitAsync(string profileId, params Role[] roles)
    {
        var service = _portal.Get<ModelProfileService>();
        var admin = (await _portal.GetAdminAsync()).Actor;
        var view = (await service.FindAsync(admin, profileId, Token)).Value;
        var content = PromptPilot.Web.Features.Models.ModelProfileForm.From(view).ToContent() with { Roles = [.. roles, Role.Admin] };
        (await service.UpdateAsync(admin, profileId, content, null, Token)).Problem.Should().BeNull();
    }

    private async Task<WorkflowContent> ContentAsync(string workflowId)
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        return WorkflowChanges.ContentOf(
            await db.Workflows.Include(workflow => workflow.Steps).SingleAsync(workflow => workflow.Id == workflowId, Token)
        );
    }

    private static WorkflowContent With(WorkflowContent content, string model) =>
        content with
        {
            Steps = [.. content.Steps.Select(step => step with { Model = model })],
        };
}
