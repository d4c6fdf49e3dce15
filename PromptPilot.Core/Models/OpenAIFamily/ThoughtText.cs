using System.Text;
using System.Text.Json;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// The thinking that servers send beside the answer, as <c>reasoning_content</c> (DeepSeek, vLLM, Qwen), <c>reasoning</c> (OpenRouter,
/// Groq) or parts. It is kept only for the log: parts that cannot be read are left out.
/// </summary>
internal sealed class ThoughtText
{
    private readonly StringBuilder _text = new();
    private int _length;

    public void Append(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length == 0 || _length >= ModelReply.MaxThinking)
        {
            return;
        }

        var text = JsonWords.Text(ref json);
        _text.Append(text);
        _length += text?.Length ?? 0;
    }

    public string? Take()
    {
        if (_text.Length == 0)
        {
            return null;
        }

        var text = _text.ToString();
        _text.Clear();
        return text;
    }
}
