using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Tests.Integration.Calls;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.OpenId;

/// <summary>A portal and a third-party provider. The settings are saved as on the settings page.</summary>
public sealed class OpenIdWorld : IAsyncLifetime
{
    public const string Secret = "a-secret-of-the-client-0123456789abcdef";

    private readonly Dictionary<string, string> _saved = [];
    private NodeClient _provider = null!;
    private bool _ownsPortal = true;

    public PortalHost Portal { get; private set; } = null!;

    public string Issuer { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Http:SignInsPerMinute"] = "10000" } }
        );
        await ConnectAsync();
    }

    /// <summary>A provider for a portal that its caller keeps.</summary>
    public static async Task<OpenIdWorld> InAsync(PortalHost portal)
    {
        var world = new OpenIdWorld { Portal = portal, _ownsPortal = false };
        await world.ConnectAsync();
        return world;
    }

    private async Task ConnectAsync()
    {
        _provider = NodeClient.Start("oidc.mjs");
        await _provider.TellAsync(
            new
            {
                clientId = "portal",
                clientSecret = Secret,
                redirectUri = new Uri(Portal.BaseAddress, OpenIdPaths.Callback),
                logoutUri = new Uri(Portal.BaseAddress, OpenIdPaths.Logout),
                signedOutUri = new Uri(Portal.BaseAddress, "/account/sign-in"),
            }
        );
        Issuer = (await _provider.UntilAsync("listening"))[^1].GetProperty("issuer").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        // None where the start failed: a second error here would end the run without a report.
        _provider?.Dispose();
        if (_ownsPortal)
        {
            await Portal.DisposeAsync();
        }
    }

    /// <summary>The usual settings, with changes: four groups, users are created.</summary>
    public Task ConfigureAsync(params (string Property, string Value)[] changes)
    {
        var values = new Dictionary<string, string>
        {
            ["Issuer"] = Issuer,
            ["ClientId"] = "portal",
            ["ClientSecret"] = Secret,
            ["Name"] = "Acme",
            ["AllowedPrivateHosts"] = "localhost",
            ["AdminGroups"] = "Portal admins, all",
            ["ArchitectGroups"] = "builders",
            ["CollaboratorGroups"] = "",
            ["ViewerGroups"] = "readers",
            ["DefaultRole"] = "None",
            ["NewUsers"] = "Create",
            ["LinkByEmail"] = "false",
            ["Passwords"] = "Everyone",
            ["EmergencyAdmins"] = "",
        };
        foreach (var (property, value) in changes)
        {
            values[property] = value;
        }

        return SaveAsync(values);
    }

    /// <summary>The person whom the provider signs in next; null: it refuses.</summary>
    public Task SignsInAsync(string? subject, object? claims = null) =>
        TellAsync(
            claims is null
                ? new { signsIn = subject }
                : new { signsIn = subject, accounts = new Dictionary<string, object> { [subject!] = claims } }
        );

    /// <summary>What the provider's token endpoint answers instead of the truth; null: the truth.</summary>
    public Task ForgeAsync(object? forged) => TellAsync(new { forged });

    /// <summary>The provider publishes another key, with which it signs tokens that are made as <c>next</c>.</summary>
    public Task AddKeyAsync() => TellAsync(new { addsKey = true });

    /// <summary>A token with these claims.</summary>
    public async Task<string> TokenAsync(object token) => (await TellAsync(new { token })).GetProperty("token").GetString()!;

    /// <summary>A person with a subject and a verified address of their own.</summary>
    public static (string Subject, string Email) NewPerson()
    {
        var subject = $"p-{Guid.NewGuid():N}"[..14];
        return (subject, $"{subject}@example.org");
    }

    public async Task<User?> FindAsync(string email)
    {
        await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Email == email, Cancellation);
    }

    public async Task<int> CountSessionsAsync(string email)
    {
        await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
        return await db.Sessions.CountAsync(s => db.Users.Any(u => u.Id == s.UserId && u.Email == email), Cancellation);
    }

    private async Task SaveAsync(Dictionary<string, string> values)
    {
        var service = Portal.Get<SettingsService>();
        var admin = (await Portal.GetAdminAsync()).Actor;
        var states = (await service.ListAsync(admin, Cancellation)).Value.ToDictionary(state => state.Setting.Key);
        var changes = values
            .Where(pair => pair.Key == "ClientSecret" || _saved.GetValueOrDefault(pair.Key) != pair.Value)
            .Select(pair =>
            {
                var key = $"{OpenIdOptions.Section}:{pair.Key}";
                return new SettingChange(key, pair.Value, states[key].Revision);
            })
            .ToList();
        var saved = await service.SaveAsync(admin, changes, Cancellation);
        saved.Problem.Should().BeNull();
        foreach (var (key, value) in values)
        {
            _saved[key] = value;
        }
    }

    private async Task<JsonElement> TellAsync(object order)
    {
        await _provider.TellAsync(order);
        return (await _provider.UntilAsync("done"))[^1];
    }
}

/// <summary>The tests that share one portal and one provider; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OpenIdTestGroup : ICollectionFixture<OpenIdWorld>
{
    public const string Name = "OpenID Connect";
}
