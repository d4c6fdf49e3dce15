using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Search;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Search;

namespace PromptPilot.Tests.Unit.Search;

public class PaletteModelTests
{
    private static readonly Principal Viewer = new("v", "Vera", Role.Viewer);
    private static readonly Principal Admin = new("a", "Ada", Role.Admin);
    private static readonly SearchResults Found = new(
        [new FoundPrompt("p1", "Prompt one", "writing", false)],
        [new FoundWorkflow("w1", "Flow one", WorkflowStatus.Published, true)],
        [new FoundRun("019a8c8e-0000-7000-8000-000000000001", "Flow one", RunStatus.Failed, DateTime.UnixEpoch)]
    );

    private readonly PaletteModel _model = new();

    [Fact]
    public void Show_WithoutText_OffersWhatTheRoleMayOpen()
    {
        _model.Show("", SearchResults.None, Viewer);
        _model.Entries.Select(entry => entry.Href).Should().Contain(["prompts", "changes"]).And.NotContain(["prompts/new", "users"]);

        _model.Show("", SearchResults.None, Admin);
        _model.Entries.Select(entry => entry.Href).Should().Contain(["prompts/new", "users"]);
    }

    [Fact]
    public void Show_WithText_PutsWhatWasFoundBeforePagesAndActions()
    {
        _model.Show("new PROMPT", Found, Admin);

        _model
            .Entries.Select(entry => entry.Href)
            .Should()
            .Equal("prompts/p1", "workflows/w1", "runs/019a8c8e-0000-7000-8000-000000000001", "workflows/w1/run", "prompts/new");
        _model.ChosenEntry!.Href.Should().Be("prompts/p1");
        _model.Show("x", Found, Viewer);
        _model.Entries.Select(entry => entry.Href).Should().NotContain("workflows/w1/run");
    }

    [Fact]
    public void Show_RunAndAName_PutsTheRunFirst_AndLooksForTheName()
    {
        PaletteModel.Sought("run flow one").Should().Be("flow one");
        PaletteModel.Sought("runner").Should().Be("runner");

        _model.Show("run flow", Found, Admin);

        _model.ChosenEntry!.Href.Should().Be("workflows/w1/run");
    }

    [Fact]
    public void Show_Themes_AreActionsOfTheirOwn_AndLinesLieGroupByGroup()
    {
        _model.Show("dark", SearchResults.None, Viewer);
        _model.Entries.Should().ContainSingle().Which.Theme.Should().Be("Dark");

        _model.Show("e", Found, Admin);
        var groups = _model.Entries.Select(entry => entry.Group).ToList();
        groups.Where((group, i) => i == 0 || group != groups[i - 1]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Move_PastTheEnds_GoesRound_AndNothingIsChosenOfNothing()
    {
        _model.Show("prompt", SearchResults.None, Viewer);
        var count = _model.Entries.Count;
        _model.Move(-1);
        _model.Chosen.Should().Be(count - 1);
        _model.Move(1);
        _model.Chosen.Should().Be(0);

        _model.Show("nothing is called so", SearchResults.None, Viewer);
        _model.Move(1);
        _model.ChosenEntry.Should().BeNull();
    }

    [Fact]
    public void Recent_IsKeptOnce_TheLastFirst()
    {
        _model.Show("p", Found, Admin);
        var kept = "";
        foreach (var entry in _model.Entries.Take(3).Append(_model.Entries[0]))
        {
            kept = _model.Remember(entry);
        }

        var other = new PaletteModel();
        other.Recall(kept);
        other.Show("", SearchResults.None, Admin);
        other
            .Entries.Where(entry => entry.Group == "Recent")
            .Select(entry => entry.Href)
            .Should()
            .Equal("prompts/p1", "runs/019a8c8e-0000-7000-8000-000000000001", "workflows/w1");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[null, 3]")]
    [InlineData(
        """[{"title":"x","href":"https://evil.example"},{"title":"x","href":"//evil.example"},{"title":"x","href":"/\\evil.example"},{"title":"","href":"/runs"},{"href":"/runs"},{"title":"x","href":"javascript:alert(1)"}]"""
    )]
    public void Recall_WhatIsNotOurs_CountsAsNothing(string kept)
    {
        _model.Recall(kept);
        _model.Show("", SearchResults.None, Viewer);
        _model.Entries.Should().NotContain(entry => entry.Group == "Recent");
    }
}
