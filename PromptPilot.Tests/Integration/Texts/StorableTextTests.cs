using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data.Texts;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Texts;

/// <summary>The last check before the database, for what no check of a feature has met.</summary>
public sealed class StorableTextTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(_ => { });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public static TheoryData<string, string, string> Rows =>
        new()
        {
            { "name", "name", Unicode.Nul },
            { "half", "name", Unicode.HalfCharacter },
            { "long", "name", "The limit is 200 characters; this has 201." },
            { "tag", "metadata.tags", Unicode.Nul },
            { "json", "variableDefinitions", Unicode.Nul },
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_OfAPerson_WithATextThatCannotBeStored_IsRefusedAtItsField(string what, string field, string message)
    {
        var person = await _database.AddPersonAsync(Role.Admin);
        var prompt = Prompt(what);

        var saved = await _database
            .Get<Operations>()
            .WriteAsync<Done>(
                person.Actor,
                Permission.Admin,
                async (db, _) =>
                {
                    db.Add(prompt);
                    await db.SaveChangesAsync(Cancellation);
                    return default(Done);
                },
                Cancellation
            );

        saved.Problem!.Errors.Should().Equal(new FieldError(field, message));
        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        (await db.Prompts.AnyAsync(Cancellation)).Should().BeFalse("nothing is saved");
        var outside = () => _database.SaveAsync(Prompt(what));
        await outside.Should().ThrowAsync<UnstorableTextException>();
    }

    [Fact]
    public async Task Row_OfAMachine_IsStoredWithoutWhatCannotBe()
    {
        var workflow = new Workflow { Name = "w" };
        var trigger = new Trigger { WorkflowId = workflow.Id, Type = TriggerType.Scheduled };
        var firing = new TriggerFiring
        {
            TriggerId = trigger.Id,
            WorkflowId = workflow.Id,
            Reason = "a\0b\ud83d" + new string('x', 2_000),
        };
        await _database.SaveAsync(workflow, trigger, firing);

        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        (await db.TriggerFirings.SingleAsync(Cancellation)).Reason.Should().StartWith("a\uFFFDb\uFFFDx").And.HaveLength(1_000);
    }

    [Fact]
    public async Task Query_WithATextThatNothingCanMatch_FindsNothing()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        string[] ids = ["a\0", "b"];
        var name = "n\0";

        (await db.Prompts.Where(prompt => prompt.Name == name || ids.Contains(prompt.Id)).ToListAsync(Cancellation)).Should().BeEmpty();
        (
            await db
                .Prompts.Where(prompt => prompt.Name == name)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, "\ud83d"), Cancellation)
        )
            .Should()
            .Be(0);
    }

    private static Prompt Prompt(string what)
    {
        var name = what switch
        {
            "name" => "a\0b",
            "half" => "a\udc00b",
            "long" => new string('x', 201),
            _ => "fine",
        };
        var prompt = new Prompt
        {
            Name = name,
            NormalizedName = "FINE",
            Content = "text",
        };
        if (what == "tag")
        {
            prompt.Metadata = new PromptMetadata { Tags = ["fine", "a\0b"] };
        }
        else if (what == "json")
        {
            prompt.VariableDefinitions = [new VariableDefinition { Name = "x", Default = AppJson.Text("a\0b") }];
        }

        return prompt;
    }
}
