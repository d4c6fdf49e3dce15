using PromptPilot.Core.Models.OpenAIFamily;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.Schemas;

namespace PromptPilot.Core.Models;

/// <summary>The providers. A new one is an entry here, and a <see cref="ModelProtocol"/> if it has its own protocol.</summary>
public static class Providers
{
    public const string Offline = "offline";
    public const string OpenAI = "openai";
    public const string AzureOpenAI = "azure-openai";
    public const string Anthropic = "anthropic";
    public const string Gemini = "gemini";
    public const string Ollama = "ollama";
    public const string OpenAICompatible = "openai-compatible";

    private const string JsonMode = "Without a schema: JSON mode, if the prompt mentions JSON";

    private const string StrictOrHint =
        "the JSON Schema, if its top level is an object: strict if all objects are closed and all fields required, else as a hint. "
        + JsonMode;

    /// <summary>In the order in which they are offered.</summary>
    public static IReadOnlyList<ProviderDescriptor> All { get; } =
    [
        new()
        {
            Key = Offline,
            Title = "Offline",
            Text =
                "Built in and free, without key or network. Picks the most representative sentences of a text and generates "
                + "none of its own.",
            ModelHint = "extractive",
            ModelHelp = "Only a label: there is one offline model.",
            StructuredOutputText = "nothing",
            SuggestsPrices = false,
            NamesModels = false,
        },
        new()
        {
            Key = OpenAI,
            Title = "OpenAI",
            Text = "OpenAI's own service. Requires an API key with credit.",
            Protocol = new OpenAIProtocol(),
            ModelHint = "",
            ModelHelp = "Model name at OpenAI.",
            ListsOtherKinds = true,
            EndpointHint = "https://api.openai.com/v1",
            EndpointHelp = "Leave empty for OpenAI's own endpoint.",
            Endpoint = new("https://api.openai.com/v1"),
            KeyHelp = "From platform.openai.com → API keys.",
            NeedsKey = true,
            TemperatureHelp = "0 to 2. Empty: not sent. Reasoning models reject it.",
            HasStructuredOutput = true,
            Schemas = SchemaDialect.OpenAI,
            Pictures = PictureRule.OpenAI,
            StructuredOutputText = StrictOrHint,
        },
        new()
        {
            Key = AzureOpenAI,
            NameInTraces = "azure.ai.openai",
            Title = "Azure OpenAI",
            Text = "OpenAI models in your own Azure resource. Requires the resource's endpoint and key.",
            Protocol = new OpenAIProtocol(),
            ModelHint = "my-deployment",
            ModelHelp = "Name of your deployment, not of its model.",
            NamesModels = false,
            ListsOtherKinds = true,
            EndpointHint = "https://my-resource.openai.azure.com",
            EndpointHelp = "See “Keys and Endpoint” in the Azure portal.",
            Endpoint = new(
                Missing: "Enter the endpoint of your Azure resource, for example https://my-resource.openai.azure.com.",
                Path: "/openai/v1"
            )
            {
                PastedEnds = ["/v1", "/openai"],
            },
            KeyHelp = "Key 1 or Key 2 of the resource.",
            NeedsKey = true,
            KeyHeader = "api-key",
            TemperatureHelp = "0 to 2. Empty: not sent. Reasoning models reject it.",
            HasStructuredOutput = true,
            Schemas = SchemaDialect.Azure,
            Pictures = PictureRule.OpenAI,
            StructuredOutputText = StrictOrHint,
        },
        new()
        {
            Key = Anthropic,
            Title = "Anthropic",
            Text = "Claude models from Anthropic. Requires an API key with credit.",
            Protocol = new AnthropicProtocol(),
            ModelHint = "claude-sonnet-5-5",
            ModelHelp = "Model name at Anthropic.",
            EndpointHint = "https://api.anthropic.com",
            EndpointHelp = "Leave empty for Anthropic's own endpoint.",
            Endpoint = new("https://api.anthropic.com") { PastedEnds = ["/messages", "/models", "/v1"] },
            KeyHelp = "From platform.claude.com → API keys.",
            NeedsKey = true,
            KeyHeader = "x-api-key",
            TemperatureHelp = "0 to 1. Empty: not sent. Newer Claude models reject it.",
            MaxTemperature = 1,
            DefaultTemperature = null,
            TakesOneSampling = true,
            AsksForCaching = true,
            HasStructuredOutput = true,
            Schemas = SchemaDialect.Anthropic,
            Pictures = PictureRule.Anthropic,
            TakesJsonWithoutSchema = false,
            StructuredOutputText =
                "the schema, if all its objects are closed (`additionalProperties: false`) and it does not refer to itself. Limits of "
                + "values are moved into descriptions",
        },
        new()
        {
            Key = Gemini,
            NameInTraces = "gcp.gemini",
            Title = "Gemini",
            Text = "Google's Gemini models through the Gemini API. Requires an API key.",
            Protocol = new OpenAIProtocol(),
            ModelHint = "gemini-3.5-flash",
            ModelHelp = "Model name at Google.",
            ListsOtherKinds = true,
            EndpointHint = "https://generativelanguage.googleapis.com/v1beta/openai",
            EndpointHelp = "Leave empty for Google's own endpoint.",
            Endpoint = new("https://generativelanguage.googleapis.com", Path: "/v1beta/openai"),
            KeyHelp = "From aistudio.google.com → API keys.",
            NeedsKey = true,
            HasStructuredOutput = true,
            Schemas = SchemaDialect.Gemini,
            Pictures = PictureRule.Gemini,
            StructuredOutputText =
                $"the JSON Schema, unless it refers to itself, without the keywords that Gemini does not know. {JsonMode}",
        },
        new()
        {
            Key = Ollama,
            Title = "Ollama",
            IsLocal = true,
            Text = "Models on your own machine or server through Ollama.",
            Protocol = new OllamaProtocol(),
            ModelHint = "llama3.2",
            ModelHelp = "Name shown by “ollama list”.",
            NoModels = "Ollama has no models yet. Pull one first, for example: ollama pull llama3.2",
            EndpointHint = "http://localhost:11434",
            EndpointHelp = "Leave empty for Ollama on this machine.",
            Endpoint = new("http://localhost:11434") { PastedEnds = ["/chat", "/tags", "/api", "/v1"] },
            KeyHelp = "Only if Ollama is behind a gateway.",
            HasStructuredOutput = true,
            StructuredOutputText = $"the JSON Schema. {JsonMode}",
            SuggestsPrices = false,
        },
        new()
        {
            Key = OpenAICompatible,
            Title = "OpenAI-compatible",
            Text = "Any server that speaks OpenAI's chat API: vLLM, LM Studio, llama.cpp, a gateway.",
            Protocol = new OpenAIProtocol(),
            ModelHint = "my-model",
            ModelHelp = "Model name on the server.",
            EndpointHint = "http://localhost:8000/v1",
            EndpointHelp = "Base URL. Usually ends in /v1.",
            Endpoint = new(Missing: "Enter the base URL of the server, for example http://localhost:8000/v1."),
            KeyHelp = "Leave empty if the server needs none.",
            TakesJsonWithoutSchema = false,
            StructuredOutputText =
                "the JSON Schema, once you turn on **Structured output**. vLLM, llama.cpp and LM Studio support JSON Schema; "
                + "other servers may reject the call",
            HasServerSwitches = true,
            MaxTokensField = ChatDialect.OlderField,
        },
    ];

    /// <summary>The provider of a name as someone typed it, or null.</summary>
    public static ProviderDescriptor? Find(string? typed) =>
        All.FirstOrDefault(provider => string.Equals(provider.Key, typed?.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <param name="key">A canonical name.</param>
    public static ProviderDescriptor Of(string key) => All.First(provider => provider.Key == key);
}
