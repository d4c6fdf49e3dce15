using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Storage;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Storage;

/// <summary>Backups of a portal at work, restored into empty directories; and what an attacker or an accident makes of them.</summary>
[Trait("Database", "SQLite")]
public sealed class BackupTests : IAsyncLifetime
{
    private const string Passphrase = "correct horse battery staple";
    private const string ModelKey = "sk-canary-4711-of-the-model";

    private readonly TempDirectory _files = new();
    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _workflowId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _model.Script = call =>
            call.Headers.GetValueOrDefault("Authorization") == $"Bearer {ModelKey}" ? FakeAnswer.Of("Done.") : FakeAnswer.Error(401);
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
        var profile = await _api.SendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = "Keyed",
                provider = "openai-compatible",
                endpoint = _model.Endpoint,
                model = "fake-1",
                apiKey = ModelKey,
                parameters = new { temperature = 0.2, maxTokens = 500 },
            }
        );
        _workflowId = await _api.AddWorkflowAsync(profile.Text("id"), ("facts", ["text"]));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public Task Backups_UnderFiftyWritesASecond_AllRestore() => RestoreAllAsync(3);

    [Fact]
    [Trait("Category", "Soak")]
    public Task TwentyBackups_UnderFiftyWritesASecond_AllRestore() => RestoreAllAsync(20);

    [Fact]
    public async Task Download_ByTheForm_IsForAdminsOnly_AndNeedsTheTokenOfTheForm()
    {
        using var admin = _portal.CreateClient();
        (await PageForms.SignInAsync(admin, PortalHost.AdminEmail, PortalHost.AdminPassword)).Dispose();
        var token = await PageForms.TokenAsync(admin, Path("/admin/storage"));

        using var forged = await PostAsync(admin, null, Passphrase);
        using var weak = await PostAsync(admin, token, "short");
        using var made = await PostAsync(admin, token, Passphrase);

        forged.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        weak.Headers.Location!.ToString().Should().Be("/admin/storage?problem=Invalid");
        made.StatusCode.Should().Be(HttpStatusCode.OK);
        made.Content.Headers.ContentDisposition!.FileName.Should().EndWith(".backup");
        var bytes = await made.Content.ReadAsByteArrayAsync(Token);
        var text = Encoding.Latin1.GetString(bytes);
        text.Should().NotContain(ModelKey).And.NotContain("SQLite format").And.NotContain("facts").And.NotContain("<key id");
        await Eventually.HoldsAsync(
            () => !Directory.EnumerateFiles(System.IO.Path.Combine(_portal.DataDirectory, "backups")).Any(),
            "what was sent is not kept, once the server is done with it"
        );

        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            (await db.Set<Core.Audit.AuditEntry>().SingleAsync(entry => entry.Kind == "backup", Token))
                .SubjectName.Should()
                .EndWith(".backup", "who took everything away is told");
        }

        var architect = await _portal.AddPersonAsync(Role.Architect);
        using var other = _portal.CreateClient();
        (await PageForms.SignInAsync(other, architect.Email, architect.Password)).Dispose();
        using var page = await other.GetAsync(Path("/admin/storage"), Token);
        using var refused = await PostAsync(other, await PageForms.TokenAsync(other, Path("/account/sign-out")), Passphrase);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var nobody = _portal.CreateClient();
        using var unknown = await PostAsync(nobody, await PageForms.TokenAsync(nobody, Path("/account/sign-in")), Passphrase);
        unknown.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Restore_OfADamagedFile_WithAnotherPassphrase_OrOverAPortal_ChangesNothing()
    {
        var good = await File.ReadAllBytesAsync(await MakeAsync(), Token);
        var flipped = good.ToArray();
        flipped[good.Length / 2] ^= 1;
        foreach (
            var (bytes, passphrase) in new[]
            {
                (good, "another long passphrase"),
                (flipped, Passphrase),
                (good[..(good.Length / 2)], Passphrase),
                (Encoding.UTF8.GetBytes("no backup"), Passphrase),
                ([], Passphrase),
            }
        )
        {
            using var target = new TempDirectory();
            var restored = BackupRestore.Restore(await WriteAsync(bytes), passphrase, PathsOf(target.Path));

            restored.Problem!.Message.Should().MatchRegex("passphrase|damaged|not a PromptPilot backup");
            Directory.EnumerateFiles(target.Path, "*", SearchOption.AllDirectories).Should().BeEmpty();
        }

        BackupRestore
            .Restore(await WriteAsync(good), Passphrase, PathsOf(_portal.DataDirectory))
            .Problem!.Message.Should()
            .Contain("empty data directory");
        (await _api.RunAsync(_workflowId)).Text("status").Should().Be("succeeded");
    }

    [Theory]
    [InlineData("../outside.xml")]
    [InlineData("keys/../../outside.xml", Traits = ["Category", "Soak"])]
    [InlineData("/tmp/outside.xml", Traits = ["Category", "Soak"])]
    [InlineData("keys/evil.exe")]
    [InlineData("appsettings.json", Traits = ["Category", "Soak"])]
    public void Restore_OfAnArchiveWithForeignEntries_IsRefused(string entry)
    {
        using var target = new TempDirectory();
        var inner = System.IO.Path.Combine(target.Path, "data");
        Directory.CreateDirectory(inner);
        var content = System.IO.Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
        File.WriteAllText(content, "evil");
        var file = System.IO.Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
        using (var output = File.Create(file))
        {
            BackupArchive.Write(output, Passphrase, [(entry, content)]);
        }

        BackupRestore.Restore(file, Passphrase, PathsOf(inner)).Problem!.Message.Should().Contain("not part of a backup");

        Directory.EnumerateFiles(target.Path, "*", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task RestoreCommand_TakesThePassphraseFromTheEnvironment_AndSaysWhatItDid()
    {
        var file = await MakeAsync();
        using var target = new TempDirectory();

        var wrong = await CommandAsync(target.Path, file, "not the passphrase");
        var done = await CommandAsync(target.Path, file, Passphrase);
        var again = await CommandAsync(target.Path, file, Passphrase);
        using var other = new TempDirectory();
        var asJson = await CommandAsync(other.Path, file, Passphrase, "--json");
        var wrongAsJson = await CommandAsync(other.Path, file, Passphrase, "--json");

        wrong.Should().Match<(int Code, string Said)>(x => x.Code == 1 && x.Said.Contains("passphrase"));
        done.Should().Match<(int Code, string Said)>(x => x.Code == 0 && x.Said.Contains("Restored to"));
        again.Should().Match<(int Code, string Said)>(x => x.Code == 1 && x.Said.Contains("empty data directory"));
        (asJson.Code, JsonDocument.Parse(asJson.Said).RootElement.GetProperty("directory").GetString()).Should().Be((0, other.Path));
        JsonDocument.Parse(wrongAsJson.Said).RootElement.GetProperty("exitCode").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task Start_OverAFirstStartThatWasCutOff_Migrates()
    {
        using var directory = new TempDirectory();
        await using (
            var old = DatabaseCopy.Open(
                System.IO.Path.Combine(directory.Path, "promptpilot.db"),
                Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate
            )
        )
        {
            await using var command = old.CreateCommand();
            command.CommandText = """
                CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
                """;
            await command.ExecuteNonQueryAsync(Token);
        }

        await using var portal = await PortalHost.StartAsync(new PortalOptions { DataDirectory = directory.Path });

        (await portal.GetAdminAsync()).Email.Should().Be(PortalHost.AdminEmail);
        Directory.Exists(System.IO.Path.Combine(directory.Path, "backups")).Should().BeFalse("there was nothing to keep");
    }

    /// <summary>A case, two of them in a stored version, and a corrected output.</summary>
    private static async Task AddTextsAsync(PromptPilotDbContext db)
    {
        var log = await db.ExecutionLogs.AsNoTracking().OrderByDescending(entry => entry.Timestamp).FirstAsync(Token);
        var set = new TestSet
        {
            PromptId = log.PromptId,
            Name = "Core",
            NormalizedName = "CORE",
        };
        db.AddRange(
            set,
            new TestCase { TestSetId = set.Id, Name = "First" },
            new TestSetVersion
            {
                TestSetId = set.Id,
                Cases = [new FrozenCase("a", 1, "", [], "Text"), new FrozenCase("b", 2, "", [], null)],
            },
            new Core.Feedback.Feedback
            {
                ExecutionId = log.Id,
                PromptId = log.PromptId,
                UserId = await db.Users.Select(user => user.Id).FirstAsync(Token),
                Rating = 2,
                CorrectedOutput = "Better",
            }
        );
        await db.SaveChangesAsync(Token);
    }

    [Fact]
    public async Task Storage_TellsWhereTheSpaceGoes_WhatGoesNext_AndThatItIsSound()
    {
        var storage = _portal.Get<StorageService>();
        var actor = new Actor.Person((await _portal.GetAdminAsync()).Id);
        var old = (await _api.RunAsync(_workflowId, new string('a', 5000))).Text("id");
        await _api.RunAsync(_workflowId);
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            var then = DateTime.UtcNow.AddDays(-100);
            await db
                .WorkflowRuns.Where(run => run.Id == old)
                .ExecuteUpdateAsync(run => run.SetProperty(r => r.QueuedAt, then).SetProperty(r => r.FinishedAt, then), Token);
            await AddTextsAsync(db);
        }

        var use = (await storage.MeasureAsync(actor, Token)).Value;
        var preview = (await storage.PreviewRetentionAsync(actor, Token)).Value;

        use.Workflows.Should().ContainSingle().Which.Should().Match<StorageShare>(share => share.Rows == 2 && share.Bytes > 10_000);
        use.Tables.Should().Contain(share => share.Name == "WorkflowRuns" && share.Rows == 2).And.BeInDescendingOrder(share => share.Bytes);
        use.Texts.Select(share => (share.Name, share.Rows))
            .Should()
            .Equal(
                ("Test cases", 1),
                ("Test cases in versions that experiments used", 2),
                ("Rows of batches", 0),
                ("Outputs of batches", 0),
                ("Corrected outputs", 1)
            );
        use.Texts.Should().OnlyContain(share => share.Rows == 0 ? share.Bytes == 0 : share.Bytes >= 5);
        preview.Workflows.Should().ContainSingle().Which.Runs.Should().Be(1);
        (await storage.CheckAsync(actor, Token)).Value.Should().BeEmpty();
        (await storage.FindSizesAsync(actor, Token))
            .Value.Should()
            .Match<StorageSizes>(sizes => sizes.Database > 100_000 && sizes.KeyRing > 100 && sizes.Free > 0);
        (await _portal.Get<Core.Runs.Retention.RunRetention>().SweepAsync(Token)).Should().Be(1, "as the preview said");
    }

    private async Task RestoreAllAsync(int count)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var written = 0;
        var writing = Task.WhenAll(
            Enumerable
                .Range(0, 5)
                .Select(async writer =>
                {
                    using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
                    while (!stop.IsCancellationRequested)
                    {
                        await _api.SendAsync(
                            HttpMethod.Post,
                            "prompts",
                            new { name = $"Written {writer} {Guid.NewGuid():N}", content = "Say {{ words }}." }
                        );
                        Interlocked.Increment(ref written);
                        await tick.WaitForNextTickAsync(Token);
                    }
                })
        );
        var clock = Stopwatch.StartNew();
        var backups = new List<(string File, int Before)>();
        for (var i = 0; i < count; i++)
        {
            var goal = written + 20;
            await Eventually.HoldsAsync(() => written >= goal || writing.IsFaulted, "writers at work", TimeSpan.FromSeconds(60));
            backups.Add((await MakeAsync(), goal));
        }

        var rate = written / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await writing;
        var restored = 0;
        foreach (var (file, before) in backups)
        {
            using var target = new TempDirectory();
            BackupRestore.Restore(file, Passphrase, PathsOf(target.Path)).Problem.Should().BeNull();
            await using var portal = await PortalHost.StartAsync(new PortalOptions { DataDirectory = target.Path, Unattended = false });
            using var client = portal.CreateAdminClient();
            using var browser = portal.CreateClient();
            using var signedIn = await PageForms.SignInAsync(browser, PortalHost.AdminEmail, PortalHost.AdminPassword);
            signedIn.StatusCode.Should().Be(HttpStatusCode.Redirect);
            (await new RunApi(client).RunAsync(_workflowId))
                .Text("status")
                .Should()
                .Be("succeeded", "the model's key is readable by the key ring that came with it");
            await using var db = await portal.Contexts.CreateDbContextAsync(Token);
            (await db.Prompts.CountAsync(p => p.Name.StartsWith("Written"), Token)).Should().BeGreaterThanOrEqualTo(before);
            restored++;
        }

        Figures.Tell($"backups: {restored} of {count} restored, made under {rate:0} writes/s");
        restored.Should().Be(count);
    }

    private async Task<string> MakeAsync()
    {
        var made = await _portal.Get<BackupService>().CreateAsync(new Actor.Person((await _portal.GetAdminAsync()).Id), Passphrase, Token);
        var file = System.IO.Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
        await using var content = made.Value.Content;
        await using var copy = File.Create(file);
        await content.CopyToAsync(copy, Token);
        return file;
    }

    private async Task<string> WriteAsync(byte[] bytes)
    {
        var file = System.IO.Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(file, bytes, Token);
        return file;
    }

    private static async Task<(int Code, string Said)> CommandAsync(
        string directory,
        string file,
        string passphrase,
        params string[] options
    )
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        start.ArgumentList.Add("restore");
        start.ArgumentList.Add(file);
        Array.ForEach(options, start.ArgumentList.Add);
        start.Environment["PromptPilot__DataDirectory"] = directory;
        start.Environment["PROMPTPILOT_PASSPHRASE"] = passphrase;
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(Token);
        var complained = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(120), Token);
        return (process.ExitCode, await said + await complained);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string? token, string passphrase)
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["passphrase"] = passphrase, ["__RequestVerificationToken"] = token ?? "" }
        );
        return await client.PostAsync(Path("/admin/storage/backup"), form, Token);
    }

    private static StoragePaths PathsOf(string directory) =>
        new(
            System.IO.Path.Combine(directory, "promptpilot.db"),
            System.IO.Path.Combine(directory, "keys"),
            System.IO.Path.Combine(directory, "backups")
        );

    private static Uri Path(string path) => new(path, UriKind.Relative);
}
