using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Typed from OpenAI's reference: https://developers.openai.com/api/reference/resources/chat (chunks, usage),
/// https://developers.openai.com/api/docs/guides/error-codes (errors)
/// and https://developers.openai.com/api/reference/resources/models.
/// </summary>
internal static class OpenAITranscripts
{
    public static Transcript Answer(string finishReason = "stop") =>
        Transcript.Events(
            $$$$$"""
            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"!"},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"{{{{{finishReason}}}}}"}],"usage":null}

            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}

            data: [DONE]
            """
        );

    public static Transcript ErrorInStream =>
        Transcript.Events(
            """
            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}

            data: {"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}

            data: [DONE]
            """
        );

    public static Transcript Error(int status, string code, string message, params (string, string)[] headers) =>
        Transcript.Json(
            status,
            $$$"""{"error": {"message": "{{{message}}}", "type": "invalid_request_error", "param": null, "code": "{{{code}}}"}}""",
            headers
        );

    public static Transcript Models =>
        Transcript.Json(
            200,
            """
            {
              "object": "list",
              "data": [
                {"id": "gpt-4o-mini", "object": "model", "created": 1686935002, "owned_by": "system"},
                {"id": "text-embedding-3-small", "object": "model", "created": 1686935002, "owned_by": "system"},
                {"id": "gpt-4.1", "object": "model", "created": 1686935002, "owned_by": "system", "shutdown_date": "2027-01-14"}
              ]
            }
            """
        );
}
