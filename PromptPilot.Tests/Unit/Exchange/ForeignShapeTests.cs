using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>Files of the shapes that tools write, with random names, texts, sizes and now and then a value of the wrong kind.</summary>
public sealed class ForeignShapeTests : IDisposable
{
    /// <summary>Whatever the files point to would be here.</summary>
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TempDirectory _directory = new();
    private readonly string[] _texts;
    private readonly Random _random = new(2121);

    public ForeignShapeTests()
    {
        _server.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/canary";
        _texts =
        [
            "Sum up {{ notes }}.",
            "Hello {{name}}, {{#items}}{{.}}{{/items}}",
            "{% if urgent %}Now{% else %}Later{% endif %}: {{ text | upper | default('x') }}",
            "{% for row in rows %}- {{ row.title }}\n{% endfor %}",
            "Answer {question} about {{literal}}",
            "{{#1712.text#}} and {{#sys.query#}}",
            "={{ $json.body }} {{ $('Write').item.json.text }}",
            "{% include 'secret.txt' %}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{% raw %}{{ kept }}{% endraw %}",
            $"file://{Canary}",
            $"exec:touch {Canary}",
            address,
            $"{{% import '{address}' as x %}}",
            "総括 🙂 עברית",
            "",
            new string('x', 20_000),
            "{{ unclosed",
            "a\r\nb\tc",
        ];
    }

    private string Canary => Path.Combine(_directory.Path, "canary");

