using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Storage;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Storage;

/// <summary>The published build started over the data of the version before it, which lacks the last migration.</summary>
[Trait("Database", "SQLite")]
public sealed class UpgradeTests(PublishedBuild build)
{
    private const string ModelKey = "sk-upgrade-4711-of-the-model";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_OverTheSchemaBefore_KeepsAllData_AndASoundCopy_AndContinuesRuns()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build);
        using var client = portal.CreateClient();
        var api = new RunApi(client);
        var underWay = new RunsUnderWay(model, api);
        model.Script = call =>
            call.Headers.GetValueOrDefault("Authorization") == $"Bearer {ModelKey}" ? underWay.Answer(call) : FakeAnswer.Error(401);
        var profile = await api.SendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = "Keyed",
                provider = "openai-compatible",
                endpoint = model.Endpoint,
                model = "fake-1",
                apiKey = ModelKey,
            }
        );
        var workflow = await api.AddWorkflowAsync(profile.Text("id"), ("facts", ["text"]));
        var run = (await api.RunAsync(workflow)).Text("id");
        await api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Labeled",
                systemMessage = "Be kind.",
                content = "{{ notes }} in {{ tone }}",
                variableDefinitions = new[] { new { name = "tone", @default = "short" } },
            }
        );
        var prompt = await api.SendAsync(HttpMethod.Get, "prompts/by-name/Labeled", null);
        await api.SendAsync(HttpMethod.Put, $"prompts/{prompt.Text("promptId")}/labels/production", new { version = "1.0.0" });
        await underWay.StartAsync(profile.Text("id"));
        List<string> before = [.. await SeenAsync(api, run), .. await underWay.SeenAsync()];
        var exported = await client.GetByteArrayAsync("api/v1/export", Token);
        portal.RequestStop();
        await portal.WaitForEndAsync(TimeSpan.FromSeconds(40));
        var file = Path.Combine(portal.DataDirectory, "promptpilot.db");
        var last = await StepBackAsync(file);
        underWay.Release();

        await portal.StartAgainAsync();

        (await SeenAsync(api, run)).Concat(await underWay.SeenAsync()).Should().Equal(before);
        (await client.GetByteArrayAsync("api/v1/export", Token)).Should().Equal(exported);
        await underWay.EndAsync();
        (await api.RunAsync(workflow)).Text("status").Should().Be("succeeded", "the model's key is readable still");
        using var browser = portal.CreateClient(apiKey: null);
        using var signedIn = await PageForms.SignInAsync(browser, PortalHost.AdminEmail, PortalHost.AdminPassword);
        signedIn.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var copy = Directory.EnumerateFiles(Path.Combine(portal.DataDirectory, "backups")).Should().ContainSingle().Subject;
        Path.GetFileName(copy).Should().StartWith($"before-{last}-");
        DatabaseCopy.Check(copy).Should().BeEmpty();
        Applied(copy).Should().NotBeEmpty().And.NotContain(last, "it is the database as it was");
        Applied(file).Should().Contain(last);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Start_OverTheSchemaBeforeMessages_ContinuesRuns_AndSendsAndExportsTheSame()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build);
        using var client = portal.CreateClient();
        var api = new RunApi(client);
        var underWay = new RunsUnderWay(model, api);
        model.Script = underWay.Answer;
        var profile = await api.AddProfileAsync(model.Endpoint);
        var prompt = (
            await api.SendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name = "Frozen",
                    systemMessage = "Be {{ tone }}.",
                    content = "{% if text contains 'x' %}Loud: {% endif %}{{ text | upcase }}\n{% for word in text %}{{ word }}{% endfor "
                        + "%}",
                    variableDefinitions = new[] { new { name = "tone", @default = "short" } },
                }
            )
        ).Text("id");
        await api.SendAsync(HttpMethod.Put, $"prompts/{prompt}/labels/production", new { version = "1.0.0" });
        var frozen = await AddStepAsync(api, prompt, profile, "Frozen steps");
        await api.SendAsync(HttpMethod.Put, $"prompts/{prompt}", new { name = "Frozen", content = "Another text: {{ text }}" });
        await api.RunAsync(frozen, "x notes");
        var sent = model.Calls[^1].Messages;
        await underWay.StartAsync(profile);
        var seen = await underWay.SeenAsync();
        var exported = await client.GetByteArrayAsync("api/v1/export", Token);
        portal.RequestStop();
        await portal.WaitForEndAsync(TimeSpan.FromSeconds(40));
        await StepBackAsync(Path.Combine(portal.DataDirectory, "promptpilot.db"), before: "_PromptMessages");
        underWay.Release();

        await portal.StartAgainAsync();

        (await client.GetByteArrayAsync("api/v1/export", Token)).Should().Equal(exported);
        (await underWay.SeenAsync()).Should().Equal(seen);
        await underWay.EndAsync();
        (await api.RunAsync(frozen, "x notes")).Text("status").Should().Be("succeeded");
        model.Calls[^1].Messages.Should().Equal(sent, "a frozen version renders as it did");
    }

    /// <summary>A published workflow of one step that follows a label.</summary>
    private static async Task<string> AddStepAsync(RunApi api, string promptId, string model, string name)
    {
        var workflow = await api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name,
                inputs = new[] { new { name = "text", type = "text" } },
                steps = new[]
                {
                    new
                    {
                        promptId,
                        promptLabel = "production",
                        model,
                        inputMapping = new { text = "text" },
                        outputKey = "said",
                        order = 1,
                    },
                },
            }
        );
        await api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);
        return workflow.Text("id");
    }

    /// <summary>Takes the last migration back, with what it made, or all from the named one on.</summary>
    /// <returns>The id of the first that was taken back.</returns>
    private static async Task<string> StepBackAsync(string file, string? before = null)
    {
        var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging();
        await using var provider = services.AddSingleHost(_ => file).BuildServiceProvider();
        await using var db = await provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        var migrations = db.Database.GetMigrations().ToList();
        Assert.SkipUnless(migrations.Count > 1, "There is one migration alone: no version was before it.");
        var first = before is null ? migrations.Count - 1 : migrations.FindIndex(id => id.EndsWith(before, StringComparison.Ordinal));
        first.Should().BePositive();
        await db.GetService<IMigrator>().MigrateAsync(migrations[first - 1], Token);
        return migrations[first];
    }

    private static List<string> Applied(string file)
    {
        using var connection = DatabaseCopy.Open(file, Microsoft.Data.Sqlite.SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory";
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    /// <summary>What people would miss.</summary>
    private static async Task<List<string>> SeenAsync(RunApi api, string run)
    {
        var seen = new List<string>
        {
            (await api.FindAsync(run)).GetRawText(),
            (await api.SendAsync(HttpMethod.Get, "prompts/by-name/Labeled?label=production", null)).GetRawText(),
        };
        foreach (var path in new[] { "prompts", "workflows", "model-profiles" })
        {
            seen.AddRange(
                (await api.SendAsync(HttpMethod.Get, path, null)).GetProperty("items").EnumerateArray().Select(item => item.GetRawText())
            );
        }

        seen.AddRange(
            (await api.SendAsync(HttpMethod.Get, "users", null))
                .GetProperty("items")
                .EnumerateArray()
                .Select(user => $"{user.Text("id")} {user.Text("email")} {user.Text("role")}")
        );
        return seen;
    }
}
