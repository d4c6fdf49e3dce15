using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Prompts;

public class LabelImpactTests
{
    private static PromptVersion Version(string version, string[] variables, params VariableDefinition[] definitions) =>
        new()
        {
            PromptId = "p",
            Version = version,
            Name = "Digest",
            Content = "",
            Variables = [.. variables],
            VariableDefinitions = [.. definitions],
        };

    private static PromptStep Step(
        string workflow,
        string[] mapped,
        string? label = "production",
        bool isPublished = true,
        bool isCurrent = true,
        bool isArchived = false
    ) =>
        new(
            workflow,
            workflow,
            isPublished,
            isCurrent,
            isArchived,
            "summary",
            label,
            null,
            null,
            mapped,
            [TriggerType.Manual, TriggerType.Scheduled]
        );

    private static LabelImpact Impact(PromptVersion to, params PromptStep[] steps) =>
        LabelImpact.Of("production", Version("1.0.0", ["notes"]), to, steps);

    [Fact]
    public void Impact_OfANewRequiredVariable_NamesTheWorkflowsThatMissIt()
    {
        var impact = Impact(Version("2.0.0", ["notes", "tone"]), Step("Weekly", ["notes"]), Step("Daily", ["notes", "tone"]));

        impact.Breaks.Should().BeTrue();
        impact.Followers.Select(f => f.WorkflowName).Should().Equal("Daily", "Weekly");
        impact.Followers[0].Missing.Should().BeEmpty();
        impact.Followers[1].Missing.Should().Equal("tone");
        impact.Followers[1].Triggers.Should().Equal(TriggerType.Manual, TriggerType.Scheduled);
    }

    [Fact]
    public void Impact_OfAVariableWithDefault_OrOptional_BreaksNothing()
    {
        var to = Version(
            "1.1.0",
            ["notes", "tone", "extra"],
            new VariableDefinition { Name = "tone", Default = AppJson.Text("friendly") },
            new VariableDefinition { Name = "extra", Required = false }
        );

        var impact = Impact(to, Step("Weekly", ["notes"]));

        impact.Breaks.Should().BeFalse();
        impact.Followers.Should().ContainSingle().Which.Missing.Should().BeEmpty();
    }

    [Fact]
    public void Impact_OfARemovedVariable_SaysWhatIsNoLongerSent_AndBreaksNothing()
    {
        var impact = Impact(Version("2.0.0", ["notes"]), Step("Weekly", ["notes", "tone", "audience"]));

        impact.Breaks.Should().BeFalse();
        impact.Followers[0].Vanishing.Should().Equal("audience", "tone");
    }

    [Fact]
    public void Impact_LeavesOut_WhoDoesNotFollowTheLabelNow()
    {
        var to = Version("2.0.0", ["notes", "tone"]);

        Impact(
            to,
            Step("Pinned", ["notes"], label: null),
            Step("Other", ["notes"], label: "staging"),
            Step("Past", ["notes"], isCurrent: false)
        )
            .Followers.Should()
            .BeEmpty();
    }

    [Fact]
    public void Impact_OnDraftsAndArchivedWorkflows_IsTold_ButBreaksNothingThatRuns()
    {
        var impact = Impact(
            Version("2.0.0", ["notes", "tone"]),
            Step("Draft", ["notes"], isPublished: false),
            Step("Old", ["notes"], isArchived: true)
        );

        impact.Breaks.Should().BeFalse();
        impact.Followers.Select(f => (f.WorkflowName, f.IsPublished)).Should().Equal(("Old", true), ("Draft", false));
        impact.Followers.Should().OnlyContain(f => f.Breaks);
    }
}