    public void Dispose()
    {
        _server.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void FiveHundredFiles_AreReadOrRefused_AndNothingIsFetchedOrRun()
    {
        var (files, read) = (0, 0);
        (string Ending, Func<JsonNode> Make)[] tools =
        [
            (".json", Langfuse),
            (".json", OpenAI),
            (".json", LangChain),
            (".json", N8n),
            (".json", Promptfoo),
            (".yaml", Promptfoo),
            (".yml", Dify),
            (".prompty", Prompty),
            (".txt", () => Text()),
            (".csv", Csv),
        ];
        for (; files < 500; files++)
        {
            var (ending, make) = tools[files % tools.Length];
            var made = make();

            // YAML contains JSON, so the same tree is either.
            var text = made is JsonValue value ? value.GetValue<string>() : made.ToJsonString();
            var parse = () =>
                ImportParser.Parse([new UnpackedFile($"file{files}{ending}", Encoding.UTF8.GetBytes(text))], CancellationToken.None);
            var parsed = parse.Should().NotThrow($"of {ending}: {JsonSerializer.Serialize(text)}").Which;
            parsed.Should().NotBeEmpty().And.OnlyContain(file => file.IsSound || file.Reasons.All(reason => reason.Length > 0));
            read += parsed.Any(file => file.IsSound) ? 1 : 0;
        }

        read.Should().BeGreaterThan(150, "the shapes are those of the tools");
        _server.Pending().Should().BeFalse("nothing is fetched");
        File.Exists(Canary).Should().BeFalse("nothing is run");
    }

    private bool Chance(double share) => _random.NextDouble() < share;

    private string Word() => $"w{_random.Next(40)}";

    /// <summary>A text, or rarely something that is none.</summary>
    private JsonNode Text() => JsonValue.Create(_texts[_random.Next(_texts.Length)]);

    private JsonNode? Odd(JsonNode? usual) =>
        !Chance(0.03)
            ? usual
            : _random.Next(5) switch
            {
                0 => null,
                1 => 7,
                2 => new JsonArray(1, "two"),
                3 => new JsonObject { ["odd"] = true },
                _ => true,
            };

    private JsonArray List(int most, Func<JsonNode?> item) =>
        new([.. Enumerable.Range(0, _random.Next(most + 1)).Select(_ => Odd(item()))]);

    private JsonNode Role() => JsonValue.Create(new[] { "system", "user", "assistant", "developer", "tool", "human" }[_random.Next(6)]);

    private JsonArray Messages() => List(5, () => new JsonObject { ["role"] = Odd(Role()), ["content"] = Odd(Text()) });

    private JsonArray Langfuse() =>
        List(
            6,
            () =>
                new JsonObject
                {
                    ["name"] = Odd(Word()),
                    ["type"] = Chance(0.5) ? "text" : "chat",
                    ["version"] = Odd(_random.Next(1, 12)),
                    ["prompt"] = Chance(0.5) ? Odd(Text()) : Messages(),
                    ["labels"] = List(3, () => Chance(0.8) ? Word() : "Not A Label"),
                    ["tags"] = List(3, () => Word()),
                    ["config"] = Odd(new JsonObject { ["model"] = "m" }),
                }
        );

    private JsonObject OpenAI() =>
        new()
        {
            ["object"] = "prompt",
            ["name"] = Odd(Word()),
            ["model"] = "m",
            ["instructions"] = Odd(Text()),
            [Chance(0.5) ? "messages" : "input"] = Chance(0.7) ? Messages() : Odd(Text()),
            ["tools"] = List(2, () => new JsonObject()),
        };

    private JsonObject LangChain() =>
        new()
        {
            ["lc"] = 1,
            ["type"] = "constructor",
            ["id"] = new JsonArray("langchain", "prompts", "chat", "ChatPromptTemplate"),
            ["kwargs"] = new JsonObject
            {
                ["input_variables"] = List(3, () => Word()),
                ["messages"] = List(
                    4,
                    () =>
                        new JsonObject
                        {
                            ["lc"] = 1,
                            ["id"] = new JsonArray(Odd(Chance(0.5) ? "HumanMessagePromptTemplate" : "MessagesPlaceholder")),
                            ["kwargs"] = new JsonObject
                            {
                                ["variable_name"] = Odd(Word()),
                                ["prompt"] = new JsonObject
                                {
                                    ["kwargs"] = new JsonObject
                                    {
                                        ["template"] = Odd(Text()),
                                        ["template_format"] = new[] { "f-string", "jinja2", "mustache" }[_random.Next(3)],
                                    },
                                },
                            },
                        }
                ),
            },
        };

    private JsonObject N8n() =>
        new()
        {
            ["name"] = Odd(Word()),
            ["connections"] = new JsonObject(),
            ["nodes"] = List(
                6,
                () =>
                    new JsonObject
                    {
                        ["name"] = Odd(Word()),
                        ["type"] = Odd(Chance(0.6) ? "@n8n/n8n-nodes-langchain.chainLlm" : "n8n-nodes-base.httpRequest"),
                        ["parameters"] = Odd(
                            new JsonObject
                            {
                                ["text"] = Odd(Text()),
                                ["messages"] = new JsonObject
                                {
                                    ["messageValues"] = List(3, () => new JsonObject { ["message"] = Text() }),
                                },
                            }
                        ),
                    }
            ),
        };

    private JsonObject Dify() =>
        new()
        {
            ["kind"] = "app",
            ["app"] = new JsonObject { ["name"] = Odd(Word()), ["mode"] = "workflow" },
            ["workflow"] = new JsonObject
            {
                ["graph"] = new JsonObject
                {
                    ["nodes"] = List(
                        6,
                        () =>
                            new JsonObject
                            {
                                ["id"] = Word(),
                                ["data"] = new JsonObject
                                {
                                    ["type"] = Odd(new[] { "start", "llm", "end", "code", "if-else" }[_random.Next(5)]),
                                    ["title"] = Odd(Word()),
                                    ["prompt_template"] = Chance(0.8)
                                        ? List(3, () => new JsonObject { ["role"] = Role(), ["text"] = Odd(Text()) })
                                        : Odd(new JsonObject { ["text"] = Text() }),
                                },
                            }
                    ),
                },
            },
        };

    private JsonObject Promptfoo() =>
        new()
        {
            ["prompts"] = Chance(0.8)
                ? List(4, () => Chance(0.7) ? Text() : new JsonObject { ["raw"] = Text(), ["label"] = Word() })
                : Text(),
            ["providers"] = List(2, () => Text()),
            ["defaultTest"] = Odd(new JsonObject { ["assert"] = Asserts() }),
            ["tests"] = Chance(0.8)
                ? List(
                    6,
                    () =>
                        new JsonObject
                        {
                            ["description"] = Odd(Word()),
                            ["vars"] = Odd(new JsonObject { [Word()] = Odd(Text()), ["n"] = _random.Next() }),
                            ["assert"] = Asserts(),
                        }
                )
                : Text(),
        };

    private JsonArray Asserts() =>
        List(
            3,
            () =>
                new JsonObject
                {
                    ["type"] = Odd(new[] { "equals", "icontains", "is-json", "javascript", "python", "llm-rubric" }[_random.Next(6)]),
                    ["value"] = Odd(Text()),
                }
        );

    private JsonValue Prompty() =>
        JsonValue.Create(
            $"---\nname: {Word()}\nmodel:\n  api: chat\n{(Chance(0.3) ? "template: mustache\n" : "")}---\n"
                + string.Concat(Enumerable.Range(0, _random.Next(4)).Select(_ => $"{Role()}:\n{Text()}\n\n"))
        );

    private JsonValue Csv()
    {
        var rows = Enumerable.Range(0, _random.Next(5)).Select(_ => $"{Quoted(Text().ToString())},{Word()},{(Chance(0.1) ? "\"" : "x")}\n");
        return JsonValue.Create($"{Word()},name,expected{(Chance(0.1) ? ",name" : "")}\n{string.Concat(rows)}");
    }

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
