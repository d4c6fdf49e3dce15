using System.Text.Json;
using Bunit;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Start;
using PromptPilot.Web.Features.Runs.Steps;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Components.Runs;

public class RunComponentsTests : ComponentTest
{
    private static readonly WorkflowInput[] Inputs =
    [
        new()
        {
            Name = "notes",
            Type = VariableType.Text,
            Description = "What was said.",
        },
        new() { Name = "words", Type = VariableType.Number },
        new() { Name = "urgent", Type = VariableType.Boolean },
        new()
        {
            Name = "tone",
            Type = VariableType.Choice,
            Choices = ["plain", "formal"],
        },
        new()
        {
            Name = "tickets",
            Type = VariableType.Json,
            Required = false,
        },
    ];

    [Fact]
    public void SentMessages_FoldADocument_AndNameAPicture()
    {
        var text = string.Concat(Enumerable.Repeat("The lease ends in March. ", 2_000));
        var lease = new FileReference(new string('a', 64), "lease.pdf", "application/pdf", 70_000);
        var photo = new FileReference(new string('b', 64), "photo.png", "image/png", 10);
        var prompt = new RenderedPrompt("Be brief.", $"Read {text} and [picture 1].")
        {
            Files = [new(lease, text, null), new(photo, null, "[picture 1]")],
        };

        var sent = Render<SentMessages>(p => p.Add(s => s.Prompt, prompt));

        sent.FindAll("pre").Select(pre => pre.TextContent).Should().Equal("Be brief.", "Read ", " and [picture 1].");
        sent.Find("[data-testid=folded-document]").TextContent.Should().Contain("lease.pdf").And.Contain("50,000 characters of text");
        sent.Find("[data-testid=sent-file]").TextContent.Should().Contain("[picture 1]").And.Contain("photo.png");
        sent.Find("[data-testid=document-text]").Click();
        sent.FindAll("pre")[2].TextContent.Should().HaveLength(20_000).And.StartWith("The lease ends");
        sent.Markup.Should().Contain("Download the file to read the rest");
    }

    [Fact]
    public void RunTimeline_DrawsABarAnAttemptAndMarksTheLiveOne()
    {
        var run = Run(
            RunStatus.Running,
            Step("themes", 1, StepStatus.Succeeded, [], Failed(0, 1, ErrorCode.Timeout, "slow"), Succeeded(1, 4, attempt: 2)),
            Step("digest", 2, StepStatus.Running, ["themes"], Open(4)),
            Step("subject", 3, StepStatus.Pending, ["digest"])
        );

        var timeline = Render<RunTimeline>(p => p.Add(t => t.Model, TimelineModel.Of(run, Start.AddSeconds(8))));

        var rows = timeline.FindAll("[data-testid=timeline-row]");
        rows.Should().HaveCount(3);
        rows[0].QuerySelectorAll("[data-testid=timeline-bar]").Should().HaveCount(2);
        rows[1].QuerySelector("[data-testid=timeline-bar]")!.GetAttribute("style").Should().Be("left:50%;right:calc(100% - var(--now))");
        rows.Select(row => row.GetAttribute("aria-current")).Should().Equal(null, "step", null);
        rows[2].TextContent.Should().Contain("after digest");
        timeline.Find("[data-testid=steps-done]").TextContent.Should().Be("1 of 3 done");
    }

    [Fact]
    public void RunTimeline_WhileTimePasses_DrawsNoRowAgain()
    {
        var run = Run(
            RunStatus.Running,
            [
                .. Enumerable
                    .Range(1, 100)
                    .Select(i => Step($"s{i}", i, i == 1 ? StepStatus.Running : StepStatus.Pending, [], i == 1 ? [Open(0)] : [])),
            ]
        );
        var timeline = Render<RunTimeline>(p => p.Add(t => t.Model, TimelineModel.Of(run, Start.AddSeconds(8.1))));
        var rows = timeline.FindComponents<RunTimelineRow>();
        var drawn = rows.Select(row => row.RenderCount).ToList();

        timeline.Render(p => p.Add(t => t.Model, TimelineModel.Of(run, Start.AddSeconds(8.6))));

        timeline.Find("[data-timeline]").GetAttribute("style").Should().Contain("--now:86%");
        rows.Select(row => row.RenderCount).Should().Equal(drawn);
    }

    [Fact]
    public void StepItems_OfAThousand_ShowAPage_WhatMovesFirst_AndCanBeFiltered()
    {
        var attempts = Enumerable
            .Range(0, 1000)
            .Select(i =>
                i == 700 ? Open(1) with { ItemIndex = i }
                : i == 500 ? Failed(0, 1, ErrorCode.Auth, "refused") with { ItemIndex = i }
                : Succeeded(0, 1, $"text {i}", item: i)
            )
            .ToList();
        var step = Step("each", 1, StepStatus.Running, [], attempts) with { ItemCount = 1000 };
        var outputs = RunPageModel.Of(Run(RunStatus.Running, step), (_, _) => null, Start.AddSeconds(2)).Steps[0].Outputs;
        ComponentFactories.AddStub<StepOutput>();

        var items = Render<StepItems>(p => p.Add(i => i.Step, step).Add(i => i.Outputs, outputs));

        Numbers().Should().HaveCount(25).And.StartWith(["700", "500", "0", "1"]);
        items.Find("[data-testid=items-next]").Click();
        Numbers().Should().HaveCount(25).And.StartWith(["23", "24"]);
        items.Find("[data-testid=items-range]").TextContent.Should().Be("26–50 of 1,000");
        items.Find("[data-testid=items-failed]").Click();
        Numbers().Should().Equal("500");

        IEnumerable<string?> Numbers() => items.FindAll("[data-testid=step-item]").Select(item => item.GetAttribute("data-item"));
    }

