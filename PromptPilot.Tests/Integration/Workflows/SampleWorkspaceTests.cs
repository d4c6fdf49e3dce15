using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Workflows;

public sealed class SampleWorkspaceTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestPerson _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services =>
            services
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
                .AddFiles()
                .AddModels()
                .AddPrompts()
                .AddWorkflows()
        );
        _admin = await _database.AddPersonAsync(Role.Admin);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public void Texts_AreWhole()
    {
        SampleTexts
            .GplPreamble()
            .Should()
            .StartWith("                    GNU GENERAL PUBLIC LICENSE")
            .And.Contain("distribute verbatim copies")
            .And.EndWith("modification follow.\n");
        SampleTexts
            .BillOfRights()
            .Should()
            .StartWith("Amendment I\n")
            .And.EndWith("reserved to the States respectively, or to the people.\n");
    }

    [Fact]
    public async Task Make_OnAnEmptyDatabase_PublishesItsWorkflowsAndPrompts()
    {
        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);

        var workflows = await WorkflowsAsync();
        workflows
            .Select(w => w.Name)
            .Should()
            .BeEquivalentTo("Summarize a document", "Read from three angles", "Findings with a review", "Monday briefing");
        workflows.Should().OnlyContain(w => w.CanRun && !w.HasUnpublishedChanges);
        workflows.Single(w => w.Name == "Summarize a document").Steps.Select(s => s.Level).Should().Equal(1, 2, 3);
        workflows.Single(w => w.Name == "Read from three angles").Steps.Select(s => s.Level).Should().Equal(1, 1, 1, 2);
        workflows.Should().OnlyContain(w => WorkflowInputs.Bind(w.Inputs, new Dictionary<string, System.Text.Json.JsonElement>()).IsOk);
        var schedule = workflows.SelectMany(w => w.Triggers).Should().ContainSingle(t => t.Type == TriggerType.Scheduled).Subject;
        schedule.Enabled.Should().BeFalse("a sample runs only when someone turns it on");
        schedule.NextAt.Should().BeNull();
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.Prompts.CountAsync(Token)).Should().Be(6);
    }

    [Fact]
    public async Task Make_Twice_AddsNothing()
    {
        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);
        var before = await WorkflowsAsync();

        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);

        (await WorkflowsAsync()).Select(w => (w.Id, w.Revision)).Should().BeEquivalentTo(before.Select(w => (w.Id, w.Revision)));
    }

    [Fact]
    public async Task Pickers_OfferPromptsVersionsAndTheDefaultModel()
    {
        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);
        var pickers = _database.Get<StepPickerService>();
        var found = (await pickers.ListPromptsAsync(_admin.Actor, "key p", Token)).Value.Should().ContainSingle().Subject;
        var changed = SamplePrompts.KeyPoints with { Content = "{{ letter }}", VariableDefinitions = [] };
        (await _database.Get<PromptService>().UpdateAsync(_admin.Actor, found.Id, changed, null, Token)).Problem.Should().BeNull();
        await _database.Get<PromptLabelService>().SetLabelAsync(_admin.Actor, found.Id, "production", "1.0.0", Token);

        var details = (await pickers.FindPromptAsync(_admin.Actor, found.Id, Token)).Value;
        var models = (await pickers.ListModelsAsync(_admin.Actor, Token)).Value;

        details.Versions.Select(v => v.Version).Should().Equal("2.0.0", "1.0.0");
        details.VersionOf(null, null)!.Variables.Select(v => v.Name).Should().Equal("letter");
        details.VersionOf(null, "production")!.Variables.Should().Contain(v => v.Name == "count" && v.IsOptional);
        models.Preselected.Should().Be(models.Models.Single().Id);
    }

    [Fact]
    public async Task CreateFromSample_WithTheSamplePromptsThere_MakesADraftOnThem_ThatCanBePublished()
    {
        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);
        var samples = _database.Get<WorkflowSampleService>();

        foreach (var sample in (await samples.ListAsync(_admin.Actor, Token)).Value)
        {
            var made = (await samples.CreateAsync(_admin.Actor, sample.Name, Token)).Value;

            made.Name.Should().StartWith(sample.Name);
            made.CanRun.Should().BeFalse("it is a draft");
            var triggers = (await _database.Get<WorkflowService>().FindAsync(_admin.Actor, made.Id, Token)).Value.Triggers;
            triggers.Count(t => t.Type == TriggerType.Scheduled).Should().Be(sample.Name == "Monday briefing" ? 1 : 0);
            (await _database.Get<WorkflowService>().PublishAsync(_admin.Actor, made.Id, null, Token)).Problem.Should().BeNull();
        }

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.Prompts.CountAsync(Token)).Should().Be(6);
        (await samples.CreateAsync(_admin.Actor, "No such sample", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task UseModel_MovesWhatIsStillOnTheOfflineModel_AndPublishesIt()
    {
        await _database.Get<SampleWorkspace>().MakeAsync(_admin.Actor, Token);
        var profiles = _database.Get<ModelProfileService>();
        var content = new ModelProfileContent
        {
            Name = "Local",
            Provider = Providers.Ollama,
            Model = "llama3.2",
        };
        var profile = (await profiles.CreateAsync(_admin.Actor, content, Token)).Value;
        var samples = _database.Get<WorkflowSampleService>();

        (await samples.UseModelAsync(_admin.Actor, profile.Id, Token)).Value.Should().HaveCount(4);

        var workflows = await WorkflowsAsync();
        workflows.Should().OnlyContain(w => w.CanRun && !w.HasUnpublishedChanges && w.Published!.Number == 2);
        workflows.SelectMany(w => w.Steps).Should().OnlyContain(step => step.ModelName == "Local");
        (await samples.UseModelAsync(_admin.Actor, profile.Id, Token)).Value.Should().BeEmpty("they were moved already");
        (await samples.UseModelAsync(_admin.Actor, "missing", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task CreateFromSample_WithoutAModelProfile_SaysWhoCanHelp()
    {
        var samples = _database.Get<WorkflowSampleService>();
        var name = (await samples.ListAsync(_admin.Actor, Token)).Value[0].Name;

        (await samples.CreateAsync(_admin.Actor, name, Token)).Problem!.Message.Should().Contain("Ask an admin to add one");
    }

    private async Task<List<WorkflowView>> WorkflowsAsync()
    {
        var service = _database.Get<WorkflowService>();
        var list = await service.ListAsync(_admin.Actor, new WorkflowFilter(), new PageRequest(), Token);
        var views = new List<WorkflowView>();
        foreach (var item in list.Value.Items)
        {
            views.Add((await service.FindAsync(_admin.Actor, item.Id, Token)).Value);
        }

        return views;
    }
}
