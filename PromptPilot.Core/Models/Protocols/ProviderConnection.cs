namespace PromptPilot.Core.Models.Protocols;

/// <summary>
/// The way to one profile's server, over guarded connections. No client gets the key: the handler below it puts it into the header that the
/// provider wants, so that no library can log it, trace it or send it elsewhere, nor look for another one in the environment.
/// </summary>
/// <param name="Key">Only to recognize it in a server's messages.</param>
internal sealed record ProviderConnection(ModelProfile Profile, ProviderDescriptor Provider, HttpMessageHandler Handler, string? Key)
{
    /// <summary>The profile's own, else the provider's.</summary>
    public Uri BaseUrl => Provider.Endpoint.BaseUrl(Profile.Endpoint)!;

    public HttpClient Http() => new(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public HttpMessageInvoker Invoker() => new(Handler, disposeHandler: false);
}
