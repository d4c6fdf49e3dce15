namespace PromptPilot.Core.Liquid;

/// <summary>An error in a template with its place. Line and column start at 1.</summary>
public sealed record LiquidError(string Message, int Line, int Column);

/// <summary>A template that cannot be parsed or rendered; caught at the engine's edge and never seen outside.</summary>
internal sealed class LiquidException(string message, int offset) : Exception(message)
{
    /// <summary>Zero-based place in the template's text.</summary>
    public int Offset { get; } = offset;

    /// <summary>The braces may be meant as text: the message then says how to write them.</summary>
    public bool MayBeText { get; init; }
}
