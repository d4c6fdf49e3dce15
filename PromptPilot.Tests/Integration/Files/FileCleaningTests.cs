using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Files;

/// <summary>What stays and what goes, on a real database.</summary>
public sealed class FileCleaningTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 7, 15, 12, 0, 0, TimeSpan.Zero));
    private readonly FilesOptions _options = new();
    private readonly TextProcess _process = new(new TextProgramPath("not needed", []), NullLogger<TextProcess>.Instance);
    private TestDatabase _database = null!;
    private FileStore _store = null!;
    private FileUses _uses = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_ => { });
        var options = Options.Create(_options);
        _store = new FileStore(_database.Contexts, _database.Get<WriteGate>(), new DocumentTexts(_process, options), options, _time);
        _uses = new FileUses(_database.Contexts, _time);
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        return _database.DisposeAsync();
    }

    [Fact]
    public async Task LargeFile_ComesBackInTheSameBytes_AndIsStoredOnce()
    {
        var content = SampleFiles.Png(10, 10).Concat(Enumerable.Range(0, 700_000).Select(i => (byte)i)).ToArray();

        var first = await SaveAsync(content, "one.png");
        var second = await SaveAsync(content, "two.png");

        second.File.Should().Be(first.File);
        second.Name.Should().Be("two.png");
        (await _store.ReadAsync(first.File, Token)).Should().Equal(content);
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.StoredFiles.CountAsync(Token), await db.FileChunks.CountAsync(Token)).Should().Be((1, 3));
    }

    [Fact]
    public async Task SameFile_SentTwiceAtOnce_IsStoredOnce()
    {
        var content = SampleFiles.Utf8("A document that two people send at the same time.");

        var sent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SaveAsync(content, "a.txt")));

        sent.Select(file => file.File).Distinct().Should().ContainSingle();
        (await _store.ReadTextAsync(sent[0].File, Token)).Should().StartWith("A document");
    }

    [Fact]
    public async Task FullStorage_RefusesAFile_AndSaysSo()
    {
        _options.MaxTotalMegabytes = 0;

        var saved = await _store.SaveAsync(SampleFiles.Png(1, 1), "a.png", null, null, Token);

        saved.Problem!.Message.Should().Contain("There is no space for this file");
    }

    [Fact]
    public async Task Sweep_RemovesWhatNothingUses_AfterADay_AndWhatARunLeaves()
    {
        var workflow = new Workflow { Name = "W" };
        var run = new WorkflowRun
        {
            WorkflowId = workflow.Id,
            WorkflowName = "W",
            QueuedAt = _time.GetUtcNow().UtcDateTime,
        };
        await _database.SaveAsync(workflow, run);
        var used = await SaveAsync(SampleFiles.Png(1, 1, 1), "used.png");
        var shared = await SaveAsync(SampleFiles.Png(1, 1, 2), "shared.png");
        await SaveAsync(SampleFiles.Png(1, 1, 3), "unused.png");
        var orphaned = await SaveAsync(SampleFiles.Png(1, 1, 4), "orphaned.png");
        await _uses.KeepAsync(FileOwner.Run, run.Id, [used.ToJson(), shared.ToJson()], Token);
        await _uses.KeepAsync(FileOwner.Run, run.Id, [used.ToJson()], Token);
        await _uses.KeepAsync(FileOwner.Run, "never stored", [orphaned.ToJson()], Token);

        await SweepAsync();
        (await StoredAsync()).Should().HaveCount(4, "a file that was just sent may get its run in a moment");

        _time.Advance(TimeSpan.FromHours(25));
        var late = await SaveAsync(SampleFiles.Png(1, 1, 5), "late.png");
        await SweepAsync();
        (await StoredAsync()).Should().BeEquivalentTo(used.File, shared.File, late.File);

        await using (var db = await _database.Contexts.CreateDbContextAsync(Token))
        {
            await db.WorkflowRuns.ExecuteDeleteAsync(Token);
        }

        _time.Advance(TimeSpan.FromHours(25));
        await SweepAsync();
        (await StoredAsync()).Should().BeEmpty();
        (await _store.ReadAsync(used.File, Token)).Should().BeNull();
    }

    private async Task<FileReference> SaveAsync(byte[] content, string name) =>
        (await _store.SaveAsync(content, name, null, null, Token)).Value;

    private Task SweepAsync() => new FileCleaning(_database.Contexts, _time, NullLogger<FileCleaning>.Instance).CleanAsync(Token);

    private async Task<List<string>> StoredAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await db.StoredFiles.Select(file => file.Hash).ToListAsync(Token);
    }
}
