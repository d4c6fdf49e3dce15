using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>One portal for all tests of applications that call prompts: a model, and a prompt with a difficult name.</summary>
public sealed class CallWorld : IAsyncLifetime
{
    public const string PromptName = "team a/Sort %2F? ü";

    private HttpClient _http = null!;

    public PortalHost Portal { get; private set; } = null!;

    internal FakeModelServer Model { get; private set; } = null!;

    internal RunApi Api { get; private set; } = null!;

    public string ProfileId { get; private set; } = "";

    public string VersionId { get; private set; } = "";

    public static string Address => $"prompts/by-name/{Uri.EscapeDataString(PromptName)}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Model = await FakeModelServer.StartAsync();
        Portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Users:RevalidationSeconds"] = "1" } }
        );
        _http = Portal.CreateAdminClient();
        Api = new RunApi(_http);
        ProfileId = await Api.AddProfileAsync(Model.Endpoint);
        var prompt = await Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = PromptName,
                content = "Sort {{ ticket }}",
                systemMessage = "You sort in {{ language }}.",
                variableDefinitions = new object[]
                {
                    new { name = "ticket", type = "text" },
                    new
                    {
                        name = "language",
                        type = "text",
                        @default = "English",
                    },
                },
            }
        );
        await Api.SendAsync(HttpMethod.Put, $"prompts/{prompt.Text("id")}/labels/production", new { version = "1.0.0" });
        VersionId = (await Api.SendAsync(HttpMethod.Get, Address, null)).Text("id");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Portal.DisposeAsync();
        await Model.DisposeAsync();
    }

    /// <summary>A client with a key of a new person.</summary>
    internal async Task<HttpClient> AddKeyAsync(Permission scope, Role role = Role.Admin, params string[] models)
    {
        var person = await Portal.AddPersonAsync(role, scope);
        if (models.Length == 0)
        {
            return Portal.CreateClient(person);
        }

        var key = await Portal
            .Get<ApiKeyService>()
            .CreateAsync(person.Actor, new NewApiKey("limited", scope, ModelProfileIds: models), Token);
        return Portal.CreateClient(key.Value.Key);
    }

    internal static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, object body) =>
        http.PostAsJsonAsync(new Uri($"/api/v1/{path}", UriKind.Relative), body, Token);

    internal static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
}

/// <summary>The tests that share the one portal.</summary>
[CollectionDefinition(Name)]
public sealed class CallTests : ICollectionFixture<CallWorld>
{
    public const string Name = "Calls";
}
