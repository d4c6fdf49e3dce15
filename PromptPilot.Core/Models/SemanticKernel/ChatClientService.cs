using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// An <see cref="IChatClient"/> as a chat service, so that it is called like every provider. Semantic Kernel's own adapter loses the
/// finish reason, without which no answer counts;
/// here each chunk carries the whole <see cref="ChatResponseUpdate"/>.
/// </summary>
/// <param name="mark">Marks messages for the provider's cache; null: they are sent as they are.</param>
internal sealed class ChatClientService(IChatClient client, Action<IReadOnlyList<ChatMessage>>? mark = null) : IChatCompletionService
{
    public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await foreach (var update in client.GetStreamingResponseAsync(Messages(chatHistory), Options(executionSettings), cancellationToken))
        {
            // The text stays in the update: as content it would cost a list of items for each piece.
            yield return new StreamingChatMessageContent(AuthorRole.Assistant, content: null, update, modelId: update.ModelId);
        }
    }

    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default
    )
    {
        var response = await client.GetResponseAsync(Messages(chatHistory), Options(executionSettings), cancellationToken);
        return [new ChatMessageContent(AuthorRole.Assistant, response.Text, response.ModelId)];
    }

    private List<ChatMessage> Messages(ChatHistory history)
    {
        List<ChatMessage> messages =
        [
            .. history.Select(message =>
                message.Items.Count > 1
                    ? new ChatMessage(RoleOf(message.Role), [.. message.Items.Select(ContentOf)])
                    : new ChatMessage(RoleOf(message.Role), message.Content)
            ),
        ];
        mark?.Invoke(messages);
        return messages;
    }

    private static ChatRole RoleOf(AuthorRole role) =>
        role == AuthorRole.System ? ChatRole.System
        : role == AuthorRole.Assistant ? ChatRole.Assistant
        : ChatRole.User;

    private static AIContent ContentOf(KernelContent item) =>
        item is ImageContent picture
            ? new DataContent(picture.Data!.Value, picture.MimeType!)
            : new Microsoft.Extensions.AI.TextContent(item.ToString());

    private static ChatOptions? Options(PromptExecutionSettings? settings) => (settings as ChatClientSettings)?.ForCall();
}
