using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Typed from Microsoft's reference of the v1 endpoint: https://learn.microsoft.com/en-us/azure/ai-foundry/openai/latest (path, api-key
/// header, chunks) and
/// https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-filter-annotations (annotations in chunks, the refusal of a
/// prompt).
/// </summary>
internal static class AzureTranscripts
{
    public static Transcript Answer =>
        Transcript.Events(
            """
            data: {"id":"","object":"","created":0,"model":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}}],"choices":[],"usage":null}

            data: {"id":"chatcmpl-7rCNsVeZy0PGnX3H6jK8STps5nZUY","object":"chat.completion.chunk","created":1692913344,"model":"gpt-4.1-mini-2025-04-14","choices":[{"index":0,"finish_reason":null,"delta":{"role":"assistant","content":"","refusal":null}}],"usage":null}

            data: {"id":"chatcmpl-7rCNsVeZy0PGnX3H6jK8STps5nZUY","object":"chat.completion.chunk","created":1692913344,"model":"gpt-4.1-mini-2025-04-14","choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}},"delta":{"content":"Color"}}],"usage":null}

            data: {"id":"chatcmpl-7rCNsVeZy0PGnX3H6jK8STps5nZUY","object":"chat.completion.chunk","created":1692913344,"model":"gpt-4.1-mini-2025-04-14","choices":[{"index":0,"finish_reason":null,"content_filter_results":{},"delta":{"content":" is"}}],"usage":null}

            data: {"id":"chatcmpl-7rCNsVeZy0PGnX3H6jK8STps5nZUY","object":"chat.completion.chunk","created":1692913344,"model":"gpt-4.1-mini-2025-04-14","choices":[{"index":0,"finish_reason":"stop","content_filter_results":{},"delta":{}}],"usage":null}

            data: {"id":"chatcmpl-7rCNsVeZy0PGnX3H6jK8STps5nZUY","object":"chat.completion.chunk","created":1692913344,"model":"gpt-4.1-mini-2025-04-14","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":2,"total_tokens":32,"prompt_tokens_details":{"cached_tokens":0}}}

            data: [DONE]
            """
        );

    /// <summary>The prompt was refused before the model saw it.</summary>
    public static Transcript Filtered =>
        Transcript.Json(
            400,
            """
            {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", "type": null, "param": "prompt", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": true, "severity": "high"}}}}}
            """
        );

    public static Transcript WrongKey =>
        Transcript.Json(
            401,
            """
            {"error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}
            """
        );

    public static Transcript NoDeployment =>
        Transcript.Json(
            404,
            """
            {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}
            """
        );

    public static Transcript TooFast =>
        Transcript.Json(
            429,
            """
            {"error": {"code": "429", "message": "Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current pricing tier. Please retry after 7 seconds."}}
            """,
            ("Retry-After", "7")
        );
}
