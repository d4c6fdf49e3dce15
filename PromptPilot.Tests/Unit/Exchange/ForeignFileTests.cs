using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>Files of other tools, written after their public shapes: what comes, what is said about the rest.</summary>
public sealed class ForeignFileTests
{
    public static TheoryData<string, string> Files { get; } =
        new()
        {
            {
                "promptfooconfig.yaml",
                """
                    prompts:
                      - "Translate {{text}} into {{language | upper}}."
                      - file://other.txt
                    providers: [openai:gpt-4o]
                    defaultTest:
                      assert:
                        - type: not-contains
                          value: sorry
                        - type: llm-rubric
                          value: is polite
                    tests:
                      - description: French
                        vars: { text: Hello, language: French }
                        assert:
                          - type: icontains
                            value: bonjour
                          - type: latency
                            threshold: 500
                    """
            },
            {
                "langfuse.json",
                """
                    [{"name":"greet","type":"text","version":3,"prompt":"Hi {{name}}","labels":["production","latest"],"tags":["a"],
                    "config":{"model":"x"}},
                     {"name":"greet","type":"text","version":2,"prompt":"Hello {{name}}","labels":[]},
                     {"name":"talk","type":"chat","version":1,"prompt":[
                    {"role":"system","content":"Be kind."},{"type":"placeholder","name":"history"},
                    {"role":"user","content":"{{question}}"}]}]
                    """
            },
            {
                "openai.json",
                """
                    {"id":"pmpt_1","object":"prompt","model":"m","input":[
                    {"role":"developer","content":[{"type":"input_text","text":"Be {{tone}}."}]},
                    {"role":"user","content":"{{ask}}"}]}
                    """
            },
            {
                "hub.json",
                """
                    {"lc":1,"type":"constructor","id":["langchain","prompts","chat","ChatPromptTemplate"],"kwargs":
                    {"input_variables":["q"],"messages":[
                     {"lc":1,"id":["langchain","prompts","chat","SystemMessagePromptTemplate"],
                     "kwargs":{"prompt":{"kwargs":{"template":"Answer as {{\"a\": 1}}.","template_format":"f-string"}}}},
                     {"lc":1,"id":["langchain","prompts","chat","HumanMessagePromptTemplate"],
                     "kwargs":{"prompt":{"kwargs":{"template":"{q}","template_format":"f-string"}}}}]}}
                    """
            },
            { "basic.prompty", "---\nname: Basic\nmodel:\n  api: chat\n---\nsystem:\nYou help {{name}}.\n\nuser:\n{{question}}\n" },
            {
                "dify.yml",
                """
                    kind: app
                    app: { name: Digest, mode: workflow }
                    workflow:
                      graph:
                        nodes:
                          - data: { type: start, title: Start }
                          - data:
                                type: llm
                                title: Sum up
                                prompt_template: [{ role: system, text: "Be short." }, { role: user, text: "{{#start.notes#}}" }]
                          - data: { type: code, title: Count }
                    """
            },
            {
                "n8n.json",
                """
                    {"name":"Mail","connections":{},"nodes":[
                    {"name":"Write","type":"@n8n/n8n-nodes-langchain.chainLlm","parameters":{"text":"=Answer {{ $json.body }}"}},
                    {"name":"Hook","type":"n8n-nodes-base.webhook"}]}
                    """
            },
            { "plain.txt", "Sum up {{ notes }}." },
        };

    public static string TextOf(string name) => Files.Single(row => row.Data.Item1 == name).Data.Item2;

    [Fact]
    public void Promptfoo_BecomesAPromptAndATestSet()
    {
        var parsed = Parse("promptfooconfig.yaml");

        parsed
            .Select(file => file.Path)
            .Should()
            .Equal(
                "promptfooconfig.yaml › promptfooconfig 1",
                "promptfooconfig.yaml › promptfooconfig 2",
                "promptfooconfig.yaml › test set promptfooconfig"
            );
        parsed[0].Prompt!.Draft.Content.Should().Be("Translate {{ text }} into {{ language | upcase }}.");
        parsed[1].Reasons.Should().ContainSingle().Which.Should().Contain("file://other.txt");
        var set = parsed[2].TestSet!;
        set.Prompt.Should().Be("promptfooconfig 1");
        set.Checks.Select(check => (check.Kind, check.Value)).Should().Equal((CheckKind.NotContains, "sorry"), (CheckKind.Contains, null));
        set.Cases.Should().ContainSingle().Which.Content.Expected.Should().Be("bonjour");
        parsed[2]
            .Notes.Should()
            .HaveCount(3)
            .And.Contain(note => note.Contains("latency"))
            .And.Contain(note => note.Contains("llm-rubric"));
    }

