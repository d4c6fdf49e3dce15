using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Typed from Google's reference: https://ai.google.dev/gemini-api/docs/openai (the OpenAI-compatible endpoint, its chunks and list of
/// models),
/// https://ai.google.dev/gemini-api/docs/troubleshooting (statuses) and https://cloud.google.com/apis/design/errors (the error model with
/// its details; this endpoint wraps it in a list).
/// </summary>
internal static class GeminiTranscripts
{
    public static Transcript Answer =>
        Transcript.Events(
            """
            data: {"choices":[{"delta":{"content":"Hello","role":"assistant"},"index":0}],"created":1737384032,"id":"aFyoZ5","model":"gemini-2.5-flash","object":"chat.completion.chunk"}

            data: {"choices":[{"delta":{"content":" there.","role":"assistant"},"finish_reason":"stop","index":0}],"created":1737384032,"id":"aFyoZ5","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":9,"prompt_tokens":12,"total_tokens":21}}

            data: [DONE]
            """
        );

    public static Transcript WrongKey =>
        Transcript.Json(
            400,
            """
            [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT", "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}}]}}]
            """
        );

    public static Transcript TooFast =>
        Transcript.Json(
            429,
            """
            [{"error": {"code": 429, "message": "You exceeded your current quota, please check your plan and billing details.", "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]}}]
            """
        );

    public static Transcript Overloaded =>
        Transcript.Json(
            503,
            """
            [{"error": {"code": 503, "message": "The model is overloaded. Please try again later.", "status": "UNAVAILABLE"}}]
            """
        );

    public static Transcript TooLong =>
        Transcript.Json(
            400,
            """
            [{"error": {"code": 400, "message": "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT"}}]
            """
        );

    public static Transcript Models =>
        Transcript.Json(
            200,
            """
            {"object": "list", "data": [
              {"id": "models/gemini-2.5-pro", "object": "model", "owned_by": "google"},
              {"id": "models/gemini-2.5-flash", "object": "model", "owned_by": "google"},
              {"id": "models/text-embedding-004", "object": "model", "owned_by": "google"}
            ]}
            """
        );
}
