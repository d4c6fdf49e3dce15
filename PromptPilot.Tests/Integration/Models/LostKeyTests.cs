using System.Net.Http.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

public sealed class LostKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    // On PostgreSQL, the key ring is in the database.
    [Trait("Database", "SQLite")]
    public async Task Start_WithAReplacedKeyRing_NamesTheProfilesWhoseKeysAreLost()
    {
        using var directory = new TempDirectory();
        await using (var before = await PortalHost.StartAsync(new PortalOptions { DataDirectory = directory.Path }))
        {
            using var http = before.CreateAdminClient();
            foreach (var (name, key) in new[] { ("Keyed", "sk-lost-4711"), ("Keyless", null as string) })
            {
                using var answer = await http.PostAsJsonAsync(
                    new Uri("/api/v1/model-profiles", UriKind.Relative),
                    new
                    {
                        name,
                        provider = "openai-compatible",
                        endpoint = "http://localhost:9/v1",
                        model = "m",
                        apiKey = key,
                    },
                    Token
                );
                answer.EnsureSuccessStatusCode();
            }

            before.Log.Should().NotContain(line => line.Contains("decrypts", StringComparison.Ordinal));
        }

        foreach (var key in Directory.EnumerateFiles(directory.File("keys")))
        {
            File.Delete(key);
        }

        await using var after = await PortalHost.StartAsync(new PortalOptions { DataDirectory = directory.Path });

        after.Log.Should().ContainSingle(line => line.Contains("“Keyed”", StringComparison.Ordinal)).Which.Should().Contain("key ring");
        after.Log.Should().NotContain(line => line.Contains("Keyless", StringComparison.Ordinal));
        var admin = await after.GetAdminAsync();
        var profiles = await after.Get<ModelProfileService>().ListAsync(admin.Actor, new PageRequest(), Token);
        profiles.Value.Items.Select(profile => (profile.Name, profile.IsKeyLost)).Should().Equal(("Keyed", true), ("Keyless", false));
    }
}
