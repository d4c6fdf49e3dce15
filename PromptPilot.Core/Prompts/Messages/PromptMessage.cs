namespace PromptPilot.Core.Prompts.Messages;

/// <summary>The kind of a prompt's message.</summary>
public enum MessageRole
{
    System,
    User,
    Assistant,

    /// <summary>Replaced by the messages of a list variable, e.g. the history of a conversation.</summary>
    Placeholder,
}

/// <summary>One message of a prompt.</summary>
/// <param name="Content">Liquid; of a placeholder, the name of its variable.</param>
public sealed record PromptMessage(MessageRole Role, string Content);
