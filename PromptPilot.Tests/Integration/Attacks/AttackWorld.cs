using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>One portal for all attacks, that logs everything: two workflows with all that hangs on them, and people of each role.</summary>
public sealed class AttackWorld : IAsyncLifetime
{
    public const string SmtpPassword = "Canary+smtp/Q7w2 &ZmVzdA";

    /// <summary>Every category, whatever the settings file says of it.</summary>
    private static readonly string[] Categories =
    [
        "Default",
        "Microsoft.AspNetCore",
        "Microsoft.AspNetCore.DataProtection",
        "Microsoft.EntityFrameworkCore",
        "PromptPilot.Web.Api",
        "Quartz",
    ];

    private HttpClient _http = null!;

    public PortalHost Portal { get; private set; } = null!;

    internal FakeModelServer Model { get; private set; } = null!;

    internal HookReceiver Receiver { get; private set; } = null!;

    /// <summary>With the admin's key.</summary>
    internal RunApi Api { get; private set; } = null!;

    internal Family Mine { get; private set; } = null!;

    internal Family Theirs { get; private set; } = null!;

    internal TestPerson Admin { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Model = await FakeModelServer.StartAsync();
        Receiver = await HookReceiver.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
            ["PromptPilot:Http:SignInsPerMinute"] = "10000",
            ["PromptPilot:Users:RevalidationSeconds"] = "1",
            ["PromptPilot:Smtp:Host"] = "127.0.0.1",
            ["PromptPilot:Smtp:Port"] = "1",
            ["PromptPilot:Smtp:From"] = "portal@example.org",
            ["PromptPilot:Smtp:UserName"] = "portal",
            ["PromptPilot:Smtp:Password"] = SmtpPassword,
        };
        foreach (var category in Categories)
        {
            settings[$"Logging:LogLevel:{category}"] = nameof(LogLevel.Trace);
        }

        Portal = await PortalHost.StartAsync(new PortalOptions { Settings = settings, LeastLogged = LogLevel.Trace });
        _http = Portal.CreateAdminClient();
        Api = new RunApi(_http);
        Admin = await Portal.GetAdminAsync();
        Mine = await RaiseAsync("mine");
        Theirs = await RaiseAsync("theirs");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Portal.DisposeAsync();
        await Receiver.DisposeAsync();
        await Model.DisposeAsync();
    }

    /// <summary>
    /// All rows of all tables that a request may not change; when a key was used last, and who tried to sign in, is written all the time,
    /// and notifications come when they come.
    /// </summary>
    internal async Task<List<string>> DumpAsync()
    {
        await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
        var connection = db.Database.GetDbConnection();
        await connection.OpenAsync(Cancellation);
        var rows = new List<string>();
        foreach (
            var table in db
                .Model.GetEntityTypes()
                .Select(type => type.GetTableName())
                .OfType<string>()
                .Distinct()
                .Where(name =>
                    name is not ("ApiKeys" or "Sessions" or "AuditEntries" or "Notifications")
                    && !name.Contains("Rollup", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal)
        )
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table}\"";
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            var found = new List<string>();
            while (await reader.ReadAsync(Cancellation))
            {
                var values = Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i).ToString());
                found.Add($"{table}: {string.Join('|', values)}");
            }

            rows.AddRange(found.Order(StringComparer.Ordinal));
        }

        return rows;
    }

    /// <summary>A workflow, and one of each thing that belongs to one.</summary>
    private async Task<Family> RaiseAsync(string word)
    {
        var profile = await Api.AddProfileAsync(Model.Endpoint, $"Profile {word}");
        var workflow = await Api.AddWorkflowAsync(profile, ("one", ["text"]));
        var definition = await Api.FindWorkflowAsync(workflow);
        var step = (string)definition["steps"]![0]!["id"]!;
        var prompt = (string)definition["steps"]![0]!["promptId"]!;
        var trigger = await Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "trigger.payload" } } }
        );
        var hook = await Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/integration-hooks",
            new
            {
                type = "webhook",
                name = $"Hook {word}",
                targetUrl = $"{Receiver.Address}/{word}",
            }
        );
        var run = await Api.RunAsync(workflow);
        string? delivery = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await Portal.Contexts.CreateDbContextAsync(Cancellation);
                delivery = await db
                    .HookDeliveries.Where(item => item.HookId == hook.Text("id") && item.EndedAt != null)
                    .Select(item => item.Id)
                    .FirstOrDefaultAsync(Cancellation);
                return delivery is not null;
            },
            "the run's result to be delivered",
            TimeSpan.FromSeconds(60)
        );
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0].Text("id");
        var person = await Portal.AddPersonAsync(Role.Collaborator, name: $"Person {word}");
        var set = await Api.SendAsync(HttpMethod.Post, "test-sets", new { promptId = prompt, name = $"Cases {word}" });
        var test = await Api.SendAsync(HttpMethod.Post, $"test-sets/{set.Text("id")}/cases", new { inputs = new { text = word } });
        return new Family(workflow, prompt, profile, step, trigger.Text("id"), hook.Text("id"), delivery!, run.Text("id"), log, person)
        {
            TestSet = set.Text("id"),
            TestCase = test.Text("id"),
            ChangeRequest = await AskAsync(word),
        };
    }

    /// <summary>An open change request, of a prompt of its own.</summary>
    private async Task<string> AskAsync(string word)
    {
        var prompt = await Api.SendAsync(HttpMethod.Post, "prompts", new { name = $"Guarded {word}", content = "Hi." });
        var label = $"prompts/{prompt.Text("id")}/labels/production";
        await Api.SendAsync(HttpMethod.Put, $"{label}/protection", new { approvals = 1 });
        using var asked = await Api.TrySendAsync(HttpMethod.Put, label, new { version = "1.0.0" });
        return asked.Headers.Location!.ToString().Split('/')[^1];
    }

    internal sealed record Family(
        string Workflow,
        string Prompt,
        string Profile,
        string Step,
        string Trigger,
        string Hook,
        string Delivery,
        string Run,
        string Log,
        TestPerson Person
    )
    {
        public required string TestSet { get; init; }

        public required string TestCase { get; init; }

        public required string ChangeRequest { get; init; }

        /// <summary>By the words of <see cref="SwappedIdTests"/>.</summary>
        public IReadOnlyDictionary<string, string> Ids =>
            new Dictionary<string, string>
            {
                ["workflow"] = Workflow,
                ["prompt"] = Prompt,
                ["profile"] = Profile,
                ["step"] = Step,
                ["trigger"] = Trigger,
                ["hook"] = Hook,
                ["delivery"] = Delivery,
                ["run"] = Run,
                ["log"] = Log,
                ["user"] = Person.Id,
                ["key"] = Person.ApiKeyId,
                ["test set"] = TestSet,
                ["test case"] = TestCase,
                ["change request"] = ChangeRequest,
            };
    }
}

/// <summary>The tests that share the one portal.</summary>
[CollectionDefinition(Name)]
public sealed class AttackTests : ICollectionFixture<AttackWorld>
{
    public const string Name = "Attacks";
}
