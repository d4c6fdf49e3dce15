namespace PromptPilot.Core.Models.Telemetry;

/// <summary>
/// The names of OpenTelemetry's conventions for generative AI (v0.1.0, in development): when these change, only this file does. Names of
/// our own begin with <c>promptpilot</c>.
/// </summary>
internal static class GenAiNames
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string AgentName = "gen_ai.agent.name";
    public const string AgentVersion = "gen_ai.agent.version";
    public const string PromptName = "gen_ai.prompt.name";
    public const string PromptVersion = "gen_ai.prompt.version";
    public const string RequestModel = "gen_ai.request.model";
    public const string RequestStream = "gen_ai.request.stream";
    public const string Temperature = "gen_ai.request.temperature";
    public const string TopP = "gen_ai.request.top_p";
    public const string MaxTokens = "gen_ai.request.max_tokens";
    public const string OutputType = "gen_ai.output.type";
    public const string ResponseModel = "gen_ai.response.model";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string TimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";

    /// <summary>Texts, only if the operator turned them on.</summary>
    public const string InputMessages = "gen_ai.input.messages";

    /// <inheritdoc cref="InputMessages"/>
    public const string OutputMessages = "gen_ai.output.messages";

    /// <summary>Values of <see cref="Operation"/>.</summary>
    public const string Chat = "chat";

    /// <inheritdoc cref="Chat"/>
    public const string InvokeWorkflow = "invoke_workflow";

    public const string CallDuration = "gen_ai.client.inference.duration";
    public const string CallFirstChunk = "gen_ai.client.inference.time_to_first_chunk";
    public const string CallInputTokens = "gen_ai.client.inference.usage.input_tokens";
    public const string CallOutputTokens = "gen_ai.client.inference.usage.output_tokens";
    public const string WorkflowDuration = "gen_ai.invoke_agent.duration";

    /// <summary>A provider as the conventions call it; others keep their own name.</summary>
    public static string ProviderOf(string provider) => Providers.Of(provider).NameInTraces ?? provider;
}
