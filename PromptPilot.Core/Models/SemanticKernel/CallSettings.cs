using System.Collections.Concurrent;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Models.Protocols;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// What is sent with the calls of one profile besides their texts. Made once for each way the profile is called, since steps are few and
/// calls are many.
/// </summary>
internal sealed class CallSettings(ModelProfile profile)
{
    /// <summary>Steps are few; this bounds the memory when someone calls with ever new schemas.</summary>
    private const int MaxKept = 256;

    /// <summary>The name that a schema has in a request; providers show it nowhere.</summary>
    internal const string SchemaName = "output";

    private readonly ProviderDescriptor _provider = Providers.Of(profile.Provider);
    private readonly PromptExecutionSettings _plain = Create(profile, null, null);
    private readonly ConcurrentDictionary<Way, PromptExecutionSettings> _others = new();

    /// <summary>The settings of a call; the same object for calls that are alike.</summary>
    public PromptExecutionSettings For(ModelRequest request)
    {
        var format = FormatOf(request);
        if (format is null && request.Parameters is null)
        {
            return _plain;
        }

        var way = new Way(request.Parameters, format);
        if (_others.TryGetValue(way, out var known))
        {
            return known;
        }

        var made = Create(profile, request.Parameters, format);
        return _others.Count < MaxKept ? _others.GetOrAdd(way, made) : made;
    }

    /// <summary>What is asked for; null: nothing.</summary>
    private SentFormat? FormatOf(ModelRequest request)
    {
        if (!request.AsJson || !profile.StructuredOutput)
        {
            return null;
        }

        if (request.JsonSchema is { } schema)
        {
            return _provider.Schemas.Of(schema) is { Schema: { } sent } form ? new SentFormat(sent.GetRawText(), form.IsStrict) : null;
        }

        // Without a schema only objects can be asked for, and only where the prompt says JSON too: OpenAI refuses the call otherwise.
        // Servers that merely speak OpenAI's language often refuse this form altogether.
        return _provider.TakesJsonWithoutSchema && request.Messages.Any(message => Says(message.Text)) ? SentFormat.AnyObject : null;
    }

    private static bool Says(string text) => text.Contains("json", StringComparison.OrdinalIgnoreCase);

    private static ChatClientSettings Create(ModelProfile profile, ParameterChanges? changes, SentFormat? format) =>
        ChatClientSettings.Of(Providers.Of(profile.Provider).Protocol, profile.Model, SentParameters.Of(profile, changes), format);

    private sealed record Way(ParameterChanges? Changes, SentFormat? Format);
}

/// <summary>The form of answers that is asked for.</summary>
/// <param name="Schema">A JSON Schema; null: any JSON object.</param>
/// <param name="IsStrict">OpenAI's <c>strict</c>.</param>
internal sealed record SentFormat(string? Schema, bool IsStrict)
{
    public static readonly SentFormat AnyObject = new(null, false);
}
