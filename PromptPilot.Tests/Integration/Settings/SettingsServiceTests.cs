using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Mail;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Settings;

/// <summary>Settings that admins change while the portal runs, on a real file, with restarts.</summary>
public sealed class SettingsServiceTests : IAsyncLifetime
{
    private const string KeepDays = "PromptPilot:Runs:KeepDays";
    private const string ModelHosts = "PromptPilot:Network:AllowedPrivateHosts";
    private const string Password = "PromptPilot:Smtp:Password";

    private readonly TempDirectory _directory = new();
    private PortalHost _portal = null!;
    private Actor _admin = Actor.Nobody;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SettingsService Service => _portal.Get<SettingsService>();

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Save_ANumber_CountsAtOnce_AndAfterARestart()
    {
        var options = _portal.Get<IOptions<RunsOptions>>();
        options.Value.KeepDays.Should().Be(90);

        await SaveAsync((KeepDays, "12"));

        options.Value.KeepDays.Should().Be(12, "whoever holds the options sees it");
        await RestartAsync();
        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(12);
        (await FindAsync(KeepDays))
            .Should()
            .BeEquivalentTo(
                new
                {
                    Value = "12",
                    Source = SettingSource.Page,
                    Without = "90",
                    Revision = 1,
                    ChangedBy = "admin",
                }
            );
    }

    [Fact]
    public async Task Reset_LetsTheFileApplyAgain()
    {
        await SaveAsync((KeepDays, "12"));
        await SaveAsync((KeepDays, null));

        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(90);
        (await FindAsync(KeepDays))
            .Should()
            .BeEquivalentTo(
                new
                {
                    Value = "90",
                    Source = SettingSource.File,
                    Revision = 0,
                }
            );
    }

