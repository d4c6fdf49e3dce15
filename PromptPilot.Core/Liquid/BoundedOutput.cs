using System.Text;
using Scriban.Runtime;

namespace PromptPilot.Core.Liquid;

/// <summary>Rendered text up to <see cref="LiquidLimits.Output"/>. More is an error, not cut off.</summary>
internal sealed class BoundedOutput : IScriptOutput
{
    private readonly StringBuilder _text = new();

    public void Write(string text, int offset, int count)
    {
        if (_text.Length + (long)count > LiquidLimits.Output)
        {
            throw new LiquidException("The rendered text is longer than 4 million characters.", 0);
        }

        _text.Append(text, offset, count);
    }

    public ValueTask WriteAsync(string text, int offset, int count, CancellationToken cancellationToken)
    {
        Write(text, offset, count);
        return ValueTask.CompletedTask;
    }

    public override string ToString() => _text.ToString();
}
