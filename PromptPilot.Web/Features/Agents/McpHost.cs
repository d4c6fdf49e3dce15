using System.Diagnostics;
using System.Reflection;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;

namespace PromptPilot.Web.Features.Agents;

/// <summary>
/// The MCP library with services of its own, loaded by the first request: a portal without agents pays neither memory nor start-up time for
/// it.
/// </summary>
internal sealed class McpHost(IServiceProvider portal, ILoggerFactory logs, IHostApplicationLifetime lifetime) : IAsyncDisposable
{
    public const string Path = "/mcp";

    private readonly SemaphoreSlim _loading = new(1);
    private ServiceProvider? _services;
    private RequestDelegate? _answer;

    public async Task AnswerAsync(HttpContext http)
    {
        var answer = _answer ?? await LoadAsync(http.RequestAborted);
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
            .WithListToolsHandler(tools.ListAsync)
            .WithCallToolHandler(tools.CallAsync)
            .WithListPromptsHandler(prompts.ListAsync)
            .WithGetPromptHandler(prompts.GetAsync);
        return services.BuildServiceProvider();
    }
}
