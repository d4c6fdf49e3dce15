using PromptPilot.Core.Models.OpenAIFamily;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.Schemas;

namespace PromptPilot.Core.Models;

/// <summary>Everything that differs between providers: forms, checks, defaults, calls and docs read it here.</summary>
public sealed record ProviderDescriptor
{
    /// <summary>The canonical name, as stored and in the API.</summary>
    public required string Key { get; init; }

    public required string Title { get; init; }

    /// <summary>Its name in OpenTelemetry's conventions; null: the same as <see cref="Key"/>.</summary>
    internal string? NameInTraces { get; init; }

    /// <summary>One or two sentences for the choice of provider.</summary>
    public required string Text { get; init; }

    /// <summary>The protocol of its servers; null: the model is built in, without network or key.</summary>
    internal ModelProtocol? Protocol { get; init; }

    /// <summary>The model runs inside the portal.</summary>
    public bool IsBuiltIn => Protocol is null;

    /// <summary>An example, shown in the empty field.</summary>
    public required string ModelHint { get; init; }

    public required string ModelHelp { get; init; }

    /// <summary>The message when its list of models is empty.</summary>
    public string NoModels { get; init; } = "The provider lists no models for this key. Enter a model name.";

    /// <summary>Its list also has models that do not chat.</summary>
    internal bool ListsOtherKinds { get; init; }

    /// <summary>An example, shown in the empty field.</summary>
    public string EndpointHint { get; init; } = "";

    /// <summary>Null: it has no endpoint.</summary>
    public string? EndpointHelp { get; init; }

    internal EndpointRule Endpoint { get; init; } = new();

    /// <summary>It usually runs on the portal's own server, so it is looked for there.</summary>
    public bool IsLocal { get; init; }

    /// <summary>A profile has to name its endpoint: there is no usual one.</summary>
    public bool NeedsEndpoint => !IsBuiltIn && Endpoint.Default is null;

    /// <summary>Null: it takes no key.</summary>
    public string? KeyHelp { get; init; }

    /// <summary>It takes no call without a key.</summary>
    public bool NeedsKey { get; init; }

    /// <summary>The header of the key; null: <c>Authorization: Bearer</c>.</summary>
    internal string? KeyHeader { get; init; }

    public string TemperatureHelp { get; init; } = "0 gives the most consistent answers, 2 the most varied. Empty: not sent.";

    public double MaxTemperature { get; init; } = ModelParameters.MaxTemperature;

    /// <summary>The temperature of a profile whose creator says nothing about parameters; null: none is sent.</summary>
    public double? DefaultTemperature { get; init; } = new ModelParameters().Temperature;

    /// <summary>A call may name a temperature or top-p, not both.</summary>
    internal bool TakesOneSampling { get; init; }

    /// <summary>
    /// New profiles tell it that JSON is wanted. Of the servers that only speak OpenAI's language some know it, some ignore it and some
    /// refuse the whole call.
    /// </summary>
    public bool HasStructuredOutput { get; init; }

    /// <summary>Which JSON Schemas it takes, and how they are written for it.</summary>
    internal SchemaDialect Schemas { get; init; } = SchemaDialect.Any;

    /// <summary>True if it has a mode for any JSON object.</summary>
    internal bool TakesJsonWithoutSchema { get; init; } = true;

    /// <summary>Sent when a step asks for JSON, in the words of docs/models.md.</summary>
    public required string StructuredOutputText { get; init; }

    internal PictureRule Pictures { get; init; } = PictureRule.Unknown;

    /// <summary>A profile's model is the name of a model. False: it is a name of one's own, or there is no model behind it.</summary>
    internal bool NamesModels { get; init; } = true;

    /// <summary>Servers behind it differ: a profile says what its own takes.</summary>
    public bool HasServerSwitches { get; init; }

    /// <summary>The field in which OpenAI's language gets the longest answer, unless the profile names another.</summary>
    internal string MaxTokensField { get; init; } = ChatDialect.NewerField;

    /// <summary>It caches prompts only if a call requests it. Other providers do so automatically.</summary>
    public bool AsksForCaching { get; init; }

    /// <summary>Known prices are those of the provider itself.</summary>
    public bool SuggestsPrices { get; init; } = true;
}

/// <summary>The endpoint of a provider.</summary>
/// <param name="Default">The base URL of profiles that name none; null: there is none.</param>
/// <param name="Missing">The error for a profile without an endpoint; null: it needs none.</param>
/// <param name="Path">Added to an endpoint that has no path.</param>
internal sealed record EndpointRule(string? Default = null, string? Missing = null, string? Path = null)
{
    /// <summary>Ends of paths that the client adds itself, and that people paste with the address; the outer ones first.</summary>
    public IReadOnlyList<string> PastedEnds { get; init; } = [];

    /// <summary>The base URL to call; null where the profile names none and there is no default.</summary>
    /// <param name="endpoint">Of the profile, tidied.</param>
    public Uri? BaseUrl(string? endpoint)
    {
        if ((endpoint ?? Default) is not { } text)
        {
            return null;
        }

        foreach (var end in PastedEnds)
        {
            if (text.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                text = text[..^end.Length];
            }
        }

        var url = new Uri(text);
        return Path is not null && url.AbsolutePath == "/" ? new Uri(url, Path) : url;
    }
}
