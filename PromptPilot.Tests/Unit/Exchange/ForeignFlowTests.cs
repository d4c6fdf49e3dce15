using System.Text;
using System.Text.Json.Nodes;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Prompts;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>Flows of Dify and n8n, written after their public shapes: those of prompts only become workflows.</summary>
public sealed class ForeignFlowTests
{
    /// <summary>Two prompts read the input, a third one both outputs.</summary>
    public const string Dify = """
        app: { name: Digest of mails, mode: workflow, description: Sums up and rates. }
        kind: app
        version: 0.3.0
        workflow:
          graph:
            edges:
              - { id: e1, source: "17110", sourceHandle: source, target: "17111", targetHandle: target, type: custom }
              - { id: e2, source: "17110", sourceHandle: source, target: "17112", targetHandle: target, type: custom }
              - { id: e3, source: "17111", sourceHandle: source, target: "17113", targetHandle: target, type: custom }
              - { id: e4, source: "17112", sourceHandle: source, target: "17113", targetHandle: target, type: custom }
              - { id: e5, source: "17113", sourceHandle: source, target: "17114", targetHandle: target, type: custom }
            nodes:
              - id: "17113"
                type: custom
                data:
                  type: llm
                  title: Write answer
                  model: { provider: openai, name: gpt-4o, mode: chat, completion_params: { temperature: 0.2 } }
                  prompt_template:
                    - { id: a, role: user, text: "Tone {{#17112.text#}}, in short {{#17111.text#}}, to {{#17110.date#}}." }
              - id: "17110"
                type: custom
                data:
                  type: start
                  title: Start
                  variables:
                    - { label: Mail, variable: mail, type: paragraph, required: true, max_length: 4000 }
                    - { label: date, variable: date, type: text-input, required: false }
                    - { label: Language, variable: lang, type: select, required: true, options: [de, en] }
              - id: "17111"
                type: custom
                data:
                  type: llm
                  title: Sum up
                  model: { provider: openai, name: gpt-4o-mini, mode: chat }
                  prompt_template:
                    - { id: b, role: system, text: "Be short, in {{#17110.lang#}}." }
                    - { id: c, role: user, text: "{{#17110.mail#}}" }
              - id: "17112"
                type: custom
                data:
                  type: llm
                  title: Rate tone
                  model: { provider: openai, name: gpt-4o-mini, mode: chat }
                  prompt_config: { jinja2_variables: [{ variable: letter, value_selector: ["17110", mail] }] }
                  prompt_template:
                    - { id: d, role: user, edition_type: jinja2, jinja2_text: "Tone of {{ letter | trim }}?", text: "" }
              - id: "17114"
                type: custom
                data: { type: end, title: End, outputs: [{ value_selector: ["17113", text], variable: answer }] }
              - { id: "17115", type: custom-note, data: { type: "", text: A note } }
        """;

    /// <summary>A chat, then one prompt after the other; the first takes the message without saying so.</summary>
    public const string N8n = """
        {"name":"Support chat","nodes":[
        {"parameters":{"options":{}},"type":"@n8n/n8n-nodes-langchain.chatTrigger","typeVersion":1.1,"position":[0,0],"id":"1",
        "name":"When chat message received"},
        {"parameters":{"messages":{"messageValues":[{"message":"Find the topic."}]}},"type":"@n8n/n8n-nodes-langchain.chainLlm",
        "typeVersion":1.7,"position":[200,0],"id":"2","name":"Topic"},
        {"parameters":{"promptType":"define",
        "text":"=About {{ $json.text }}: answer {{ $('When chat message received').item.json.chatInput }}",
        "options":{"systemMessage":"You are kind."}},"type":"@n8n/n8n-nodes-langchain.agent","typeVersion":2,"position":[400,0],
        "id":"3","name":"Answer the customer"},
        {"parameters":{"model":{"__rl":true,"value":"gpt-4o-mini","mode":"list"},"options":{}},
        "type":"@n8n/n8n-nodes-langchain.lmChatOpenAi","typeVersion":1.2,"position":[200,200],"id":"4","name":"OpenAI Chat Model"},
        {"parameters":{"content":"Remember"},"type":"n8n-nodes-base.stickyNote","typeVersion":1,"position":[0,300],"id":"5","name":"Note"}],
        "connections":{"When chat message received":{"main":[[{"node":"Topic","type":"main","index":0}]]},
        "Topic":{"main":[[{"node":"Answer the customer","type":"main","index":0}]]},
        "OpenAI Chat Model":{"ai_languageModel":[[{"node":"Topic","type":"ai_languageModel","index":0},
        {"node":"Answer the customer","type":"ai_languageModel","index":0}]]}},"pinData":{},"active":false,"settings":{}}
        """;

