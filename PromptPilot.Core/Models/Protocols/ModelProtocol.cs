using Microsoft.Extensions.AI;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>The language that the servers of one or more providers speak. Has no state.</summary>
internal abstract class ModelProtocol
{
    /// <summary>
    /// The client takes events and whole documents, and recognizes errors in them; else only a stream of events is an answer, and it is
    /// watched for errors.
    /// </summary>
    public virtual bool ReadsAnyAnswer => false;

    /// <summary>A client for calls of one model.</summary>
    public abstract IChatClient Client(ProviderConnection connection);

    /// <summary>The models on offer, in any order.</summary>
    public abstract Task<IReadOnlyList<OfferedModel>> ListAsync(ProviderConnection connection, CancellationToken cancellationToken);

    /// <summary>Puts temperature and top-p into the options of a call.</summary>
    public virtual void AddSampling(ChatOptions options, string model, SentParameters sent) =>
        (options.Temperature, options.TopP) = ((float?)sent.Temperature, (float?)sent.TopP);

    /// <summary>Adds the effort to the options of a call, as the provider's own value.</summary>
    public virtual void AddEffort(ChatOptions options, string model, Effort effort) { }

    /// <summary>Marks the part of the messages that further calls are likely to repeat for the provider's cache.</summary>
    public virtual void MarkCacheable(IReadOnlyList<ChatMessage> messages) { }

    /// <summary>Sets right what the client puts into the head of a request.</summary>
    public virtual void Correct(HttpRequestMessage request) { }

    /// <summary>A piece without a finish reason that nevertheless ends a complete answer.</summary>
    public virtual bool IsEnd(ChatResponseUpdate update) => false;
}
