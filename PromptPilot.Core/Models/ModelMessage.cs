namespace PromptPilot.Core.Models;

/// <summary>The role of a message to a model.</summary>
public enum ModelRole
{
    System,
    User,
    Assistant,
}

/// <summary>One message to a model. Its text is sent verbatim.</summary>
public sealed record ModelMessage(ModelRole Role, string Text)
{
    /// <summary>The display name of a message with this role.</summary>
    public static string Name(ModelRole role) =>
        role switch
        {
            ModelRole.System => "System message",
            ModelRole.User => "User message",
            ModelRole.Assistant => "Assistant message",
        };

    /// <summary>The messages of a prompt with one text: an empty system message is not sent.</summary>
    public static IReadOnlyList<ModelMessage> Of(string? systemMessage, string prompt) =>
        string.IsNullOrEmpty(systemMessage)
            ? [new ModelMessage(ModelRole.User, prompt)]
            : [new ModelMessage(ModelRole.System, systemMessage), new ModelMessage(ModelRole.User, prompt)];
}
