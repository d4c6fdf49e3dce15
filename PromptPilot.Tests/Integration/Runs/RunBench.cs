using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A portal in this process, a fake model and a client with the admin's key.</summary>
internal sealed class RunBench(PortalHost portal, bool ownsPortal, FakeModelServer model, HttpClient http) : IAsyncDisposable
{
    public FakeModelServer Model => model;

    public HttpClient Http => http;

    public RunApi Api { get; } = new(http);

    public static async Task<RunBench> StartAsync()
    {
        var model = await FakeModelServer.StartAsync();
        var portal = await PortalHost.StartAsync();
        return new RunBench(portal, ownsPortal: true, model, portal.CreateAdminClient());
    }

    /// <summary>In a portal that other tests use too.</summary>
    public static async Task<RunBench> InAsync(SharedPortal shared) =>
        new(shared.Host, ownsPortal: false, await FakeModelServer.StartAsync(), shared.Host.CreateAdminClient());

    public async Task<string> AddWorkflowAsync(params (string, string[])[] steps) =>
        await Api.AddWorkflowAsync(await Api.AddProfileAsync(model.Endpoint, $"Fake {Guid.NewGuid():N}"), steps);

    public async Task SetManualTriggerAsync(string workflowId, bool enabled)
    {
        var admin = await portal.GetAdminAsync();
        var changed = await portal
            .Get<WorkflowService>()
            .SetManualTriggerAsync(admin.Actor, workflowId, enabled, null, TestContext.Current.CancellationToken);
        changed.IsOk.Should().BeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (ownsPortal)
        {
            await portal.DisposeAsync();
        }

        await model.DisposeAsync();
    }
}
