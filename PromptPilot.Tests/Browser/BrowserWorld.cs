using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// A portal with an admin, a model that answers when the test lets it, and a published workflow with two parallel steps and one that reads
/// both.
/// </summary>
internal sealed class BrowserWorld : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly Chrome _chrome;
    private readonly List<BrowserWindow> _windows = [];
    private bool _ownsPortal;

    private BrowserWorld(PortalHost portal, FakeModelServer model, HttpClient client, Chrome chrome)
    {
        Portal = portal;
        Model = model;
        _client = client;
        _chrome = chrome;
        Api = new RunApi(client);
    }

    public PortalHost Portal { get; }

    public FakeModelServer Model { get; }

    /// <summary>The API with the admin's key.</summary>
    public RunApi Api { get; }

    public string ProfileId { get; private set; } = "";

    /// <summary>Steps <c>facts</c> and <c>mood</c> read the input <c>text</c>; <c>digest</c> reads both.</summary>
    public string WorkflowId { get; private set; } = "";

    /// <summary>A portal of its own, for a test that needs an empty one or counts what there is.</summary>
    public static async Task<BrowserWorld> CreateAsync(Chrome chrome, bool withSamples = false)
    {
        var portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Settings = new Dictionary<string, string?>
                {
                    ["PromptPilot:Setup:SampleWorkspace"] = withSamples ? "true" : "false",
                    ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                },
            }
        );
        var world = await CreateAsync(chrome, portal, "Fake");
        world._ownsPortal = true;
        return world;
    }

    /// <summary>A model, a profile and a workflow of its own in the portal of the class.</summary>
    public static Task<BrowserWorld> CreateAsync(Chrome chrome, SharedPortalWithReceivers shared) =>
        CreateAsync(chrome, shared.Host, $"Fake {Guid.NewGuid():N}");

    private static async Task<BrowserWorld> CreateAsync(Chrome chrome, PortalHost portal, string profile)
    {
        var model = await FakeModelServer.StartAsync();
        var world = new BrowserWorld(portal, model, portal.CreateAdminClient(), chrome);
        world.ProfileId = await world.Api.AddProfileAsync(model.Endpoint, profile);
        world.WorkflowId = await world.Api.AddWorkflowAsync(
            world.ProfileId,
            ("facts", ["text"]),
            ("mood", ["text"]),
            ("digest", ["facts", "mood"])
        );
        return world;
    }

    /// <summary>A window in which somebody is signed in.</summary>
    public async Task<BrowserWindow> SignInAsync(TestPerson person)
    {
        var window = await OpenAsync();
        await window.SignInAsync(person);
        return window;
    }

    /// <summary>A window in which somebody new with this role is signed in.</summary>
    public async Task<BrowserWindow> SignInAsync(Role role) => await SignInAsync(await Portal.AddPersonAsync(role));

    public async Task<BrowserWindow> OpenAsync()
    {
        var window = await _chrome.OpenAsync(Portal.BaseAddress);
        _windows.Add(window);
        return window;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var window in _windows)
        {
            await window.DisposeAsync();
        }

        _client.Dispose();
        if (_ownsPortal)
        {
            await Portal.DisposeAsync();
        }

        await Model.DisposeAsync();
    }
}
