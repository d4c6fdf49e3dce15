namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The way an answer ended.</summary>
internal enum Ending
{
    /// <summary>There was no finish reason: the answer is not complete.</summary>
    None,
    Stop,
    Length,
    Filtered,

    /// <summary>A reason that means the answer is incomplete, e.g. <c>error</c>.</summary>
    Failed,

    /// <summary>A word that is not known. After text it is an end like any other.</summary>
    Other,
}

/// <summary>The words for finish reasons that are in use, of OpenAI and of all who speak its language in their own way.</summary>
internal static class Endings
{
    /// <summary>Also of two words, as Gemini and Python's enumerations write them: <c>content_filter: RECITATION</c>.</summary>
    public static Ending Of(string word)
    {
        var ending = OfOne(word);
        return ending == Ending.Other && word.IndexOfAny([':', '.']) is > 0 and var at
            ? OfOne(word[(at + 1)..]) is not Ending.Other and var second
                ? second
                : OfOne(word[..at])
            : ending;
    }

    private static Ending OfOne(string word) =>
        word.Trim().ToUpperInvariant().Replace('-', '_') switch
        {
            // Together says eos, TGI eos_token and stop_sequence, Anthropic end_turn, Cohere COMPLETE.
            "STOP" or "EOS" or "EOS_TOKEN" or "END_TURN" or "STOP_SEQUENCE" or "COMPLETE" or "COMPLETED" or "END" or "DONE" or "FINISHED" =>
                Ending.Stop,
            "TOOL_CALLS" or "FUNCTION_CALL" or "TOOL_USE" => Ending.Stop,

            // Mistral says model_length, Gemini and Cohere MAX_TOKENS, Anthropic model_context_window_exceeded.
            "LENGTH" or "MAX_TOKENS" or "MODEL_LENGTH" or "MAX_LENGTH" or "MAX_OUTPUT_TOKENS" or "MODEL_CONTEXT_WINDOW_EXCEEDED" =>
                Ending.Length,

            // Gemini has a word for each rule, Zhipu says sensitive, Cohere ERROR_TOXIC, Bedrock guardrail_intervened.
            "CONTENT_FILTER" or "CONTENT_FILTERED" or "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" =>
                Ending.Filtered,
            "SENSITIVE" or "ERROR_TOXIC" or "REFUSAL" or "GUARDRAIL_INTERVENED" or "IMAGE_SAFETY" => Ending.Filtered,
            "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" or "MODEL_ARMOR" or "PROMPT_BLOCKED" => Ending.Filtered,

            // DeepSeek says insufficient_system_resource, Zhipu network_error, vLLM and SGLang abort, Cohere ERROR, Anthropic pause_turn.
            "ERROR" or "ABORT" or "ABORTED" or "CANCELLED" or "CANCELED" or "USER_CANCEL" or "NETWORK_ERROR" or "TIMEOUT" => Ending.Failed,
            "INSUFFICIENT_SYSTEM_RESOURCE"
            or "PAUSE_TURN"
            or "MALFORMED_FUNCTION_CALL"
            or "FUNCTION_CALL_FILTER"
            or "ERROR_LIMIT"
            or "FAILED"
            or "INCOMPLETE" => Ending.Failed,
            _ => Ending.Other,
        };
}