    [Fact]
    public async Task Save_WithOneWrongValue_IsRefusedAtItsField_AndSavesNothing()
    {
        var result = await TryAsync(
            (KeepDays, "12"),
            ("PromptPilot:Runs:MaxConcurrentRuns", "0"),
            ("PromptPilot:Integrations:TimeoutSeconds", "soon")
        );
        result
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(new { Field = "PromptPilot:Integrations:TimeoutSeconds", Message = "Enter a whole number." });

        result = await TryAsync((KeepDays, "12"), ("PromptPilot:Runs:MaxConcurrentRuns", "0"));
        result
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new { Field = "PromptPilot:Runs:MaxConcurrentRuns", Message = "Concurrent runs must be a number from 1 to 10,000." }
            );
        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(90);
        (await FindAsync(KeepDays)).Revision.Should().Be(0);
    }

    [Fact]
    public async Task Save_OfWhatSomebodyElseChangedMeanwhile_IsStale_AndNamesTheField()
    {
        await SaveAsync((KeepDays, "12"));

        var late = await Service.SaveAsync(_admin, [new SettingChange(KeepDays, "30", 0)], Token);

        late.Problem!.Kind.Should().Be(ProblemKind.Stale);
        late.Problem.Errors.Should().ContainSingle().Which.Field.Should().Be(KeepDays);
        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(12);
    }

    [Fact]
    public async Task Host_WinsOverThePage_AndSaysSo()
    {
        await SaveAsync((KeepDays, "12"));
        await RestartAsync(new() { [KeepDays] = "30", [$"{ModelHosts}:0"] = "localhost" });

        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(30);
        (await FindAsync(KeepDays))
            .Should()
            .BeEquivalentTo(
                new
                {
                    Value = "30",
                    Source = SettingSource.Environment,
                    FixedBy = "the command line",
                }
            );
        (await TryAsync((KeepDays, "31")))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Message.Should()
            .Contain("is set by the command line");
        (await TryAsync((ModelHosts, "models.internal"))).Problem!.Errors.Should().ContainSingle().Which.Field.Should().Be(ModelHosts);
    }

    [Theory]
    [InlineData("models.internal, 10.0.0.5", new[] { "models.internal", "10.0.0.5" })]
    [InlineData("", new string[0])]
    public async Task Save_AList_HidesTheWholeListOfTheFile(string typed, string[] expected)
    {
        var endpoints = _portal.Get<ModelEndpoints>();
        endpoints.Problem(Providers.OpenAICompatible, "http://localhost:8000/v1").Should().BeNull();

        await SaveAsync((ModelHosts, typed));

        (await FindAsync(ModelHosts)).Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(expected);
        endpoints
            .Problem(Providers.OpenAICompatible, "http://localhost:8000/v1")
            .Should()
            .Contain("private address", "the file's list counts no more");
        endpoints
            .Problem(Providers.OpenAICompatible, "http://models.internal/v1")
            .Should()
            .Be(expected.Length > 0 ? null : endpoints.Problem(Providers.OpenAICompatible, "http://other.internal/v1"));
        await RestartAsync();
        (await FindAsync(ModelHosts)).Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(expected);
    }

    [Theory]
    [InlineData("https://models.internal")]
    [InlineData("models.internal:8080")]
    [InlineData("a/b")]
    public async Task Save_AListWithWhatIsNoHost_IsRefusedAtItsField(string typed) =>
        (await TryAsync((ModelHosts, typed)))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Should()
            .Match<FieldError>(error => error.Field == ModelHosts && error.Message.Contains("not a host"));

    [Fact]
    public async Task Secret_IsNeverShown_AndStoredEncrypted_AndTypedAgainForAnotherServer()
    {
        await SaveAsync(
            ("PromptPilot:Smtp:Host", "mail.example.org"),
            ("PromptPilot:Smtp:UserName", "portal"),
            (Password, "canary-of-the-mail-server"),
            ("PromptPilot:Smtp:From", "portal@example.org")
        );

        (await FindAsync(Password))
            .Should()
            .BeEquivalentTo(
                new
                {
                    Value = "",
                    IsSet = true,
                    Source = SettingSource.Page,
                    Without = "",
                }
            );
        _portal.Get<IOptions<SmtpSettings>>().Value.Password.Should().Be("canary-of-the-mail-server");
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            var row = await db.StoredSettings.SingleAsync(one => one.Key == Password, Token);
            row.Value.Should().BeNull();
            row.Secret.Should().NotBeNullOrEmpty().And.NotContain("canary");
            (await db.AuditEntries.Where(entry => entry.Kind == "setting").ToListAsync(Token))
                .SelectMany(entry => entry.Changes)
                .Should()
                .NotContain(change => $"{change.Before}{change.After}".Contains("canary"))
                .And.NotBeEmpty();
        }

        var moved = await TryAsync(("PromptPilot:Smtp:Host", "mail.attacker.example"));
        moved
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Should()
            .Match<FieldError>(error => error.Field == Password && error.Message.Contains("again"));
        await SaveAsync(("PromptPilot:Smtp:Host", "mail2.example.org"), (Password, "canary-of-the-mail-server"));
        await SaveAsync(("PromptPilot:Smtp:Host", "mail2.example.org"), ("PromptPilot:Smtp:FromName", "Prompts"));
        await RestartAsync();
        _portal
            .Get<IOptions<SmtpSettings>>()
            .Value.Should()
            .BeEquivalentTo(
                new
                {
                    Host = "mail2.example.org",
                    Password = "canary-of-the-mail-server",
                    FromName = "Prompts",
                }
            );
    }

    [Fact]
    public async Task Secret_OfTheHost_DoesNotGoToAServerOfThePage()
    {
        await RestartAsync(new() { [Password] = "from-the-environment", ["PromptPilot:Smtp:UserName"] = "portal" });

        var result = await TryAsync(("PromptPilot:Smtp:Host", "mail.attacker.example"), ("PromptPilot:Smtp:From", "portal@example.org"));

        result.Problem!.Errors.Should().ContainSingle().Which.Message.Should().Contain("for the server set there");
    }

    [Fact]
    public async Task Secret_OfTheFile_TakenBack_DoesNotGoToAServerOfThePage()
    {
        // As the settings file would have them: below the page.
        var file = new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["PromptPilot:Smtp:Host"] = "mail.example.org",
                ["PromptPilot:Smtp:UserName"] = "portal",
                [Password] = "of-the-file",
                ["PromptPilot:Smtp:From"] = "portal@example.org",
            },
        };
        ((IConfigurationBuilder)_portal.Get<IConfiguration>()).Sources.Insert(0, file);

        (await TryAsync(("PromptPilot:Smtp:Host", "mail.attacker.example")))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Field.Should()
            .Be(Password);
        (await TryAsync(("PromptPilot:Smtp:Host", "mail.attacker.example"), (Password, null)))
            .Problem!.Errors.Should()
            .ContainSingle("a take-back is no typing")
            .Which.Field.Should()
            .Be(Password);
        await SaveAsync(("PromptPilot:Smtp:Host", "mail.attacker.example"), (Password, "x"));
        (await TryAsync((Password, null))).Problem!.Errors.Should().ContainSingle("in two steps neither").Which.Field.Should().Be(Password);
        await SaveAsync((Password, null), ("PromptPilot:Smtp:Host", null));
        _portal.Get<IOptions<SmtpSettings>>().Value.Should().BeEquivalentTo(new { Host = "mail.example.org", Password = "of-the-file" });
    }

    [Fact]
    public async Task Switch_OfTheFile_IsOn_HoweverItIsWritten()
    {
        ((IConfigurationBuilder)_portal.Get<IConfiguration>()).Sources.Insert(
            0,
            new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = new Dictionary<string, string?>
                {
                    ["PromptPilot:Users:RequireTwoFactor"] = "True",
                    ["PromptPilot:Smtp:Security"] = "tls",
                },
            }
        );

        (await FindAsync("PromptPilot:Users:RequireTwoFactor")).Value.Should().Be("true");
        (await FindAsync("PromptPilot:Smtp:Security")).Value.Should().Be("Tls");
    }

    [Fact]
    public async Task Start_WithAStoredValueThatFitsNoMore_LeavesItOut_AndSaysSo()
    {
        await SaveAsync((KeepDays, "12"), ("PromptPilot:Webhooks:KeepDays", "7"), ("PromptPilot:PublicUrl", "https://prompts.example.org"));
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            await db
                .StoredSettings.Where(row => row.Key != "PromptPilot:PublicUrl")
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.Value, "9999"), Token);
        }

        await RestartAsync();

        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(90);
        (await FindAsync(KeepDays)).IsLeftOut.Should().BeTrue();
        (await FindAsync("PromptPilot:PublicUrl"))
            .Should()
            .BeEquivalentTo(new { Value = "https://prompts.example.org", IsLeftOut = false });
        _portal.Log.Should().Contain(line => line.Contains(KeepDays) && line.Contains("is ignored"));
        await SaveAsync((KeepDays, "14"));
        _portal.Get<IOptions<RunsOptions>>().Value.KeepDays.Should().Be(14, "the page mends it, one wrong section after the other");
        (await FindAsync("PromptPilot:Webhooks:KeepDays")).IsLeftOut.Should().BeTrue();
    }

    [Fact]
    public async Task Save_OfAllAsTheyStand_ChangesNothing()
    {
        var before = (await Service.ListAsync(_admin, Token)).Value;

        var saved = await Service.SaveAsync(
            _admin,
            [
                .. before
                    .Where(state => state.FixedBy is null && !state.Setting.IsSecret)
                    .Select(state => new SettingChange(state.Setting.Key, state.Value, 0)),
            ],
            Token
        );

        saved.Problem.Should().BeNull();
        saved
            .Value.Select(state => (state.Setting.Key, state.Value))
            .Should()
            .Equal(before.Select(state => (state.Setting.Key, state.Value)));
        before.Select(state => state.Setting.Key).Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(25);
    }

    [Fact]
    public async Task Lockout_FollowsTheSetting()
    {
        await SaveAsync(("PromptPilot:Users:LockoutAttempts", "2"), ("PromptPilot:Users:LockoutMinutes", "7"));

        using var scope = _portal.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var person = (await users.FindByEmailAsync((await _portal.AddPersonAsync(Role.Viewer)).Email))!;
        await users.AccessFailedAsync(person);
        (await users.IsLockedOutAsync(person)).Should().BeFalse();
        await users.AccessFailedAsync(person);
        (await users.IsLockedOutAsync(person)).Should().BeTrue();
        (person.LockoutEnd - DateTimeOffset.UtcNow).Should().BeCloseTo(TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(1));
        using var browser = _portal.CreateClient();
        using var refused = await PageForms.SignInAsync(browser, person.Email!, "wrong");
        (await refused.Content.ReadAsStringAsync(Token))
            .Should()
            .Contain("After 2 wrong passwords in a row, the account is locked for 7 minutes.", "people read what is in force");
    }

    [Fact]
    public async Task RateLimit_FollowsTheSetting_AtOnce()
    {
        using var client = _portal.CreateAdminClient();
        (await client.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Token)).StatusCode.Should().Be(HttpStatusCode.OK);

        await SaveAsync(("PromptPilot:Http:ApiBurst", "1"), ("PromptPilot:Http:ApiRequestsPerSecond", "1"));

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async _ =>
                {
                    using var answer = await client.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Token);
                    return answer.StatusCode;
                })
        );
        answers.Should().Contain(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Name_StandsOnTheSignInPage_AsTextOnly()
    {
        await SaveAsync(("PromptPilot:Portal:Name", "<b>Acme</b> prompts"));

        using var client = _portal.CreateClient();
        var page = await client.GetStringAsync(new Uri("/account/sign-in", UriKind.Relative), Token);

        page.Should()
            .Contain("&lt;b&gt;Acme&lt;/b&gt; prompts</p>")
            .And.Contain("Sign in · &lt;b&gt;Acme&lt;/b&gt; prompts</title>")
            .And.NotContain("<b>Acme");
    }

    [Fact]
    public async Task TestMail_GoesToTheAdmin_OrTellsWhatTheServerSaid()
    {
        await using var server = await NodeMailServer.StartAsync();
        await RestartAsync(new() { ["PromptPilot:Smtp:TrustedCertificates"] = server.CertificateFile });
        var tests = _portal.Get<MailTestService>();
        (await tests.SendAsync(_admin, Token)).Value.Should().Match<MailTest>(test => !test.IsSent && test.Text.Contains("No mail server"));

        await SaveAsync(
            ("PromptPilot:Smtp:Host", "127.0.0.1"),
            ("PromptPilot:Smtp:Port", $"{server.Port}"),
            ("PromptPilot:Smtp:UserName", NodeMailServer.User),
            (Password, "wrong-password"),
            ("PromptPilot:Smtp:From", "portal@example.org")
        );
        (await tests.SendAsync(_admin, Token))
            .Value.Should()
            .Match<MailTest>(test => !test.IsSent && !test.Text.Contains("wrong-password"));

        await SaveAsync((Password, NodeMailServer.Password));
        var sent = (await tests.SendAsync(_admin, Token)).Value;
        sent.IsSent.Should().BeTrue(sent.Text);
        server
            .Mails.Should()
            .ContainSingle()
            .Which.GetProperty("to")
            .EnumerateArray()
            .Should()
            .ContainSingle()
            .Which.GetString()
            .Should()
            .Be(PortalHost.AdminEmail);
    }

    private async Task SaveAsync(params (string Key, string? Value)[] changes) => (await TryAsync(changes)).Problem.Should().BeNull();

    private async Task<Result<IReadOnlyList<SettingState>>> TryAsync(params (string Key, string? Value)[] changes)
    {
        var states = (await Service.ListAsync(_admin, Token)).Value;
        return await Service.SaveAsync(
            _admin,
            [
                .. changes.Select(change => new SettingChange(
                    change.Key,
                    change.Value,
                    states.Single(state => state.Setting.Key == change.Key).Revision
                )),
            ],
            Token
        );
    }

    private async Task<SettingState> FindAsync(string key) =>
        (await Service.ListAsync(_admin, Token)).Value.Single(state => state.Setting.Key == key);

    private async ValueTask StartAsync(Dictionary<string, string?>? settings = null)
    {
        _portal = await PortalHost.StartAsync(new PortalOptions { DataDirectory = _directory.Path, Settings = settings ?? [] });
        _admin = new Actor.Person((await _portal.GetAdminAsync()).Id);
    }

    private async Task RestartAsync(Dictionary<string, string?>? settings = null)
    {
        await _portal.DisposeAsync();
        await StartAsync(settings);
    }
}
