using PromptPilot.Core.Models;

namespace PromptPilot.Web.Features.Models;

/// <summary>What a person needs to know to fill in the form for one provider.</summary>
/// <param name="KeyHelp">Null: takes no key.</param>
/// <param name="EndpointHelp">Null: has no endpoint.</param>
public sealed record ProviderGuide(
    string Provider,
    string Title,
    string Text,
    string ModelHint,
    string ModelHelp,
    string EndpointHint,
    string? EndpointHelp,
    string? KeyHelp
)
{
    public static readonly IReadOnlyList<ProviderGuide> All =
    [
        new(
            Providers.Offline,
            "Offline",
            "Built in: picks the most central sentences of a text. No key, no network, no cost. It extracts; it does not write.",
            "lexrank",
            "Only a label: there is one offline model.",
            "",
            null,
            null
        ),
        new(
            Providers.OpenAI,
            "OpenAI",
            "OpenAI's own service. Needs a key with credit.",
            "gpt-4.1-mini",
            "As OpenAI names it.",
            "https://api.openai.com/v1",
            "Leave empty for OpenAI itself.",
            "From platform.openai.com → API keys."
        ),
        new(
            Providers.AzureOpenAI,
            "Azure OpenAI",
            "OpenAI's models in your own Azure resource. Needs the resource's endpoint and key.",
            "gpt-4.1-mini",
            "The name of your deployment, not of the model behind it.",
            "https://my-resource.openai.azure.com",
            "As the Azure portal shows it under “Keys and Endpoint”.",
            "Key 1 or Key 2 of the resource."
        ),
        new(
            Providers.Anthropic,
            "Anthropic",
            "Claude models from Anthropic itself. Needs a key with credit.",
            "claude-sonnet-5-5",
            "As Anthropic names it.",
            "https://api.anthropic.com",
            "Leave empty for Anthropic itself.",
            "From platform.claude.com → API keys."
        ),
        new(
            Providers.Gemini,
            "Gemini",
            "Google's Gemini models, through the Gemini API. Needs a key.",
            "gemini-3.5-flash",
            "As Google names it.",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "Leave empty for Google itself.",
            "From aistudio.google.com → API keys."
        ),
        new(
            Providers.Ollama,
            "Ollama",
            "Models on your own machine or server, through Ollama.",
            "llama3.2",
            "As “ollama list” shows it.",
            "http://localhost:11434",
            "Leave empty for Ollama on this machine.",
            "Usually none; for an Ollama behind a gateway."
        ),
        new(
            Providers.OpenAICompatible,
            "OpenAI-compatible",
            "Any server that speaks OpenAI's chat API: vLLM, LM Studio, llama.cpp, a gateway.",
            "my-model",
            "As the server names it.",
            "http://localhost:8000/v1",
            "The base URL; it usually ends in /v1.",
            "Leave empty if the server wants none."
        ),
    ];

    /// <summary>What to say of the temperature.</summary>
    public string TemperatureHelp =>
        Provider switch
        {
            Providers.Anthropic => "0 to 1. Empty: not sent; newer Claude models refuse it.",
            Providers.OpenAI or Providers.AzureOpenAI => "0 to 2. Empty: not sent; reasoning models refuse it.",
            _ => "0 is steady, 2 is wild. Empty: not sent.",
        };

    public static ProviderGuide Of(string provider) => All.First(g => g.Provider == provider);
}
