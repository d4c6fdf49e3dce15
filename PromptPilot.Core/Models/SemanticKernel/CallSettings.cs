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

    /// <summary>The requested JSON Schema as text; empty for any JSON object; null for no request.</summary>
    private string? FormatOf(ModelRequest request)
    {
        if (!request.AsJson || !profile.StructuredOutput)
        {
            return null;
        }

        if (request.JsonSchema is { } schema)
        {
            return _provider.TakesSchema(schema) ? schema.GetRawText() : null;
        }

        // Without a schema only objects can be asked for, and only where the prompt says JSON too: OpenAI refuses the call otherwise.
        // Servers that merely speak OpenAI's language often refuse this form altogether.
        return _provider.TakesJsonWithoutSchema && request.Messages.Any(message => Says(message.Text)) ? "" : null;
    }

    private static bool Says(string text) => text.Contains("json", StringComparison.OrdinalIgnoreCase);

    private static ChatClientSettings Create(ModelProfile profile, ParameterChanges? changes, string? format) =>
        ChatClientSettings.Of(Providers.Of(profile.Provider).Protocol, profile.Model, SentParameters.Of(profile, changes), format);

    private sealed record Way(ParameterChanges? Changes, string? Format);
}
