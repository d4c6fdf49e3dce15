using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>Every kind of provider receives pictures in its own form, where the author put them, without metadata.</summary>
public sealed class PictureCallTests(ProviderWorld world) : IClassFixture<ProviderWorld>
{
    private const string Question = "Is [picture 1] older than [picture 2]?";

    private static readonly string Jpeg = Convert.ToBase64String(SamplePictures.Plain(MediaTypes.Jpeg));
    private static readonly string Png = Convert.ToBase64String(SamplePictures.Plain(MediaTypes.Png));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Providers.OpenAI)]
    [InlineData(Providers.AzureOpenAI)]
    [InlineData(Providers.Gemini)]
    [InlineData(Providers.OpenAICompatible)]
    public async Task OpenAIFamily_GetsDataUrls(string provider)
    {
        (await CallAsync(provider)).Fault.Should().BeNull();

        var messages = world.Server.Last.Body.GetProperty("messages");
        messages[0].GetProperty("content").GetString().Should().Be("Compare.");
        Same(
            messages[1].GetProperty("content"),
            $$"""
            [
              { "type": "text", "text": "Is [picture 1]" },
              { "type": "image_url", "image_url": { "url": "data:image/jpeg;base64,{{Jpeg}}" } },
              { "type": "text", "text": " older than [picture 2]" },
              { "type": "image_url", "image_url": { "url": "data:image/png;base64,{{Png}}" } },
              { "type": "text", "text": "?" }
            ]
            """
        );
    }

    [Fact]
    public async Task Anthropic_GetsBase64Blocks()
    {
        (await CallAsync(Providers.Anthropic)).Fault.Should().BeNull();

        Same(
            world.Server.Last.Body.GetProperty("messages")[0].GetProperty("content"),
            $$"""
            [
              { "type": "text", "text": "Is [picture 1]" },
              { "type": "image", "source": { "type": "base64", "media_type": "image/jpeg", "data": "{{Jpeg}}" } },
              { "type": "text", "text": " older than [picture 2]" },
              { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "{{Png}}" } },
              { "type": "text", "text": "?" }
            ]
            """
        );
    }

    [Fact]
    public async Task Ollama_GetsTheWholeText_AndImagesInItsOrder()
    {
        (await CallAsync(Providers.Ollama)).Fault.Should().BeNull();

        var messages = world.Server.Last.Body.GetProperty("messages");
        messages.GetArrayLength().Should().Be(2);
        messages[1].GetProperty("content").GetString().Should().Be(Question);
        messages[1].GetProperty("images").EnumerateArray().Select(image => image.GetString()).Should().Equal(Jpeg, Png);
    }

    [Fact]
    public async Task OfflineModel_ReadsTheMarks() =>
        (await CallAsync(Providers.Offline, change: profile => profile.Endpoint = null)).Fault.Should().BeNull();

    [Fact]
    public async Task PictureThatNoMessageMentions_IsNotSent()
    {
        (await CallAsync(Providers.OpenAI, "No picture.")).Fault.Should().BeNull();

        world.Server.Last.Body.GetProperty("messages")[1].GetProperty("content").GetString().Should().Be("No picture.");
    }

    [Theory]
    [InlineData("gone", Providers.OpenAI, "“photo.jpg” is no longer stored. Send it again")]
    [InlineData("damaged", Providers.OpenAI, "“photo.jpg” is damaged")]
    [InlineData("large", Providers.Anthropic, "“photo.jpg” is too large for Anthropic, which accepts 3.7 MB each")]
    [InlineData("wide", Providers.Anthropic, "9,000 × 10 pixels. Anthropic accepts 8,000 on each side")]
    [InlineData("21 wide", Providers.Anthropic, "2,500 × 10 pixels. Anthropic accepts 2,000 on each side of so many pictures")]
    [InlineData("601", Providers.Anthropic, "This call has 601 pictures. Anthropic accepts 600 per call with this model")]
    [InlineData("many", Providers.Gemini, "The pictures of this call are too large for Gemini, which accepts 14.2 MB per call")]
    [InlineData("text model", Providers.OpenAI, "The model gpt-3.5-turbo of the profile")]
    public async Task PictureThatCannotBeSent_IsABadRequestBeforeTheCall(string what, string provider, string message)
    {
        var picture = what switch
        {
            "gone" => new CallPicture("a", new FileReference(new string('0', 64), "photo.jpg", MediaTypes.Jpeg, 1), "[picture 1]"),
            "damaged" => await StoreAsync(SampleFiles.Png(10, 10), 1),
            "large" => await StoreAsync(SamplePictures.LargePng(4 << 20), 1),
            "wide" => await StoreAsync([.. SampleFiles.Png(9_000, 10)[..33], .. SamplePictures.LargePng(1)[33..]], 1),
            "21 wide" => await StoreAsync([.. SampleFiles.Png(2_500, 10)[..33], .. SamplePictures.LargePng(1)[33..]], 1),
            "many" => await StoreAsync(SamplePictures.LargePng(8 << 20), 1),
            _ => await StoreAsync(SamplePictures.Plain(MediaTypes.Jpeg), 1),
        };
        var calls = world.Server.Calls.Count;

        var reply = await CallAsync(
            provider,
            pictures: what == "many" ? [picture, picture with { Mark = "[picture 2]" }]
                : Count(what) is { } count ? [.. Enumerable.Range(1, count).Select(i => picture with { Mark = $"[picture {i}]" })]
                : [picture],
            question: Count(what) is { } all ? string.Join(' ', Enumerable.Range(1, all).Select(i => $"[picture {i}]")) : Question,
            change: profile => profile.Model = what == "text model" ? "gpt-3.5-turbo" : "fake-1"
        );

        reply.Fault!.Code.Should().Be(ErrorCode.BadRequest);
        reply.Fault.Message.Should().Contain(message);
        (reply.InputTokens, world.Server.Calls.Count).Should().Be((0, calls));
    }

    private static int? Count(string what) =>
        what switch
        {
            "21 wide" => 21,
            "601" => 601,
            _ => null,
        };

    private async Task<ModelReply> CallAsync(
        string provider,
        string question = Question,
        CallPicture[]? pictures = null,
        Action<ModelProfile>? change = null
    )
    {
        var request = new ModelRequest("", "answer", "Compare.", question)
        {
            Pictures =
                pictures
                ??
                [
                    await StoreAsync(SamplePictures.WithSecrets(MediaTypes.Jpeg), 1),
                    await StoreAsync(SamplePictures.WithSecrets(MediaTypes.Png), 2),
                ],
        };
        var answer =
            provider == Providers.Anthropic ? AnthropicTranscripts.Answer()
            : provider == Providers.Ollama ? OllamaTranscripts.Answer()
            : OpenAITranscripts.Answer();
        return (await world.CallAsync(provider, answer, change, request)).Reply;
    }

    private async Task<CallPicture> StoreAsync(byte[] content, int number)
    {
        var stored = await world.Host.Get<FileStore>().SaveAsync(content, "photo.jpg", FileKind.Picture, null, Token);
        return new CallPicture("photo", stored.Value, $"[picture {number}]");
    }

    private static void Same(JsonElement sent, string expected) =>
        JsonElement.DeepEquals(sent, JsonElement.Parse(expected)).Should().BeTrue(sent.ToString());
}
