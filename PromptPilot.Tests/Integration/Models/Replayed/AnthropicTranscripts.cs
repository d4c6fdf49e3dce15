using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>
/// Typed from Anthropic's reference: https://platform.claude.com/docs/en/build-with-claude/streaming (events),
/// https://platform.claude.com/docs/en/api/messages (usage, stop reasons), https://platform.claude.com/docs/en/api/versioning (the version
/// header),
/// https://platform.claude.com/docs/en/api/errors (errors) and https://platform.claude.com/docs/en/api/models/list.
/// </summary>
internal static class AnthropicTranscripts
{
    /// <param name="counted">The counts of the last delta, which are cumulative. The reference's first example has the output alone, its
    /// example with a search all of them again.</param>
    public static Transcript Answer(string stopReason = "end_turn", string counted = """{"output_tokens": 15}""") =>
        Transcript.Events(
            $$$$$"""
            event: message_start
            data: {"type": "message_start", "message": {"id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY", "type": "message", "role": "assistant", "content": [], "model": "claude-opus-4-6-20260205", "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 25, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 65, "output_tokens": 1}}}

            event: content_block_start
            data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}

            event: ping
            data: {"type": "ping"}

            event: content_block_delta
            data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}

            event: content_block_delta
            data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "!"}}

            event: content_block_stop
            data: {"type": "content_block_stop", "index": 0}

            event: message_delta
            data: {"type": "message_delta", "delta": {"stop_reason": "{{{{{stopReason}}}}}", "stop_sequence": null}, "usage": {{{{{counted}}}}}}

            event: message_stop
            data: {"type": "message_stop"}
            """
        );

    /// <summary>A model that thinks first.</summary>
    public static Transcript Thinking =>
        Transcript.Events(
            """
            event: message_start
            data: {"type": "message_start", "message": {"id": "msg_01", "type": "message", "role": "assistant", "content": [], "model": "claude-opus-4-6-20260205", "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 25, "output_tokens": 1}}}

            event: content_block_start
            data: {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}

            event: content_block_delta
            data: {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "I need to find the GCD."}}

            event: content_block_delta
            data: {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"}}

            event: content_block_stop
            data: {"type": "content_block_stop", "index": 0}

            event: content_block_start
            data: {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}

            event: content_block_delta
            data: {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "It is 21."}}

            event: content_block_stop
            data: {"type": "content_block_stop", "index": 1}

            event: message_delta
            data: {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 40}}

            event: message_stop
            data: {"type": "message_stop"}
            """
        );

    /// <summary>“We may occasionally send errors in the event stream.”</summary>
    public static Transcript ErrorInStream(string type, string message)
    {
        var start = Answer().EndAfter(4);
        return start with
        {
            Pieces =
            [
                .. start.Pieces,
                $$$"""event: error{{{"\n"}}}data: {"type": "error", "error": {"type": "{{{type}}}", "message": "{{{message}}}"}}{{{"\n\n"}}}""",
            ],
        };
    }

    public static Transcript Error(int status, string type, string message, params (string, string)[] headers) =>
        Transcript.Json(
            status,
            $$$"""{"type": "error", "error": {"type": "{{{type}}}", "message": "{{{message}}}"}, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}""",
            headers
        );

    public static Transcript Models =>
        Transcript.Json(
            200,
            """
            {
              "data": [
                {"type": "model", "id": "claude-sonnet-4-6", "display_name": "Claude Sonnet 4.6", "created_at": "2026-02-17T00:00:00Z"},
                {"type": "model", "id": "claude-opus-4-6", "display_name": "Claude Opus 4.6", "created_at": "2026-02-04T00:00:00Z"}
              ],
              "first_id": "claude-sonnet-4-6",
              "has_more": false,
              "last_id": "claude-opus-4-6"
            }
            """
        );
}
