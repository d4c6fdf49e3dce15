using PromptPilot.Core.Models;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>How a server of OpenAI's kind answers, and what is to come of it.</summary>
/// <param name="Name">The server, and what is special.</param>
/// <param name="Source">Where it was seen.</param>
/// <param name="Body">As it comes; line ends are LF.</param>
/// <param name="Text">The answer's text, also of one that fails later.</param>
/// <param name="Fault">Null: a success.</param>
internal sealed record ServerShape(string Name, string Source, string Body, string Text = "", ErrorCode? Fault = null)
{
    public int Status { get; init; } = 200;

    public string ContentType { get; init; } = "text/event-stream";

    /// <summary>The provider's word for the end.</summary>
    public string? Reason { get; init; }

    /// <summary>Tokens of input and output as the server says; null: it does not, they are estimated.</summary>
    public (int Input, int Output)? Usage { get; init; }

    /// <summary>In the fault's message.</summary>
    public string Says { get; init; } = "";

    public override string ToString() => Name;
}

/// <summary>Answers of servers and gateways in the wild, shortened; made-up texts in the places of theirs.</summary>
internal static class ServerShapes
{
    /// <summary>Not seen, but in the spirit of those that were.</summary>
    private const string Imagined = "";

    public static IReadOnlyList<ServerShape> Streams { get; } =
    [
        new(
            "OpenAI: role, text, finish, usage with empty choices",
            "https://developers.openai.com/api/reference/resources/chat",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}

            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello there"},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":0}}}

            data: [DONE]

            """,
            "Hello there"
        )
        {
            Reason = "stop",
            Usage = (12, 3),
        },
        new(
            "Azure OpenAI: filter results first, with an empty model and no index",
            "https://learn.microsoft.com/azure/ai-services/openai/concepts/content-streaming",
            """
            data: {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4.1","choices":[{"delta":{"content":"Hello"},"content_filter_results":{},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"gpt-4.1","choices":[{"delta":{},"finish_reason":"content_filter"}]}

            data: [DONE]

            """,
            "Hello",
            ErrorCode.ContentFiltered
        ),
        new(
            "Gemini: text, finish and usage in every chunk, no index",
            "https://ai.google.dev/gemini-api/docs/openai",
            """
            data: {"choices":[{"delta":{"content":"Hello","role":"assistant"},"index":0}],"created":1,"id":"x","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":1,"prompt_tokens":8,"total_tokens":9}}

            data: {"choices":[{"delta":{"content":" there","extra_content":{"google":{"thought_signature":"Ab=="}},"role":"assistant"},"finish_reason":"stop","index":0}],"created":1,"id":"x","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":2,"prompt_tokens":8,"total_tokens":10}}

            data: [DONE]

            """,
            "Hello there"
        )
        {
            Reason = "stop",
            Usage = (8, 2),
        },
        new(
            "Mistral: thinking and text as parts",
            "https://github.com/BerriAI/litellm/issues/16272",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"magistral-medium-2509","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"magistral-medium-2509","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"They greet me"}]}]},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"magistral-medium-2509","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Hello"},{"type":"reference","reference_ids":[0]}]},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"magistral-medium-2509","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"total_tokens":29,"completion_tokens":20}}

            data: [DONE]

            """,
            "Hello there"
        )
        {
            Reason = "stop",
            Usage = (9, 20),
        },
        new(
            "Mistral: its own word for the token limit, usage as an empty object",
            "https://github.com/BerriAI/litellm/issues/1371",
            """
            data: {"id":"c","model":"mistral-medium","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"usage":{}}

            data: {"id":"c","model":"mistral-medium","choices":[{"index":0,"delta":{"role":null,"content":"Hello"},"finish_reason":"model_length"}],"usage":{}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "model_length",
        },
        new(
            "Groq: usage in its own corner",
            "https://github.com/Portkey-AI/gateway/issues/1072",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"llama-3.3-70b-versatile","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"logprobs":null,"finish_reason":null}],"x_groq":{"id":"req_1"}}

            data: {"id":"c","object":"chat.completion.chunk","model":"llama-3.3-70b-versatile","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.09,"prompt_tokens":46,"completion_tokens":5,"total_tokens":51}}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (46, 5),
        },
        new(
            "Groq: an error in its own corner",
            "https://github.com/groq/groq-python/blob/main/src/groq/types/chat/chat_completion_chunk.py",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[],"x_groq":{"id":"req_1","error":"over capacity"}}

            """,
            "Hel",
            ErrorCode.ProviderError
        )
        {
            Says = "over capacity",
        },
        new(
            "Together: eos",
            "https://github.com/openai/openai-dotnet/pull/267",
            """
            data: {"id":"c","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"text":"Hello","logprobs":null,"finish_reason":null,"seed":null,"delta":{"token_id":9906,"role":"assistant","content":"Hello","tool_calls":null}}],"model":"meta-llama/Llama-3","usage":null}

            data: {"id":"c","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"eos","seed":17,"delta":{"token_id":128009,"role":"assistant","content":""}}],"model":"meta-llama/Llama-3","usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "eos",
            Usage = (11, 2),
        },
        new(
            "OpenRouter: comments, native reasons beside OpenAI's, usage with a cost",
            "https://openrouter.ai/docs/api/reference/streaming",
            """
            : OPENROUTER PROCESSING

            : OPENROUTER PROCESSING

            data: {"id":"gen-1","provider":"Some","model":"openai/gpt-4o","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello","reasoning":null},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}

            data: {"id":"gen-1","provider":"Some","model":"openai/gpt-4o","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop","native_finish_reason":"STOP","logprobs":null}]}

            : OPENROUTER PROCESSING

            data: {"id":"gen-1","provider":"Some","model":"openai/gpt-4o","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"native_finish_reason":null,"logprobs":null}],"usage":{"prompt_tokens":14,"completion_tokens":2,"total_tokens":16,"cost":0.00003,"is_byok":false,"cost_details":{"upstream_inference_cost":null}}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (14, 2),
        },
        new(
            "OpenRouter: an error in the middle, with a finish reason that is none",
            "https://openrouter.ai/docs/api/reference/streaming",
            """
            data: {"id":"gen-1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

            data: {"id":"gen-1","object":"chat.completion.chunk","created":1,"model":"m","provider":"openai","error":{"code":"server_error","message":"Provider disconnected unexpectedly"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}

            data: [DONE]

            """,
            "Hel",
            ErrorCode.ProviderError
        )
        {
            Says = "Provider disconnected unexpectedly",
        },
        new(
            "OpenRouter: a number as code, the provider's words beside it",
            "https://openrouter.ai/docs/api/reference/errors-and-debugging",
            """
            data: {"id":"gen-1","object":"chat.completion.chunk","choices":[],"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"m is temporarily rate-limited upstream","provider_name":"Some"}},"user_id":"u"}

            """,
            Fault: ErrorCode.RateLimited
        )
        {
            Says = "temporarily rate-limited upstream",
        },
        new(
            "DeepSeek: comments to keep alive, thinking in a field of its own, cached tokens",
            "https://api-docs.deepseek.com/guides/reasoning_model",
            """
            : keep-alive

            data: {"id":"d","object":"chat.completion.chunk","model":"deepseek-reasoner","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"They greet"},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"d","object":"chat.completion.chunk","model":"deepseek-reasoner","choices":[{"index":0,"delta":{"content":"Hello","reasoning_content":null},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"d","object":"chat.completion.chunk","model":"deepseek-reasoner","choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":40,"total_tokens":47,"prompt_cache_hit_tokens":6,"prompt_cache_miss_tokens":1}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (7, 40),
        },
        new(
            "DeepSeek: interrupted for want of resources",
            "https://api-docs.deepseek.com/api/create-chat-completion",
            """
            data: {"id":"d","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

            data: {"id":"d","choices":[{"index":0,"delta":{"content":""},"finish_reason":"insufficient_system_resource"}]}

            data: [DONE]

            """,
            "Hel",
            ErrorCode.IncompleteStream
        )
        {
            Says = "insufficient_system_resource",
        },
        new(
            "vLLM: a refusal inside the stream",
            "https://github.com/BerriAI/litellm/pull/32237",
            """
            data: {"error": {"object": "error", "message": "The model is not multimodal. Please remove image inputs.", "type": "BadRequestError", "param": null, "code": 400}}
            data: [DONE]

            """,
            Fault: ErrorCode.BadRequest
        )
        {
            Says = "not multimodal",
        },
        new(
            "vLLM: usage that grows, a stop reason of its own",
            "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":20,"total_tokens":20,"completion_tokens":0}}

            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null,"stop_reason":null}],"usage":{"prompt_tokens":20,"total_tokens":21,"completion_tokens":1}}

            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":" there"},"logprobs":null,"finish_reason":"stop","stop_reason":128009}],"usage":{"prompt_tokens":20,"total_tokens":23,"completion_tokens":3}}

            data: [DONE]

            """,
            "Hello there"
        )
        {
            Reason = "stop",
            Usage = (20, 3),
        },
        new(
            "vLLM and SGLang: aborted",
            "https://docs.vllm.ai/en/latest/api/vllm/v1/request.html",
            """
            data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

            data: {"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"abort"}]}

            data: [DONE]

            """,
            "Hel",
            ErrorCode.IncompleteStream
        ),
        new(
            "llama.cpp: the prompt is too long, said inside the stream",
            "https://github.com/ggml-org/llama.cpp/issues/19774",
            """
            data: {"error":{"code":400,"message":"request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":4390,"n_ctx":4096}}

            """,
            Fault: ErrorCode.ContextTooLong
        )
        {
            Says = "4390 tokens",
        },
        new(
            "llama.cpp: the field error in front of the data, as older builds send it",
            "https://github.com/ggml-org/llama.cpp/pull/15780",
            """
            data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}

            error: {"code":500,"message":"Context size has been exceeded.","type":"server_error"}

            """,
            Fault: ErrorCode.IncompleteStream
        ),
        new(
            "llama.cpp: timings beside the usage",
            "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
            """
            data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}

            data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hello"}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}

            data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}

            data: {"choices":[],"created":1,"id":"c","model":"m","object":"chat.completion.chunk","usage":{"completion_tokens":2,"prompt_tokens":13,"total_tokens":15},"timings":{"prompt_n":13,"predicted_n":2,"predicted_per_second":51.2}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (13, 2),
        },
        new(
            "LM Studio: an event of its own, the error twice",
            "https://github.com/zendev-sh/goai/pull/110",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"logprobs":null,"finish_reason":null}]}

            event: error
            data: {"error":{"message":"Compute error."},"message":"Compute error."}

            """,
            "Hel",
            ErrorCode.ProviderError
        )
        {
            Says = "Compute error.",
        },
        new(
            "LM Studio: the error as a bare text",
            "https://github.com/odysseus-dev/odysseus/pull/736",
            """
            event: error
            data: Error rendering prompt with jinja template

            """,
            Fault: ErrorCode.ProviderError
        )
        {
            Says = "Error rendering prompt with jinja template",
        },
        new(
            "LM Studio: an empty answer that looks like a good one",
            "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2339",
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}

            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":36000,"completion_tokens":0,"total_tokens":36000}}

            data: [DONE]

            """,
            Fault: ErrorCode.IncompleteStream
        ),
        new(
            "Ollama /v1: an empty finish reason in every chunk",
            "https://github.com/ollama/ollama/issues/4357",
            """
            data: {"id":"chatcmpl-693","object":"chat.completion.chunk","created":1,"model":"mistral:latest","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":""}]}

            data: {"id":"chatcmpl-693","object":"chat.completion.chunk","created":1,"model":"mistral:latest","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":" there"},"finish_reason":""}]}

            data: {"id":"chatcmpl-693","object":"chat.completion.chunk","created":1,"model":"mistral:latest","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}

            data: [DONE]

            """,
            "Hello there"
        )
        {
            Reason = "stop",
        },
        new(
            "LocalAI: no finish reason but in the end, usage of zeros",
            "https://github.com/mudler/LocalAI/issues/1744",
            """
            data: {"created":1,"object":"chat.completion.chunk","id":"5","model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}

            data: {"created":1,"object":"chat.completion.chunk","id":"5","model":"gpt","choices":[{"index":0,"delta":{"content":"Hello"}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}

            data: {"created":1,"object":"chat.completion.chunk","id":"5","model":"gpt","choices":[{"index":0,"finish_reason":"stop","delta":{"content":""}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
        },
        new(
            "LocalAI: [DONE] without a finish reason",
            "https://github.com/mudler/LocalAI/issues/1886",
            """
            data: {"created":1,"object":"chat.completion.chunk","id":"X","model":"m","choices":[{"index":0,"finish_reason":"","delta":{"content":"Hel"}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}

            data: [DONE]

            """,
            "Hel",
            ErrorCode.IncompleteStream
        ),
        new(
            "FastChat: the delta as a bare text",
            "https://github.com/lm-sys/FastChat/pull/873",
            """
            data: {"choices":[{"delta":{"role":"assistant"},"finish_reason":null,"index":0}],"object":"chat.completion.chunk"}

            data: {"choices":[{"delta":"Hello","finish_reason":null,"index":0}],"object":"chat.completion.chunk"}

            data: {"choices":[{"delta":{},"finish_reason":"stop","index":0}],"object":"chat.completion.chunk"}

            """,
            "Hello"
        )
        {
            Reason = "stop",
        },
        new(
            "LiteLLM: a number as text for a code",
            "https://github.com/BerriAI/litellm/issues/40578",
            """
            data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hel"}}]}

            data: {"error": {"message": "litellm.RateLimitError: queue is full", "type": "None", "param": "None", "code": "429"}}

            data: [DONE]

            """,
            "Hel",
            ErrorCode.RateLimited
        )
        {
            Says = "queue is full",
        },
        new(
            "Perplexity: each chunk has the whole message beside the delta, and usage so far",
            "https://github.com/perplexityai/api-discussion/issues/193",
            """
            data: {"id": "p", "model": "sonar", "created": 1, "usage": {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}, "citations": ["https://example.org"], "object": "chat.completion", "choices": [{"index": 0, "finish_reason": null, "message": {"role": "assistant", "content": "Hello"}, "delta": {"role": "assistant", "content": "Hello"}}]}

            data: {"id": "p", "model": "sonar", "created": 1, "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}, "citations": [], "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello there"}, "delta": {"role": "assistant", "content": " there"}}]}

            """,
            "Hello there"
        )
        {
            Reason = "stop",
            Usage = (10, 2),
        },
        new(
            "xAI: usage in the last but one chunk",
            "https://github.com/BerriAI/litellm/issues/17136",
            """
            data: {"id":"x","object":"chat.completion.chunk","model":"grok-4","choices":[{"index":0,"delta":{"content":"Hello","role":"assistant"}}],"system_fingerprint":"fp"}

            data: {"id":"x","object":"chat.completion.chunk","model":"grok-4","choices":[{"index":0,"delta":{"content":"","role":"assistant"},"finish_reason":"stop"}],"usage":{"prompt_tokens":31,"completion_tokens":4,"total_tokens":35,"num_sources_used":0}}

            data: {"id":"x","object":"chat.completion.chunk","model":"grok-4","choices":[]}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (31, 4),
        },
        new(
            "Moonshot: usage inside the choice",
            "https://github.com/northes/go-moonshot/issues/17",
            """
            data: {"id":"cmpl-1","object":"chat.completion.chunk","created":1,"model":"moonshot-v1-8k","choices":[{"index":0,"delta":{"content":"你好"},"finish_reason":null}]}

            data: {"id":"cmpl-1","object":"chat.completion.chunk","created":1,"model":"moonshot-v1-8k","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":19,"completion_tokens":13,"total_tokens":32}}]}

            data: [DONE]

            """,
            "你好"
        )
        {
            Reason = "stop",
            Usage = (19, 13),
        },
        new(
            "Cohere: its own words for the end",
            "https://github.com/mozilla-ai/any-llm/pull/1301",
            """
            data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}],"model":"command-a","object":"chat.completion.chunk"}

            data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"COMPLETE"}],"model":"command-a","object":"chat.completion.chunk"}

            """,
            "Hello"
        )
        {
            Reason = "COMPLETE",
        },
        new(
            "TGI: eos_token, no space behind the colon",
            "https://github.com/spring-projects/spring-ai/pull/4900",
            """
            data:{"object":"chat.completion.chunk","id":"","created":1,"model":"m","system_fingerprint":"3.0","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}

            data:{"object":"chat.completion.chunk","id":"","created":1,"model":"m","system_fingerprint":"3.0","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":"eos_token"}],"usage":null}

            data:{"object":"chat.completion.chunk","id":"","created":1,"model":"m","system_fingerprint":"3.0","choices":[],"usage":{"prompt_tokens":18,"completion_tokens":2,"total_tokens":20}}

            data:[DONE]

            """,
            "Hello"
        )
        {
            Reason = "eos_token",
            Usage = (18, 2),
        },
        new(
            "TGI: too long, as a text with a type beside it",
            "https://github.com/huggingface/huggingface_hub/pull/2558",
            """
            data:{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 6 `inputs` tokens and 4091 `max_new_tokens`","error_type":"validation"}

            """,
            Fault: ErrorCode.ContextTooLong
        )
        {
            Says = "Given: 6",
        },
        new(
            "A gateway: the quota in words only",
            "https://github.com/apache/rocketmq-dashboard/issues/2178",
            """
            data: {"error":{"message":"quota exceeded"}}

            data: [DONE]

            """,
            Fault: ErrorCode.Quota
        ),
        new(
            "Nobody yet: usage in an event of its own, the text once more beside the choices",
            Imagined,
            """
            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}],"response":"Hello"}

            data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":null},"finish_reason":"stop"}]}

            event: usage
            data: {"prompt_tokens":22,"completion_tokens":4,"total_tokens":26}

            data: [DONE]

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (22, 4),
        },
        new(
            "Nobody yet: the text in the field of old completions, counts as texts and fractions",
            Imagined,
            """
            data: {"id":"c","object":"text_completion","model":"m","choices":[{"index":0,"text":"Hello","finish_reason":null}]}

            data: {"id":"c","object":"text_completion","model":"m","choices":[{"index":0,"text":"","finish_reason":"length"}],"usage":{"prompt_tokens":"5","completion_tokens":1.0}}

            """,
            "Hello"
        )
        {
            Reason = "length",
            Usage = (5, 1),
        },
        new(
            "Nobody yet: the whole answer as one message",
            Imagined,
            """
            data: {"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"input_tokens":5,"output_tokens":1}}

            """,
            "Hello"
        )
        {
            Reason = "stop",
            Usage = (5, 1),
        },
        new(
            "Nobody yet: fields of another type everywhere",
            Imagined,
            """
            event: ping
            data: still here

            data: "a text"

            data: {"id":7,"object":["chunk"],"created":"now","model":{"name":"m"},"choices":[{"index":"0","delta":{"role":["assistant"],"content":"Hello","tool_calls":"none","reasoning_content":{"deep":[[[[{}]]]]}},"logprobs":{"content":[null,1,{}]},"finish_reason":false}],"usage":"later","error":null}

            event: message
            data: {"choices":{"delta":{"content":{"type":"text","text":" there"}},"finish_reason":{"type":"stop"}},"usage":[1,2],"error":{},"extra":1e999,}

            """,
            "Hello there"
        )
        {
            Reason = "stop",
        },
        new(
            "Nobody yet: text in a form that is not known",
            Imagined,
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{"content":42},"finish_reason":"stop"}]}

            """,
            "Hel",
            ErrorCode.IncompleteStream
        ),
        new(
            "Nobody yet: the end by a word that nobody knows",
            Imagined,
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"gone_fishing"}]}

            """,
            "Hello"
        )
        {
            Reason = "gone_fishing",
        },
        new(
            "Nobody yet: a detail instead of an end",
            Imagined,
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}

            data: {"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}

            """,
            "Hel",
            ErrorCode.ProviderError
        )
        {
            Says = "body.messages: field required",
        },
        new(
            "Nobody yet: an emoji cut in two, as escapes",
            Imagined,
            """
            data: {"choices":[{"index":0,"delta":{"content":"Fly \ud83d"}}]}

            data: {"choices":[{"index":0,"delta":{"content":"\ude80 now"},"finish_reason":"stop"}]}

            """,
            "Fly 🚀 now"
        )
        {
            Reason = "stop",
        },
        new(
            "Nobody yet: half an emoji",
            Imagined,
            """
            data: {"choices":[{"index":0,"delta":{"content":"Fly \ud83d"}}]}

            data: {"choices":[{"index":0,"delta":{"content":" now"},"finish_reason":"stop"}]}

            """,
            "Fly ",
            ErrorCode.IncompleteStream
        )
        {
            Says = "an incomplete character",
        },
    ];

    /// <summary>Answers with an error status, and a stream's worth of those that came as JSON with status 200.</summary>
    public static IReadOnlyList<ServerShape> Errors { get; } =
    [
        Error(
            "DeepSeek: no money",
            "https://github.com/continuedev/continue/issues/9942",
            402,
            ErrorCode.Quota,
            """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""",
            "Insufficient Balance"
        ),
        Error(
            "DeepSeek through a gateway",
            "https://github.com/Aider-AI/aider/issues/4851",
            400,
            ErrorCode.Quota,
            """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""",
            "Insufficient Balance"
        ),
        Error(
            "OpenRouter: no money",
            "https://github.com/can1357/oh-my-pi/issues/9569",
            402,
            ErrorCode.Quota,
            """{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}""",
            "more credits"
        ),
        Error(
            "xAI: no money, 403",
            "https://github.com/Wei-Shaw/sub2api/issues/4069",
            403,
            ErrorCode.Quota,
            """{"code":"permission-denied","error":"You have run out of credits or need a Grok subscription."}""",
            "run out of credits"
        ),
        Error(
            "xAI: no money, 429",
            "https://github.com/continuedev/continue/issues/10373",
            429,
            ErrorCode.Quota,
            """{"code":"Some resource has been exhausted","error":"Your team has either used all available credits or reached its monthly spending limit."}""",
            "spending limit"
        ),
        Error(
            "Cloudflare: the free allocation is used",
            "https://developers.cloudflare.com/workers-ai/platform/errors/",
            429,
            ErrorCode.Quota,
            """{"result":null,"success":false,"errors":[{"code":3036,"message":"You have used up your daily free allocation of 10,000 neurons."}],"messages":[]}""",
            "daily free allocation"
        ),
        Error(
            "Cloudflare: no such model",
            "https://developers.cloudflare.com/workers-ai/platform/errors/",
            400,
            ErrorCode.ModelUnavailable,
            """{"result":null,"success":false,"errors":[{"code":5007,"message":"No such model @cf/none or task"}],"messages":[]}""",
            "could not find this model"
        ),
        Error(
            "Mistral: a field too many",
            "https://github.com/editor-code-assistant/eca/issues/231",
            422,
            ErrorCode.BadRequest,
            """{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted","input":32000}]},"type":"invalid_request_error","param":null,"code":null}""",
            "body.max_completion_tokens: Extra inputs are not permitted"
        ),
        Error(
            "Mistral: wrong key",
            "https://github.com/elastic/elasticsearch/pull/128538",
            401,
            ErrorCode.Auth,
            """{"message":"Unauthorized","request_id":"a580"}""",
            "Unauthorized"
        ),
        Error(
            "Fireworks: wrong path",
            "https://github.com/ChatGPTNextWeb/NextChat/issues/3581",
            404,
            ErrorCode.BadRequest,
            """{"detail":"Not Found"}""",
            "Not Found"
        ),
        Error(
            "FastAPI: a list of problems",
            "https://fastapi.tiangolo.com/tutorial/handling-errors/",
            422,
            ErrorCode.BadRequest,
            """{"detail":[{"loc":["body","stop",0],"msg":"str type expected","type":"type_error.str"},{"loc":["body","n"],"msg":"field required","type":"value_error.missing"}]}""",
            "body.stop.0: str type expected; body.n: field required"
        ),
        Error(
            "One API: the status as text",
            "https://github.com/songquanpeng/one-api/issues/1290",
            422,
            ErrorCode.BadRequest,
            """{"error":{"message":" (request id: 2024)","type":"upstream_error","param":"422","code":"bad_response_status_code"}}""",
            "request id"
        ),
        Error(
            "A gateway: code and message bare",
            "https://github.com/666ghj/BettaFish/issues/336",
            400,
            ErrorCode.BadRequest,
            """{"requestId":"50493e12","code":"InvalidParameter","message":"No static resource chat/completions."}""",
            "No static resource"
        ),
        Error(
            "Azure proxy: no streaming",
            "https://github.com/stulzq/azure-openai-proxy/issues/63",
            400,
            ErrorCode.BadRequest,
            """{"message":"Streaming completion is not support yet, please remove 'stream' key value in the request payload."}""",
            "Streaming completion"
        ),
        Error(
            "llama.cpp: too long",
            "https://github.com/oobabooga/textgen/issues/7257",
            400,
            ErrorCode.ContextTooLong,
            """{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}""",
            "exceeds the available context size"
        ),
        Error(
            "llama.cpp: too long, 500",
            "https://github.com/ggml-org/llama.cpp/issues/19774",
            500,
            ErrorCode.ContextTooLong,
            """{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}""",
            "exceeded"
        ),
        Error(
            "llama.cpp: too long, with status 200",
            "https://github.com/oobabooga/textgen/issues/7257",
            200,
            ErrorCode.ContextTooLong,
            """{"error":{"code":400,"message":"the request exceeds the available context size.","type":"exceed_context_size_error"}}""",
            "too long for this model"
        ),
        Error(
            "OpenRouter: flagged",
            "https://openrouter.ai/docs/api/reference/errors-and-debugging",
            403,
            ErrorCode.ContentFiltered,
            """{"error":{"code":403,"message":"Your chosen model requires moderation and your input was flagged","metadata":{"reasons":["violence"],"flagged_input":"…"}}}""",
            "content filter"
        ),
        Error(
            "OpenRouter: a number as code, with status 200",
            "https://openrouter.ai/docs/api/reference/errors-and-debugging",
            200,
            ErrorCode.ProviderError,
            """{"error":{"code":502,"message":"Your chosen model is down"}}""",
            "failed (502)"
        ),
        Error(
            "LiteLLM: wrong key",
            "https://docs.litellm.ai/docs/proxy/virtual_keys",
            401,
            ErrorCode.Auth,
            """{"error":{"message":"Authentication Error, Invalid proxy server token passed. Received API Key = sk-canary-0123456789abcdef","type":"auth_error","param":"None","code":"401"}}""",
            "Received API Key = [key]"
        ),
        Error(
            "LiteLLM: wrong model",
            "https://docs.litellm.ai/docs/exception_mapping",
            400,
            ErrorCode.ModelUnavailable,
            """{"error":{"message":"/chat/completions: Invalid model name passed in model=gpt-9","type":"invalid_request_error","param":"model","code":"400"}}""",
            "could not find this model"
        ),
        Error(
            "vLLM: wrong model",
            "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
            404,
            ErrorCode.ModelUnavailable,
            """{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","param":null,"code":404}""",
            "does not exist"
        ),
        Error(
            "TGI: overloaded",
            "https://github.com/huggingface/text-generation-inference/blob/main/router/src/server.rs",
            503,
            ErrorCode.ProviderError,
            """{"error":"Model is overloaded","error_type":"overloaded"}""",
            "Model is overloaded"
        ),
        Error(
            "TGI: too long",
            "https://github.com/huggingface/huggingface_hub/issues/2514",
            422,
            ErrorCode.ContextTooLong,
            """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.","error_type":"validation"}""",
            "4096"
        ),
        Error(
            "Gemini: wrong key, as a list",
            "https://ai.google.dev/gemini-api/docs/troubleshooting",
            400,
            ErrorCode.Auth,
            """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""",
            "API key not valid"
        ),
        Error("A proxy: plain text", Imagined, 502, ErrorCode.ProviderError, "upstream connect error", "upstream connect error"),
        Error(
            "A proxy: a problem document",
            Imagined,
            429,
            ErrorCode.RateLimited,
            """{"type":"about:blank","title":"Too many requests","status":429}""",
            "Too many requests"
        ),
        Error(
            "A proxy: errors inside errors",
            Imagined,
            400,
            ErrorCode.BadRequest,
            """{"error":{"error":{"error":{"message":"deep","code":"bad"}}}}""",
            "deep"
        ),
        Error("A proxy: nothing at all", Imagined, 400, ErrorCode.BadRequest, "", "refused the request (400)"),
        Error("A proxy: JSON that is no object", Imagined, 400, ErrorCode.BadRequest, "[[[[[]]]]]", "refused the request (400)"),
        Error(
            "A proxy: half a character in the message",
            Imagined,
            400,
            ErrorCode.BadRequest,
            """{"error":{"message":"a \ud83d b"}}""",
            "refused the request (400)"
        ),
    ];

    private static ServerShape Error(string name, string source, int status, ErrorCode fault, string body, string says) =>
        new(name, source, body, Fault: fault)
        {
            Status = status,
            Says = says,
            ContentType = "application/json",
        };
}