    [Fact]
    public void Dify_OfPromptsOnly_BecomesAWorkflow()
    {
        var parsed = Parse("dify.yml", Dify);

        parsed.Should().OnlyContain(file => file.IsSound);
        parsed
            .Select(file => file.Path)
            .Should()
            .Equal(
                "dify.yml › Digest of mails: Write answer",
                "dify.yml › Digest of mails: Sum up",
                "dify.yml › Digest of mails: Rate tone",
                "dify.yml › workflow Digest of mails"
            );
        parsed[0].Prompt!.Draft.Content.Should().Be("Tone {{ rate_tone }}, in short {{ sum_up }}, to {{ date_input }}.");
        parsed[1].Prompt!.Draft.SystemMessage.Should().Be("Be short, in {{ lang }}.");
        parsed[2].Prompt!.Draft.Content.Should().Be("Tone of {{ letter | strip }}?");
        var content = parsed[3].Workflow!.Content;
        content.Options.Description.Should().Be("Sums up and rates.");
        content
            .Inputs.Select(input => (input.Name, input.Type, input.Required, input.Description))
            .Should()
            .Equal(
                ("mail", VariableType.Text, true, "Mail"),
                ("date_input", VariableType.Text, false, null),
                ("lang", VariableType.Choice, true, "Language")
            );
        content
            .Steps.Select(step => (step.OutputKey, step.PromptId, step.Model))
            .Should()
            .Equal(
                ("sum_up", "Digest of mails: Sum up", "gpt-4o-mini"),
                ("rate_tone", "Digest of mails: Rate tone", "gpt-4o-mini"),
                ("write_answer", "Digest of mails: Write answer", "gpt-4o")
            );
        content.Steps[1].InputMapping.Should().Equal(new Dictionary<string, string> { ["letter"] = "mail" });
        content.Steps[2].InputMapping.Keys.Should().BeEquivalentTo("rate_tone", "sum_up", "date_input");
        parsed[3].Notes.Should().ContainSingle().Which.Should().Be("Parameters of models, retries and error handling are not imported.");
    }

    [Fact]
    public void DifyChat_TakesTheMessageOfTheChat()
    {
        var chat = Dify.Replace("mode: workflow", "mode: advanced-chat")
            .Replace(
                "completion_params: { temperature: 0.2 } }",
                "completion_params: {} }\n          memory: { window: { enabled: false } }"
            )
            .Replace(
                "{ type: end, title: End, outputs: [{ value_selector: [\"17113\", text], variable: answer }] }",
                "{ type: answer, answer: 'Dear! {{#17113.text#}}' }"
            );

        var parsed = Parse("dify.yml", chat);

        parsed[0].Prompt!.Draft.Messages!.Select(message => message.Content).Last().Should().Be("{{ query }}");
        parsed[3].Workflow!.Content.Options.ChatInput.Should().Be("query");
        parsed[3]
            .Notes.Should()
            .Contain("“Write answer” gets no earlier messages of the chat.")
            .And.Contain("The text of “Answer” is not imported: the answer is the output of the last step.");
    }