    [Fact]
    public void Langfuse_BringsAllVersions_WithLabelsAndPlaceholders()
    {
        var parsed = Parse("langfuse.json");

        var greet = parsed[0].Prompt!;
        (greet.Draft.Content, greet.Version).Should().Be(("Hi {{ name }}", "3.0.0"));
        greet.Labels.Should().Equal("production");
        greet.Earlier.Should().ContainSingle().Which.Draft.Content.Should().Be("Hello {{ name }}");
        parsed[0].Notes.Should().Contain("A new prompt gets 1 earlier version too.");
        parsed[1]
            .Prompt!.Draft.Messages!.Select(message => message.Role)
            .Should()
            .Equal(MessageRole.System, MessageRole.Placeholder, MessageRole.User);
    }

    [Theory]
    [InlineData("openai.json", "Be {{ tone }}.", "{{ ask }}")]
    [InlineData("hub.json", "Answer as {\"a\": 1}.", "{{ q }}")]
    [InlineData("basic.prompty", "You help {{ name }}.", "{{ question }}")]
    [InlineData("dify.yml", "Be short.", "{{ notes }}")]
    [InlineData("n8n.json", null, "Answer {{ body }}")]
    [InlineData("plain.txt", null, "Sum up {{ notes }}.")]
    public void File_BecomesAPrompt(string name, string? system, string content)
    {
        var parsed = Parse(name).Should().ContainSingle().Subject;

        parsed.Reasons.Should().BeEmpty();
        (parsed.Prompt!.Draft.SystemMessage, parsed.Prompt.Draft.Content).Should().Be((system, content));
    }

    [Theory]
    [InlineData("dify.yml", "1 × code")]
    [InlineData("n8n.json", "1 × n8n-nodes-base.webhook")]
    public void Flow_SaysWhatStaysBehind(string name, string words) => Parse(name)[0].Notes.Should().Contain(note => note.Contains(words));

    [Theory]
    [InlineData("a.json", "{\"some\": \"json\"}", "format of this file is unknown")]
    [InlineData("a.json", "{ no json", "Line 1: this is not JSON")]
    [InlineData("a.json", "[]", "format of this file is unknown")]
    [InlineData("a.prompty", "no front matter", "starts with a line ---")]
    [InlineData("a.txt", "{% include 'x' %}", "has no equivalent")]
    [InlineData("a.yml", "kind: app\napp: { name: x }", "no prompt that can be imported")]
    public void File_ThatCannotCome_IsRefusedInWords(string name, string text, string words) =>
        ImportParser
            .Parse([new UnpackedFile(name, Encoding.UTF8.GetBytes(text))], CancellationToken.None)
            .Should()
            .ContainSingle()
            .Which.Reasons.Should()
            .Contain(reason => reason.Contains(words));

    /// <summary>Each file cut, with pieces doubled, swapped and replaced: read or refused, never a crash, and quickly.</summary>
    [Fact]
    public void Files_Damaged_NeverCrash()
    {
        var random = new Random(21);
        (string, string)[] texts =
        [
            .. Files.Select(row => row.Data.ToTuple().ToValueTuple()),
            ("flow.yml", ForeignFlowTests.Dify),
            ("flow.json", ForeignFlowTests.N8n),
        ];
        string[] pieces =
        [
            "{{",
            "}}",
            "{%",
            "[",
            "]",
            "{",
            "}",
            "\"",
            ":",
            "null",
            "\n",
            "-",
            "#",
            "\uD800",
            "🙂",
            "1e999",
            "{{#a}}",
            "file://x",
        ];
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 500; i++)
        {
            var (name, text) = texts[i % texts.Length];
            var damaged = new StringBuilder(text);
            for (var times = random.Next(1, 6); times > 0; times--)
            {
                var at = random.Next(damaged.Length);
                var length = Math.Min(random.Next(1, 12), damaged.Length - at);
                switch (random.Next(4))
                {
                    case 0:
                        damaged.Remove(at, Math.Min(length, damaged.Length - 1));
                        break;
                    case 1:
                        damaged.Insert(at, damaged.ToString(at, length));
                        break;
                    case 2:
                        damaged.Insert(at, pieces[random.Next(pieces.Length)]);
                        break;
                    default:
                        damaged.Replace(damaged.ToString(at, length), pieces[random.Next(pieces.Length)]);
                        break;
                }

                damaged.Append(' ');
            }

            var parse = () =>
                ImportParser.Parse([new UnpackedFile(name, Encoding.UTF8.GetBytes(damaged.ToString()))], CancellationToken.None);
            parse.Should().NotThrow($"of {name}: {JsonSerializer.Serialize(damaged.ToString())}").Which.Should().NotBeEmpty();
        }

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    private static IReadOnlyList<ParsedFile> Parse(string name) =>
        ImportParser.Parse([new UnpackedFile(name, Encoding.UTF8.GetBytes(TextOf(name)))], CancellationToken.None);
}
