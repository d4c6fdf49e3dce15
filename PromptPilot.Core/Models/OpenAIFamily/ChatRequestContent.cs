using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>Differences between servers that speak OpenAI's protocol.</summary>
/// <param name="MaxTokensField">The name under which the longest answer is sent, e.g. <c>max_completion_tokens</c>.</param>
/// <param name="SendsStreamOptions">Asks for usage at the stream's end; a few servers refuse a call that does.</param>
internal sealed record ChatDialect(string MaxTokensField, bool SendsStreamOptions)
{
    /// <summary>The field name of OpenAI.</summary>
    public const string NewerField = "max_completion_tokens";

    /// <summary>The older name, the only one that many compatible servers support.</summary>
    public const string OlderField = "max_tokens";
}

/// <summary>The body of a streaming call in OpenAI's language. Texts are sent verbatim.</summary>
internal static class ChatRequestContent
{
    /// <summary>In <see cref="ChatOptions.AdditionalProperties"/>: whether the provider's strict mode accepts the schema.</summary>
    public const string Strict = "strict";

    /// <summary>In <see cref="ChatOptions.AdditionalProperties"/>: the value of <c>reasoning_effort</c>.</summary>
    public const string Effort = "effort";

    /// <summary>Bytes of what is written around a picture.</summary>
    private const int AroundPicture = 128;

    private static readonly JsonWriterOptions Relaxed = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static HttpContent Of(string model, ChatDialect dialect, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        // Not from a pool: the connection may still be sending the body when an early answer has ended the call.
        var body = new ArrayBufferWriter<byte>(Estimate(messages));
        using (var json = new Utf8JsonWriter(body, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            foreach (var message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role"u8, message.Role.Value);
                WriteContent(json, message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteOptions(json, dialect, options);
            json.WriteBoolean("stream"u8, true);
            if (dialect.SendsStreamOptions)
            {
                json.WriteStartObject("stream_options"u8);
                json.WriteBoolean("include_usage"u8, true);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return content;
    }

    /// <summary>
    /// A text, or an array of texts and pictures: https://platform.openai.com/docs/api-reference/chat/create, <c>image_url</c>, which also
    /// takes the picture itself.
    /// </summary>
    private static void WriteContent(Utf8JsonWriter json, ChatMessage message)
    {
        if (!message.Contents.Any(content => content is DataContent))
        {
            json.WriteString("content"u8, message.Text);
            return;
        }

        json.WriteStartArray("content"u8);
        foreach (var content in message.Contents)
        {
            json.WriteStartObject();
            if (content is DataContent picture)
            {
                json.WriteString("type"u8, "image_url"u8);
                json.WriteStartObject("image_url"u8);
                json.WriteString("url"u8, DataUrl(picture));
                json.WriteEndObject();
            }
            else
            {
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, content.ToString());
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static ReadOnlySpan<byte> DataUrl(DataContent picture)
    {
        var head = Encoding.ASCII.GetBytes($"data:{picture.MediaType};base64,");
        var url = new byte[head.Length + Base64.GetMaxEncodedToUtf8Length(picture.Data.Length)];
        head.CopyTo(url, 0);
        Base64.EncodeToUtf8(picture.Data.Span, url.AsSpan(head.Length), out _, out var written);
        return url.AsSpan(0, head.Length + written);
    }

    private static int Estimate(IEnumerable<ChatMessage> messages)
    {
        var length = 512;
        foreach (var message in messages)
        {
            length += message.Text.Length + (message.Text.Length / 8);
            foreach (var picture in message.Contents.OfType<DataContent>())
            {
                length += Base64.GetMaxEncodedToUtf8Length(picture.Data.Length) + AroundPicture;
            }
        }

        return length;
    }

    private static void WriteOptions(Utf8JsonWriter json, ChatDialect dialect, ChatOptions? options)
    {
        if (options?.MaxOutputTokens is { } maxTokens)
        {
            json.WriteNumber(dialect.MaxTokensField, maxTokens);
        }

        if (options?.Temperature is { } temperature)
        {
            json.WriteNumber("temperature"u8, temperature);
        }

        if (options?.TopP is { } topP)
        {
            json.WriteNumber("top_p"u8, topP);
        }

        if (options?.Seed is { } seed)
        {
            json.WriteNumber("seed"u8, seed);
        }

        if (options?.AdditionalProperties?.TryGetValue(Effort, out var effort) == true && effort is string word)
        {
            json.WriteString("reasoning_effort"u8, word);
        }

        if (options?.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop"u8);
            foreach (var stop in stops)
            {
                json.WriteStringValue(stop);
            }

            json.WriteEndArray();
        }

        if (options?.ResponseFormat is ChatResponseFormatJson format)
        {
            WriteFormat(json, format, options.AdditionalProperties);
        }
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormatJson format, AdditionalPropertiesDictionary? more)
    {
        json.WriteStartObject("response_format"u8);
        json.WriteString("type"u8, format.Schema is null ? "json_object"u8 : "json_schema"u8);
        if (format.Schema is { } schema)
        {
            json.WriteStartObject("json_schema"u8);
            json.WriteString("name"u8, format.SchemaName ?? "output");
            json.WritePropertyName("schema"u8);
            schema.WriteTo(json);
            json.WriteBoolean("strict"u8, more?.TryGetValue(Strict, out var strict) == true && strict is true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
