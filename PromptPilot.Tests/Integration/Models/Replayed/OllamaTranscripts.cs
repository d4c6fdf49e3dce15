using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Typed from Ollama's reference: https://github.com/ollama/ollama/blob/main/docs/api.md (chat, tags) and
/// https://docs.ollama.com/api/errors (errors, also inside a stream).
/// </summary>
internal static class OllamaTranscripts
{
    public static Transcript Answer(string doneReason = "\"done_reason\": \"stop\", ") =>
        Transcript.Lines(
            $$"""
            {"model": "llama3.2", "created_at": "2023-08-04T08:52:19.385406455-07:00", "message": {"role": "assistant", "content": "The", "images": null}, "done": false}
            {"model": "llama3.2", "created_at": "2023-08-04T08:52:19.485406455-07:00", "message": {"role": "assistant", "content": " sky"}, "done": false}
            {"model": "llama3.2", "created_at": "2023-08-04T19:22:45.499127Z", "message": {"role": "assistant", "content": ""}, {{doneReason}}"done": true, "total_duration": 4883583458, "load_duration": 1334875, "prompt_eval_count": 26, "prompt_eval_duration": 342546000, "eval_count": 282, "eval_duration": 4535599000}
            """
        );

    public static Transcript ErrorInStream =>
        Transcript.Lines(
            """
            {"model": "llama3.2", "created_at": "2023-08-04T08:52:19.385406455-07:00", "message": {"role": "assistant", "content": "The"}, "done": false}
            {"error": "an error was encountered while running the model"}
            """
        );

    public static Transcript Error(int status, string message) => Transcript.Json(status, $$"""{"error": "{{message}}"}""");

    public static Transcript Models =>
        Transcript.Json(
            200,
            """
            {
              "models": [
                {"name": "bge-m3:latest", "model": "bge-m3:latest", "modified_at": "2025-05-10T08:06:48.639712648-07:00", "size": 1157672605, "digest": "7907646426070047a77226ac3e684fbbe8410524f7b4a74d02837e43f2146bab", "details": {"parent_model": "", "format": "gguf", "family": "bert", "families": ["bert"], "parameter_size": "566.70M", "quantization_level": "F16"}},
                {"name": "qwen3-embedding:latest", "model": "qwen3-embedding:latest", "modified_at": "2025-05-10T08:06:48.639712648-07:00", "size": 4683075271, "digest": "64b933495768", "details": {"parent_model": "", "format": "gguf", "family": "qwen3", "families": ["qwen3"], "parameter_size": "7.6B", "quantization_level": "Q4_K_M"}},
                {"name": "deepseek-r1:latest", "model": "deepseek-r1:latest", "modified_at": "2025-05-10T08:06:48.639712648-07:00", "size": 4683075271, "digest": "0a8c266910232fd3291e71e5ba1e058cc5af9d411192cf88b6d30e92b6e73163", "details": {"parent_model": "", "format": "gguf", "family": "qwen2", "families": ["qwen2"], "parameter_size": "7.6B", "quantization_level": "Q4_K_M"}},
                {"name": "llama3.2:latest", "model": "llama3.2:latest", "modified_at": "2025-05-04T17:37:44.706015396-07:00", "size": 2019393189, "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72", "details": {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}}
              ]
            }
            """
        );
}
