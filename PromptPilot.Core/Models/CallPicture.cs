using PromptPilot.Core.Files;

namespace PromptPilot.Core.Models;

/// <summary>A picture that a call sends. Its content is read from the <see cref="FileStore"/> when the call is made.</summary>
/// <param name="Variable">The variable of the prompt whose value it is.</param>
/// <param name="Mark">The text that stands for it in the messages, e.g. <c>[picture 1]</c>; unique in the call.</param>
public sealed record CallPicture(string Variable, FileReference File, string Mark)
{
    /// <summary>In pixels; null: unknown.</summary>
    public int? Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public int? Height { get; init; }
}
