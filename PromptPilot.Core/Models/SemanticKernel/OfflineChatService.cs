using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Models.Tokens;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The offline model as a chat service, so that it is called like every provider.</summary>
internal sealed class OfflineChatService(OfflineModel model, ModelProfile profile) : IChatCompletionService
{
    public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var answer = Answer(chatHistory, executionSettings, cancellationToken);
        await foreach (var piece in model.StreamAsync(answer.Text, cancellationToken))
        {
            yield return new StreamingChatMessageContent(AuthorRole.Assistant, piece, modelId: profile.Model);
        }

        var end = new OfflineEnd(chatHistory.Sum(m => TokenEstimate.Of(m.Content)), TokenEstimate.Of(answer.Text), answer.Truncated);
        yield return new StreamingChatMessageContent(AuthorRole.Assistant, null, end, modelId: profile.Model);
    }

    public Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult<IReadOnlyList<ChatMessageContent>>([
            new ChatMessageContent(AuthorRole.Assistant, Answer(chatHistory, executionSettings, cancellationToken).Text, profile.Model),
        ]);

    /// <summary>Extracts from the last user message. Earlier messages are examples for generative models.</summary>
    private OfflineAnswer Answer(ChatHistory history, PromptExecutionSettings? settings, CancellationToken cancellationToken)
    {
        var system = string.Join('\n', history.Where(m => m.Role == AuthorRole.System).Select(m => m.Content));
        var prompt = history.LastOrDefault(m => m.Role == AuthorRole.User)?.Content ?? "";
        return OfflineModel.Answer(
            system,
            prompt,
            (settings as ChatClientSettings)?.MaxTokens ?? profile.Parameters.MaxTokens,
            cancellationToken
        );
    }
}

/// <summary>The last chunk of an offline answer.</summary>
internal sealed record OfflineEnd(int InputTokens, int OutputTokens, bool Truncated);
