using PromptPilot.Core.Models;

namespace PromptPilot.Web.Features.Models;

/// <summary>What a person needs to know to fill in the form for one provider.</summary>
/// <param name="KeyHelp">Null: takes no key.</param>
/// <param name="EndpointHelp">Null: has no endpoint.</param>
public sealed record ProviderGuide(string Provider, string Title, string Text, string ModelHint, string ModelHelp, string EndpointHint, string? EndpointHelp, string? KeyHelp)
{
    public static readonly IReadOnlyList<ProviderGuide> All =
    [
        new(Providers.Offline, "Offline", "Built in: picks the most central sentences of a text. No key, no network, no cost. It extracts; it does not write.",
            "lexrank", "Only a label: there is one offline model.", "", null, null),
        new(Providers.OpenAI, "OpenAI", "OpenAI's own service. Needs a key with credit.",
            "gpt-4.1-mini", "As OpenAI names it.", "https://api.openai.com/v1", "Leave empty for OpenAI itself.", "From platform.openai.com → API keys."),
        new(Providers.Ollama, "Ollama", "Models on your own machine or server, through Ollama.",
            "llama3.2", "As “ollama list” shows it.", "http://localhost:11434", "Leave empty for Ollama on this machine.", "Usually none; for an Ollama behind a gateway."),
        new(Providers.OpenAICompatible, "OpenAI-compatible", "Any server that speaks OpenAI's chat API: vLLM, LM Studio, llama.cpp, a gateway.",
            "my-model", "As the server names it.", "http://localhost:8000/v1", "The base URL; it usually ends in /v1.", "Leave empty if the server wants none."),
    ];

    public static ProviderGuide Of(string provider) => All.First(g => g.Provider == provider);
}
