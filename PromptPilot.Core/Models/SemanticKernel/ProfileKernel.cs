using System.Collections.Concurrent;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using PromptPilot.Core.Models.Pictures;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>A profile's kernel with the settings of its calls and one function for each thing it is called for.</summary>
internal sealed class ProfileKernel(Kernel kernel, IChatCompletionService chat, CallSettings settings)
{
    private const string RequestArgument = "request";
    private const string PicturesArgument = "pictures";

    /// <summary>Output keys are few; this bounds the cache when someone calls with ever new names.</summary>
    private const int MaxFunctions = 256;

    private readonly ConcurrentDictionary<string, KernelFunction> _functions = new(StringComparer.Ordinal);

    /// <summary>One call: one invocation of one function.</summary>
    public IAsyncEnumerable<StreamingChatMessageContent> InvokeAsync(
        ModelRequest request,
        IReadOnlyList<SentPicture> pictures,
        CancellationToken cancellationToken
    ) =>
        kernel.InvokeStreamingAsync<StreamingChatMessageContent>(
            FunctionFor(request.FunctionName),
            new KernelArguments { [RequestArgument] = request, [PicturesArgument] = pictures },
            cancellationToken
        );

    private KernelFunction FunctionFor(string name)
    {
        if (_functions.TryGetValue(name, out var function))
        {
            return function;
        }

        function = KernelFunctionFactory.CreateFromMethod(Call, SafeName(name));
        return _functions.Count < MaxFunctions ? _functions.GetOrAdd(name, function) : function;
    }

    /// <summary>
    /// The texts go into a chat history as they are. A prompt template would parse them again, and a message tag inside someone's notes
    /// would become a message of its own.
    /// </summary>
    private IAsyncEnumerable<StreamingChatMessageContent> Call(KernelArguments arguments, CancellationToken cancellationToken)
    {
        var request = (ModelRequest)arguments[RequestArgument]!;
        var pictures = (IReadOnlyList<SentPicture>)arguments[PicturesArgument]!;
        var parts = pictures.Count == 0 ? null : PicturePlaces.Of(request.Messages, pictures);
        var history = new ChatHistory();
        for (var i = 0; i < request.Messages.Count; i++)
        {
            var message = request.Messages[i];
            if (parts?[i] is { } split)
            {
                history.AddMessage(RoleOf(message.Role), [.. split.Select(ItemOf)]);
            }
            else
            {
                history.AddMessage(RoleOf(message.Role), message.Text);
            }
        }

        return chat.GetStreamingChatMessageContentsAsync(history, settings.For(request), kernel, cancellationToken);
    }

    private static KernelContent ItemOf(MessagePart part) =>
        part.Picture is { } picture ? new ImageContent(picture.Content, picture.MediaType) : new TextContent(part.Text);

    private static AuthorRole RoleOf(ModelRole role) =>
        role switch
        {
            ModelRole.System => AuthorRole.System,
            ModelRole.User => AuthorRole.User,
            ModelRole.Assistant => AuthorRole.Assistant,
        };

    private static string SafeName(string name)
    {
        var safe = new string(name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '_').ToArray());
        return safe.Length == 0 ? "call" : safe;
    }
}
