using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Api;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>Long texts are written in pieces; what is written is what the serializer writes at once.</summary>
public sealed class LongTextsTests
{
    /// <summary>Characters that are escaped, that take up to four bytes, and that are not whole.</summary>
    private static readonly string[] Parts =
    [
        "a",
        "The report ships on Friday. ",
        "\n",
        "\"",
        "\\",
        "\t",
        "\u0001",
        "/",
        "<&>'",
        "é",
        "日本",
        "\u2028",
        "\uE000",
        "\uFFFF",
        "😀",
        "\uD83D",
        "\uDE00",
        "\u007F",
        "\\u0041",
        "{\"a\":1}",
    ];

    private static readonly JsonSerializerOptions AtOnce = Create();

    private static readonly int[] Lengths = [1, 4095, 4096, 4097, 16_383, 16_384, 16_385, 40_000, 100_000];

    private readonly Random _random = new(19);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Write_OfAnyText_GivesTheSameBytes()
    {
        foreach (var text in Texts())
        {
            Encoding.UTF8.GetString(Bytes(text, AppJson.Options)).Should().Be(Encoding.UTF8.GetString(Bytes(text, AtOnce)));
        }
    }

    [Fact]
    public void Write_OfAnyElement_GivesTheSameBytes_HoweverItWasEscaped()
    {
        foreach (var text in Texts())
        {
            var whole = Unicode.WellFormed(text);
            string[] written =
            [
                JsonSerializer.Serialize(whole, AtOnce),
                JsonSerializer.Serialize(whole),
                $"\"{string.Concat(whole.Select(character => $"\\u{(int)character:x4}"))}\"",
                JsonSerializer.Serialize(whole, AtOnce).Replace("/", "\\/", StringComparison.Ordinal),
            ];
            foreach (var json in written)
            {
                foreach (var around in new[] { json, $"[{json}, 1.50, {json}]", $$"""{ "k\u0041": { "b": [{{json}}, null, true] } }""" })
                {
                    var element = JsonElement.Parse(around);
                    var value = new { element, list = new[] { element } };

                    Bytes(value, AppJson.Options).AsSpan().SequenceEqual(Bytes(value, AtOnce)).Should().BeTrue();
                }
            }
        }
    }

    [Fact]
    public void Write_Indented_GivesTheSameText()
    {
        var value = JsonElement.Parse(JsonSerializer.Serialize(new { a = new object[] { Text(30_000), 1 }, b = Text(10) }, AtOnce));

        Written(AppJson.Options).Should().Be(Written(AtOnce));

        string Written(JsonSerializerOptions options)
        {
            using var bytes = new MemoryStream();
            using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = options.Encoder, Indented = true }))
            {
                JsonSerializer.Serialize(writer, value, options);
            }

            return Encoding.UTF8.GetString(bytes.ToArray());
        }
    }

    [Fact]
    public void Read_GivesBackAnyText_AndRefusesAnythingElse()
    {
        foreach (var text in Texts())
        {
            var values = new Dictionary<string, string> { [Unicode.WellFormed(text)] = Unicode.WellFormed(text) };

            JsonSerializer.Deserialize<Dictionary<string, string>>(Bytes(values, AppJson.Options), AppJson.Options).Should().Equal(values);
        }

        FluentActions.Invoking(() => JsonSerializer.Deserialize<string[]>("[1]", AppJson.Options)).Should().Throw<JsonException>();
    }

    [Fact]
    public async Task Events_AreWrittenAsByTheFormatter()
    {
        var items = Texts()
            .Select((text, i) => new SseItem<object>(new { text }, $"kind{i % 3}") { EventId = i % 2 == 0 ? $"{i}" : null })
            .ToList();
        using var expected = new MemoryStream();
        await SseFormatter.WriteAsync(
            items.ToAsyncEnumerable(),
            expected,
            (item, buffer) =>
            {
                using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = AtOnce.Encoder });
                JsonSerializer.Serialize(writer, item.Data, AtOnce);
            },
            Token
        );

        using var written = new MemoryStream();
        var pipe = PipeWriter.Create(written);
        foreach (var item in items)
        {
            await StreamedEvents.WriteAsync(pipe, item, Token);
        }

        Encoding.UTF8.GetString(written.ToArray()).Should().Be(Encoding.UTF8.GetString(expected.ToArray()));
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        AppJson.Apply(options);
        return options;
    }

    private static byte[] Bytes<T>(T value, JsonSerializerOptions options) => JsonSerializer.SerializeToUtf8Bytes(value, options);

    private IEnumerable<string> Texts() =>
        Lengths.SelectMany(length => Enumerable.Range(0, Samples.Count(few: 3, many: 60)).Select(_ => Text(length)));

    private string Text(int length)
    {
        var few = _random.GetItems(Parts, _random.Next(1, 6));
        var text = new StringBuilder();
        while (text.Length < length)
        {
            text.Append(few[_random.Next(few.Length)]);
        }

        return text.ToString();
    }
}
