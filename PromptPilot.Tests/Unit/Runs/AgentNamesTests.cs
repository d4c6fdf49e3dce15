using PromptPilot.Core.Runs.Agents;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class AgentNamesTests
{
    [Fact]
    public void Workflows_OfAnyNames_GetNamesThatAgentsTake_EachItsOwn()
    {
        var random = new Random(7);
        const string Letters = "aB9 _-ü日\uD83D\uDE00!";
        var workflows = Enumerable
            .Range(0, 300)
            .Select(i =>
                (
                    Id: $"id-{i:d8}",
                    Name: string.Concat(Enumerable.Range(0, random.Next(0, 80)).Select(_ => Letters[random.Next(Letters.Length)]))
                )
            )
            .Concat([(Id: "id-00009001", Name: "Get run"), (Id: "id-00009002", Name: "日本")])
            .ToList();

        var names = AgentNames.OfWorkflows(workflows);

        names.Should().HaveCount(workflows.Count);
        names.Values.Should().OnlyHaveUniqueItems().And.OnlyContain(name => name.Length <= 64).And.NotContain(AgentToolService.GetRun);
        names.Values.Should().AllSatisfy(name => name.Should().MatchRegex("^[a-z0-9][a-z0-9_-]*$"));
        names["id-00009002"].Should().StartWith("workflow_");
    }

    [Fact]
    public void Workflow_WithTheNameOfAnOlderOne_LeavesItTheName()
    {
        var names = AgentNames.OfWorkflows([("id-22222222", "Notes"), ("id-11111111", "notes!")]);

        names["id-11111111"].Should().Be("notes");
        names["id-22222222"].Should().Be("notes_22222222");
    }

    [Fact]
    public void Inputs_InOtherScripts_GetAPropertyByTheirPlace()
    {
        WorkflowInput[] inputs = [new() { Name = "text" }, new() { Name = "größe" }, new() { Name = "input_2" }];

        AgentNames.OfInputs(inputs).Select(one => one.Property).Should().Equal("text", "input_2_", "input_2");
    }
}