    [Fact]
    public void N8n_OfPromptsOnly_BecomesAWorkflow()
    {
        var parsed = Parse("n8n.json", N8n);

        parsed.Should().HaveCount(3).And.OnlyContain(file => file.IsSound);
        (parsed[0].Prompt!.Draft.SystemMessage, parsed[0].Prompt!.Draft.Content).Should().Be(("Find the topic.", "{{ chatInput }}"));
        parsed[1].Prompt!.Draft.Content.Should().Be("About {{ topic }}: answer {{ chatInput }}");
        var content = parsed[2].Workflow!.Content;
        content.Options.ChatInput.Should().Be("chatInput");
        content.Inputs.Select(input => input.Name).Should().Equal("chatInput");
        content
            .Steps.Select(step => (step.OutputKey, step.Model))
            .Should()
            .Equal(("topic", "gpt-4o-mini"), ("answer_the_customer", "gpt-4o-mini"));
        content.Steps[1].InputMapping.Keys.Should().BeEquivalentTo("topic", "chatInput");
    }

    [Theory]
    [InlineData("type: llm\n          title: Sum up", "type: code\n          title: Sum up", "1 × code")]
    [InlineData("type: paragraph", "type: file", "The input “mail” has no equivalent here.")]
    [InlineData("{{#17112.text#}}", "{{#env.KEY#}}", "“Write answer” uses “env.KEY”")]
    [InlineData("{{#17112.text#}}", "{{#17112.usage#}}", "“Write answer” uses “Rate tone.usage”")]
    [InlineData(
        "sourceHandle: source, target: \"17114\"",
        "sourceHandle: fail-branch, target: \"17114\"",
        "“Write answer” continues with another node when it fails"
    )]
    [InlineData("{{#17110.mail#}}", "{{#17113.text#}}", "It has a loop.")]
    public void Dify_WithMore_BringsOnlyPrompts_AndSaysWhy(string part, string other, string words)
    {
        var parsed = Parse("dify.yml", Dify.Replace(part, other));

        parsed.Should().OnlyContain(file => file.Kind == ImportKind.Prompt && file.IsSound);
        parsed[0].Notes.Should().Contain("Only prompts are imported. Chain them in a workflow here.");
        parsed[0].Notes.Should().Contain(note => note.Contains(words));
    }

    [Theory]
    [InlineData("n8n-nodes-langchain.agent", "n8n-nodes-langchain.informationExtractor", "“Answer the customer” has the type")]
    [InlineData("received\":{\"main\":[[", "received\":{\"main\":[[{\"node\":\"Answer the customer\"},", "runs once for each of the nodes")]
    [InlineData("$json.text", "$json.text.length", "“Answer the customer” uses “$json.text.length”")]
    [InlineData("n8n-nodes-base.stickyNote", "n8n-nodes-base.httpRequest", "1 × n8n-nodes-base.httpRequest")]
    [InlineData("\"id\":\"3\"", "\"id\":\"3\",\"disabled\":true", "1 × @n8n/n8n-nodes-langchain.agent")]
    [InlineData(
        "[[{\"node\":\"Answer the customer\"",
        "[[],[{\"node\":\"Answer the customer\"",
        "“Topic” continues with another node when it fails"
    )]
    public void N8n_WithMore_BringsOnlyPrompts_AndSaysWhy(string part, string other, string words)
    {
        var parsed = Parse("n8n.json", N8n.Replace(part, other));

        parsed.Should().OnlyContain(file => file.Kind == ImportKind.Prompt && file.IsSound);
        parsed[0].Notes.Should().Contain(note => note.Contains(words));
    }

    [Fact]
    public void Titles_ThatAreAlike_StayApart_AndStepsThatOnlyFollowAreNamed()
    {
        var parsed = Parse(
            "dify.yml",
            Dify.Replace("title: Sum up", "title: LLM").Replace("title: Rate tone", "title: LLM").Replace("{{#17112.text#}}", "even")
        );

        parsed.Select(file => file.Name).Should().Contain(["Digest of mails: LLM", "Digest of mails: LLM 2"]);
        parsed[3].Workflow!.Content.Steps.Select(step => step.OutputKey).Should().Equal("llm", "llm_2", "write_answer");
        parsed[3].Notes.Should().Contain("“Write answer” does not use the output of “LLM (17112)”, so it does not wait for it here.");
    }

