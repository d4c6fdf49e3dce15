using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Tests.Unit.Workflows;

public class LastRunValuesTests
{
    [Fact]
    public void With_AKeyTheRunDidNotHave_GivesItsSamplesAndPaths()
    {
        var received = JsonSerializer.SerializeToElement(new { payload = new { notes = new { text = "Notes" } } });

        var values = LastRunValues.None.With("trigger", received);

        values.Of("trigger.payload.notes.text").Should().Be("Notes");
        values.Paths.Should().Contain("trigger.payload.notes.text");
        values
            .With("trigger", JsonSerializer.SerializeToElement(new { payload = 1 }))
            .Of("trigger.payload.notes.text")
            .Should()
            .Be("Notes", "what the run had comes first");
        var draft = PromptPilot.Web.Features.Workflows.Editing.Drafts.WorkflowDraft.New();
        var step = draft.AddStep(new PromptDetails("p", "P", [new PromptVersionChoice("1.0.0", [])], []), null);
        draft.KeysAt(step, values).Should().Contain(key => key.Name == "trigger.payload.notes.text" && key.Sample == "Notes");
    }

    private static readonly LastRunValues Values = new(
        "r1",
        DateTime.UnixEpoch,
        new Dictionary<string, JsonElement>
        {
            ["text"] = JsonSerializer.SerializeToElement("Two\n lines"),
            ["ticket"] = JsonSerializer.SerializeToElement(new { title = "Broken", who = new { name = "Ann" } }),
            ["list"] = JsonSerializer.SerializeToElement(new[] { 1, 2 }),
            ["long"] = JsonSerializer.SerializeToElement(new string('x', 5000)),
            ["huge"] = JsonSerializer.SerializeToElement(new string('x', LastRunValues.MaxValueLength)),
        }
    );

    [Theory]
    [InlineData("text", "Two lines")]
    [InlineData("text | upcase", "TWO LINES")]
    [InlineData("ticket.who.name", "Ann")]
    [InlineData("list", "2 items: [1,2]")]
    [InlineData("huge", null)]
    [InlineData("unknown", null)]
    [InlineData("'constant'", null)]
    [InlineData("text |", null)]
    public void Sample_IsWhatTheExpressionWouldHaveGiven(string expression, string? expected) =>
        Values.Of(expression).Should().Be(expected);

    [Fact]
    public void Sample_OfALongText_IsCut() => Values.Of("long")!.Length.Should().BeLessThan(100);

    [Fact]
    public void Sample_OfAFile_IsItsName_AndNoPathLeadsIntoIt()
    {
        var values = LastRunValues.None.With("lease", new FileReference(new string('a', 64), "lease.pdf", MediaTypes.Pdf, 9).ToJson());

        values.Of("lease").Should().Be("[lease.pdf]");
        values.Paths.Should().BeEmpty();
    }

    [Fact]
    public void Paths_LeadIntoObjects() => Values.Paths.Should().Equal("ticket.title", "ticket.who", "ticket.who.name");

    [Fact]
    public void Values_AllTogether_AreBounded()
    {
        var many = Enumerable.Range(0, 20).ToDictionary(i => $"k{i}", _ => JsonSerializer.SerializeToElement(new string('x', 60_000)));

        var values = new LastRunValues("r1", null, many);

        many.Keys.Count(key => values.Of(key) is not null).Should().Be(LastRunValues.MaxLength / 60_002);
    }
}
