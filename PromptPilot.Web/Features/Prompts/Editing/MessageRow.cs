using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts.Messages;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>One message in the form. It keeps its identity when it moves, and with it the text area that it is typed in.</summary>
public sealed class MessageRow(MessageRole role, string content)
{
    public Guid Id { get; } = Guid.NewGuid();

    public MessageRole Role { get; set; } = role;

    public string Content { get; set; } = content;

    /// <summary>Its text is hidden, so that a long list can be read.</summary>
    public bool IsFolded { get; set; }

    /// <summary>The element that gets the focus after a move by keyboard.</summary>
    internal ElementReference Head { get; set; }

    public PromptMessage ToMessage() => new(Role, Content);
}