    /// <summary>The ids of nodes are in the file, but not on the screen of the tool.</summary>
    [Fact]
    public void DifyNotes_NameNodesByTheirTitles_WithTheIdOnlyWhereTwoHaveTheSame()
    {
        var other = Dify.Replace("{{#17112.text#}}", "{{#17112.usage#}} {{#17114.x#}} {{#nowhere.x#}}");

        Reasons(other)
            .Should()
            .Equal(
                "“Write answer” uses “Rate tone.usage”, which is neither an input nor the output of a prompt.",
                "“Write answer” uses “End.x”, which is neither an input nor the output of a prompt.",
                "“Write answer” uses “nowhere.x”, which is neither an input nor the output of a prompt."
            );
        Reasons(other.Replace("title: Rate tone", "title: sum up"))[0].Should().Contain("uses “sum up (17112).usage”");
        Reasons(other.Replace("title: Rate tone", "title: ''"))[0].Should().Contain("uses “17112.usage”");
        Reasons(other.Replace("title: Write answer", "title: Sum up"))[0].Should().StartWith("“Sum up (17113)” uses");

        static List<string> Reasons(string flow) =>
            Parse("dify.yml", flow)
                .SelectMany(file => file.Notes)
                .Where(note => note.StartsWith("The flow is not imported: ", StringComparison.Ordinal))
                .Select(note => note["The flow is not imported: ".Length..])
                .ToList();
    }

    /// <summary>Thousands of nodes that are all alike, connected each with each model, and references that are hard to match.</summary>
    [Fact]
    public void LargeFlows_AreReadInTimeThatGrowsWithTheirSize()
    {
        const int Many = 3_000;
        var references = string.Concat(Enumerable.Range(0, 5 * Many).Select(i => "{{ $('n" + i + "').item.json.x }}"));
        var hard = "{{" + new string('a', 900_000) + "!}}";
        JsonObject Node(string name, string type, string text) =>
            new()
            {
                ["name"] = name,
                ["type"] = $"@n8n/n8n-nodes-langchain.{type}",
                ["parameters"] = new JsonObject { ["text"] = text, ["model"] = "m" },
            };
        JsonArray To(params string[] names) => [new JsonArray([.. names.Select(name => new JsonObject { ["node"] = name })])];
        var (nodes, links) = (new JsonArray { Node("n", "chainLlm", "=" + references + hard) }, new JsonObject());
        for (var i = 0; i < Many; i++)
        {
            nodes.Add(Node($"n{i}", "chainLlm", "={{ $json.text }}"));
            nodes.Add(Node($"m{i}", "lmChatOpenAi", ""));
            links[$"n{i}"] = new JsonObject { ["main"] = To("n", $"n{i + 1}") };
            links[$"m{i}"] = new JsonObject { ["ai_languageModel"] = To("n", $"n{i}") };
        }

        var json = new JsonObject
        {
            ["name"] = "Large",
            ["nodes"] = nodes,
            ["connections"] = links,
        }.ToJsonString();
        var alike = Enumerable.Repeat("""{"data":{"type":"llm","title":"A","prompt_template":{"text":"x"}}}""", Many);
        var dify = $$$"""{"kind":"app","app":{"name":"A"},"workflow":{"graph":{"nodes":[{{{string.Join(',', alike)}}}]} } }""";
        IReadOnlyList<ParsedFile> large = [];
        IReadOnlyList<ParsedFile> same = [];

        var time = CpuTime.Of(() => (large, same) = (Parse("large.json", json), Parse("alike.json", dify)));

        time.Should().BeLessThan(TimeSpan.FromSeconds(10));
        large.Count.Should().BeGreaterThan(Many);
        same.Select(file => file.Name).Distinct().Should().HaveCount(Many);
    }

    private static IReadOnlyList<ParsedFile> Parse(string name, string text) =>
        ImportParser.Parse([new UnpackedFile(name, Encoding.UTF8.GetBytes(text))], CancellationToken.None);
}