    [Fact]
    public void RunForm_MakesAControlForEachType()
    {
        var form = Render<RunForm>(p => p.Add(f => f.Inputs, Inputs));

        form.Find("#input-notes").TagName.Should().Be("TEXTAREA");
        form.Find("#input-words").GetAttribute("inputmode").Should().Be("decimal");
        form.Find("#input-urgent").GetAttribute("role").Should().Be("switch");
        form.FindAll("#input-tone option").Select(option => option.TextContent).Should().Equal("Choose…", "plain", "formal");
        form.Find("#input-tickets").TagName.Should().Be("TEXTAREA");
        form.Find("#input-notes").GetAttribute("aria-describedby").Should().Be("input-notes-help");
        foreach (var input in Inputs)
        {
            form.Find($"label[for=input-{input.Name}]").TextContent.Should().StartWith(input.Name);
        }
    }

    [Fact]
    public void RunForm_SentWithValues_TellsThemTyped()
    {
        IReadOnlyDictionary<string, JsonElement>? sent = null;
        var form = Render<RunForm>(p => p.Add(f => f.Inputs, Inputs).Add(f => f.OnRun, values => sent = values));

        form.Find("#input-notes").Change("text");
        form.Find("#input-words").Change("5");
        form.Find("#input-urgent").Change(true);
        form.Find("#input-tone").Change("formal");
        form.Find("form").Submit();

        sent.Should().NotBeNull();
        JsonSerializer.Serialize(sent, AppJson.Options).Should().Be("""{"notes":"text","words":5,"urgent":true,"tone":"formal"}""");
    }

    [Fact]
    public async Task RunForm_SentTwiceWhileTheBrowserIsAsked_IsTakenOnce()
    {
        // Where what was typed is remembered, the browser is asked before anything is told.
        var module = JSInterop.SetupModule("./js/pilot.js");
        module.Setup<string?>("recall", _ => true).SetResult(null);
        var remembering = module.SetupVoid("remember", _ => true);
        var sent = 0;
        var form = Render<RunForm>(p => p.Add(f => f.Inputs, Inputs[..1]).Add(f => f.RememberAs, "one").Add(f => f.OnRun, _ => sent++));
        form.Find("#input-notes").Change("text");

        form.Find("form").Submit();
        form.Find("form").Submit();
        remembering.SetVoidResult();

        form.WaitForAssertion(() => form.Find("[data-testid=run-submit]").HasAttribute("disabled").Should().BeFalse());
        sent.Should().Be(1);
        await form.Find("form").SubmitAsync();
        sent.Should().Be(2, "it may be sent again once that is over");
    }

    [Fact]
    public void RunForm_WithInitialValues_ShowsThem_AndKeepsWhatWasTypedWhenInputsChange()
    {
        var form = Render<RunForm>(p =>
            p.Add(f => f.Inputs, Inputs[..2])
                .Add(
                    f => f.Initial,
                    new Dictionary<string, JsonElement>
                    {
                        ["notes"] = AppJson.Text("from before"),
                        ["words"] = JsonSerializer.SerializeToElement(7),
                    }
                )
        );
        form.Find("#input-notes").GetAttribute("value").Should().Be("from before");
        form.Find("#input-words").Change("9");

        form.Render(p => p.Add(f => f.Inputs, [Inputs[1], Inputs[2]]));

        form.FindAll("#input-notes").Should().BeEmpty();
        form.Find("#input-words").GetAttribute("value").Should().Be("9");
    }

    [Fact]
    public void RunForm_SentEmpty_ShowsErrorsAtTheFieldsAndTellsNobody()
    {
        var told = false;
        var form = Render<RunForm>(p => p.Add(f => f.Inputs, Inputs).Add(f => f.OnRun, _ => told = true));

        form.Find("form").Submit();

        told.Should().BeFalse();
        form.Find("[data-testid=input-notes-error]").TextContent.Should().NotBeEmpty();
        form.Find("#input-notes").GetAttribute("aria-invalid").Should().Be("true");
        form.FindAll("[data-testid=input-tickets-error]").Should().BeEmpty();
    }

    [Fact]
    public void RunForm_Refused_ShowsTheProblemAtItsField()
    {
        var form = Render<RunForm>(p => p.Add(f => f.Inputs, Inputs).Add(f => f.Problem, Problem.AtField("inputs.words", "At most 500.")));

        form.Find("[data-testid=input-words-error]").TextContent.Should().Be("At most 500.");
    }

    [Fact]
    public void LiveMarkdown_ShowsClosedAndOpenBlocks_AndPlainTextBeyondTheLimit()
    {
        var stream = new MarkdownStream();
        const string Text = "# Title\n\nfirst\n\nsecond **wo";
        var markdown = Render<LiveMarkdown>(p => p.Add(m => m.View, stream.Update(Text.Length, from => Text[from..], isComplete: false)));
        markdown.Find(".markdown.live h4").TextContent.Should().Be("Title");
        markdown.FindAll(".markdown > div").Should().HaveCount(2);

        var large = new string('x', MarkdownStream.FinalLimit + 10);
        Render<LiveMarkdown>(p => p.Add(m => m.View, MarkdownStream.Of(large))).Find("pre.plain-text").TextContent.Should().Be(large);
    }
}
