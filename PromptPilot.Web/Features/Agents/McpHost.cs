using System.Diagnostics;
using System.Reflection;
using System.Security.Claims;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace PromptPilot.Web.Features.Agents;

/// <summary>
/// The MCP library with services of its own, loaded by the first request: a portal without agents pays neither memory nor start-up time for
/// it.
/// </summary>
internal sealed class McpHost(IServiceProvider portal, ILoggerFactory logs, IHostApplicationLifetime lifetime) : IAsyncDisposable
{
    public const string Path = "/mcp";

    /// <summary>The header with the id of a session.</summary>
    public const string SessionHeader = "Mcp-Session-Id";

    /// <summary>Flows to the handlers of the request.</summary>
    private static readonly AsyncLocal<CancellationToken> Aborted = new();

    private readonly McpSessions _sessions = new();
    private readonly SemaphoreSlim _loading = new(1);
    private ServiceProvider? _services;
    private RequestDelegate? _answer;

    /// <summary>
    /// Cancelled when the connection of the current call is closed. The library cancels a call in a session only by a message, which a
    /// client that crashed does not send.
    /// </summary>
    public static CancellationToken Connection => Aborted.Value;

    public async Task AnswerAsync(HttpContext http)
    {
        Aborted.Value = http.RequestAborted;
        var answer = _answer ?? await LoadAsync(http.RequestAborted);
        var person = http.User.FindFirstValue(ClaimTypes.NameIdentifier)!;
        var session = http.Request.Headers[SessionHeader].ToString();
        if (HttpMethods.IsDelete(http.Request.Method))
        {
            _sessions.Ended(person, session);
        }
        else
        {
            _sessions.Used(person, session);
        }

        try
        {
            await AnswerAsync(answer, http);
        }
        finally
        {
            // Also when its first message could not be read: the library keeps that session too.
            if (
                session.Length == 0
                && http.Response.Headers[SessionHeader].ToString() is { Length: > 0 } opened
                && _sessions.Opened(person, opened) is { } oldest
            )
            {
                await EndAsync(answer, http.User, oldest);
            }
        }
    }

    private async Task AnswerAsync(RequestDelegate answer, HttpContext http)
    {
        var (endpoint, services) = (http.GetEndpoint(), http.RequestServices);
        await using var scope = _services!.CreateAsyncScope();
        try
        {
            http.SetEndpoint(null);
            http.RequestServices = scope.ServiceProvider;
            await answer(http);
        }
        finally
        {
            http.RequestServices = services;
            http.SetEndpoint(endpoint);
        }
    }

    /// <summary>Ends a session as its client would.</summary>
    private async Task EndAsync(RequestDelegate answer, ClaimsPrincipal owner, string session)
    {
        var http = new DefaultHttpContext { User = owner };
        (http.Request.Method, http.Request.Path) = (HttpMethods.Delete, Path);
        http.Request.Headers[SessionHeader] = session;
        await AnswerAsync(answer, http);
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        _loading.Dispose();
    }

    private async Task<RequestDelegate> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_answer is null)
            {
                _services = Services();
                foreach (var service in _services.GetServices<IHostedService>())
                {
                    await service.StartAsync(CancellationToken.None);
                }

                var app = new ApplicationBuilder(_services);
                app.UseRouting();
                app.UseEndpoints(endpoints => endpoints.MapMcp(Path));
                _answer = app.Build();
            }

            return _answer;
        }
        finally
        {
            _loading.Release();
        }
    }

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton(logs).AddSingleton(lifetime).AddLogging(logging => logging.ClearProviders());
        services.AddSingleton(logs);
        services.AddSingleton(new DiagnosticListener("PromptPilot.Mcp"));
        services.AddSingleton<DiagnosticSource>(provider => provider.GetRequiredService<DiagnosticListener>());
        services.AddSingleton(portal.GetRequiredService<IHostEnvironment>());
        services.AddRouting();
        var log = logs.CreateLogger<McpHost>();
        var tools = ActivatorUtilities.CreateInstance<McpTools>(portal);
        var prompts = ActivatorUtilities.CreateInstance<McpPrompts>(portal);
        services
            .AddMcpServer(server =>
            {
                server.ServerInfo = new Implementation
                {
                    Name = "promptpilot",
                    Title = "PromptPilot",
                    Version =
                        typeof(McpHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "1",
                };
                server.ServerInstructions =
                    "Each tool runs a workflow. A run that takes long, or waits for a person, returns its run_id: call get_run with it.";
            })
            // Without sessions, clients of today cannot cancel: their notice arrives at no server object.
            .WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients)
            .WithListToolsHandler(Logged<ListToolsRequestParams, ListToolsResult>("tools/list", tools.ListAsync, log))
            .WithCallToolHandler(Logged<CallToolRequestParams, CallToolResult>("tools/call", tools.CallAsync, log))
            .WithListPromptsHandler(Logged<ListPromptsRequestParams, ListPromptsResult>("prompts/list", prompts.ListAsync, log))
            .WithGetPromptHandler(Logged<GetPromptRequestParams, GetPromptResult>("prompts/get", prompts.GetAsync, log));
        return services.BuildServiceProvider();
    }

    /// <summary>Logs a bug: the library answers with an error that says nothing, and its own log is off.</summary>
    internal static McpRequestHandler<TParams, TResult> Logged<TParams, TResult>(
        string method,
        McpRequestHandler<TParams, TResult> handler,
        ILogger log
    ) =>
        async (context, cancellationToken) =>
        {
            try
            {
                return await handler(context, cancellationToken);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or McpException))
            {
                log.LogError(exception, "The agent request {Method} failed", method);
                throw;
            }
        };
}
