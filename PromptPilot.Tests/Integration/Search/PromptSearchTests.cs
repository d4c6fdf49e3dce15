using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Search;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Search;

/// <summary>The index of prompts on a real file: what is found, that it follows each change, and that it heals itself.</summary>
[Trait("Database", "SQLite")]
public sealed class PromptSearchTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Actor _author = null!;

    private PromptService Prompts => _database.Get<PromptService>();

    private PromptBulkService Bulk => _database.Get<PromptBulkService>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddPrompts().AddSearch());
        _author = new Actor.Person((await _database.AddPersonAsync(Role.Architect)).Id);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("summ", "Meeting summary")]
    [InlineData("summary meeting", "Meeting summary")]
    [InlineData("MEETING budg", "Meeting summary")]
    [InlineData("会议", "会议记录")]
    [InlineData("议记录", "会议记录")]
    [InlineData("翻译", "会议记录")]
    [InlineData("перев", "Перевод")]
    [InlineData("ПЕРЕВОД", "Перевод")]
    [InlineData("אר", "Перевод")]
    [InlineData("résumé", "Lebenslauf")]
    [InlineData("resume", "Lebenslauf")]
    [InlineData("C#", "Lebenslauf")]
    [InlineData("\"quoted\"", "Lebenslauf")]
    [InlineData("100%", "Lebenslauf")]
    [InlineData("polite clerk", "Lebenslauf")]
    public async Task Find_PartsOfWordsInAnyScript_AreFound(string text, string expected)
    {
        await CreateAsync("Meeting summary", "Sum up the budget of {{ notes }}", tags: ["weekly"]);
        await CreateAsync("会议记录", "请翻译以下内容 {{ notes }}");
        await CreateAsync("Перевод", "Переведи текст {{ notes }} ארץ");
        await CreateAsync("Lebenslauf", "Write a résumé, \"quoted\", 100% in {{ lang }}", "You are a polite clerk", ["C#"]);

        (await FindAsync(text)).Should().Equal(expected);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\"\"\"")]
    [InlineData("name: OR ( NEAR/2 * ^ - + {a b}:c")]
    [InlineData("'); DROP TABLE Prompts; --")]
    [InlineData("\0\u0001 \ud800")]
    [InlineData("%%% ___ \\\\\\")]
    public async Task Find_WhatLooksLikeSyntax_IsOnlyText(string text)
    {
        await CreateAsync("Plain", "Nothing special {{ x }}");

        (await FindAsync(text)).Should().BeEmpty();
        (await FindAsync("plain")).Should().Equal("Plain");
    }

    [Fact]
    public async Task Index_FollowsEachChange_InItsTransaction()
    {
        var prompt = await CreateAsync("Old name", "First words {{ x }}");
        await Prompts.UpdateAsync(_author, prompt.Id, new PromptDraft { Name = "New name", Content = "Second words {{ x }}" }, null, Token);
        (await FindAsync("first")).Should().BeEmpty();
        (await FindAsync("second new")).Should().Equal("New name");

        await Bulk.TagAsync(_author, [prompt.Id], ["shiny"], [], Token);
        (await FindAsync("shin")).Should().Equal("New name");

        await using (var db = await _database.Contexts.CreateDbContextAsync(Token))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            await db.Database.ExecuteSqlRawAsync("UPDATE \"Prompts\" SET \"Content\" = 'undone words'", Token);
            await transaction.RollbackAsync(Token);
        }

        (await FindAsync("undone")).Should().BeEmpty();
        await Prompts.DeleteAsync(_author, prompt.Id, null, Token);
        (await FindAsync("second")).Should().BeEmpty();
    }

    [Theory]
    [Trait("Database", "SQLite")]
    [InlineData("DROP TABLE PromptSearch")]
    [InlineData("DROP TRIGGER PromptSearchUpdate")]
    [InlineData("DELETE FROM PromptSearchKeys")]
    public async Task Ensure_DamagedIndex_IsMadeAnew_AndASoundOneIsLeft(string damage)
    {
        await CreateAsync("Kept", "Known words {{ x }}");
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await PromptIndex.EnsureAsync(db, Token)).Should().BeFalse("nothing is wrong with it");
        await db.Database.ExecuteSqlRawAsync(damage, Token);

        (await PromptIndex.EnsureAsync(db, Token)).Should().BeTrue();

        (await FindAsync("known")).Should().Equal("Kept");
        (await PromptIndex.EnsureAsync(db, Token)).Should().BeFalse();
    }

    [Fact]
    public async Task List_FiltersAndSorts_AndHidesTheArchived()
    {
        var first = await CreateAsync("Alpha", "Text {{ x }}", tags: ["one"]);
        var second = await CreateAsync("Beta alpha", "Text {{ x }}", tags: ["two"]);
        var third = await CreateAsync("Gamma", "Text {{ x }}", tags: ["one"]);
        await using var labelling = await _database.Contexts.CreateDbContextAsync(Token);
        await _database.SaveAsync(await Unprotected.LabelAsync(labelling, third.Id, "production", third.LatestVersionId));
        (await Bulk.ArchiveAsync(_author, [second.Id, "no-such-prompt"], true, Token)).Value.Changed.Should().Equal(second.Id);

        (await NamesAsync(new PromptFilter())).Should().Equal("Alpha", "Gamma");
        (await NamesAsync(new PromptFilter("alpha"))).Should().Equal("Alpha");
        (await NamesAsync(new PromptFilter(Archived: true))).Should().Equal("Beta alpha");
        (await NamesAsync(new PromptFilter(Label: "production"))).Should().Equal("Gamma");
        (await NamesAsync(new PromptFilter(Author: "somebody else"))).Should().BeEmpty();
        (await NamesAsync(new PromptFilter(Sort: PromptSort.Updated))).Should().Equal("Gamma", "Alpha");
        (await NamesAsync(new PromptFilter(Sort: PromptSort.Use))).Should().Equal("Alpha", "Gamma");
        (await NamesAsync(new PromptFilter(Sort: PromptSort.Rating))).Should().Equal("Alpha", "Gamma");
        await Bulk.ArchiveAsync(_author, [second.Id], false, Token);
        await Bulk.ArchiveAsync(_author, [first.Id], true, Token);
        (await NamesAsync(new PromptFilter("alpha text", Sort: PromptSort.Match))).Should().Equal("Beta alpha");
        var facets = (await Prompts.ListFacetsAsync(_author, Token)).Value;
        facets.Labels.Should().Equal("production");
        facets.Authors.Should().ContainSingle();
        facets.Tags.Should().Equal("one", "two");
    }

    [Theory]
    [InlineData(PromptSort.Name)]
    [InlineData(PromptSort.Updated)]
    [InlineData(PromptSort.Use)]
    [InlineData(PromptSort.Rating)]
    [InlineData(PromptSort.Match)]
    public async Task List_PagesOfEachOrder_CoverEverythingOnce(PromptSort sort)
    {
        for (var i = 0; i < 7; i++)
        {
            await CreateAsync($"Prompt {i}", "Text {{ x }}");
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = (await Prompts.ListAsync(_author, new PromptFilter("prompt", Sort: sort), new PageRequest(after, 3), Token)).Value;
            seen.AddRange(page.Items.Select(item => item.Name));
            after = page.Next;
        } while (after is not null);
        seen.Should().HaveCount(7).And.OnlyHaveUniqueItems();
        (await Prompts.ListAsync(_author, new PromptFilter(Sort: sort), new PageRequest("?"), Token))
            .Problem!.Errors.Should()
            .ContainSingle(error => error.Field == "after");
    }

    [Fact]
    public async Task Tag_Many_MakesAPatchVersionOfEachThatChanges_AndTellsOfTheOthers()
    {
        var plain = await CreateAsync("Plain", "Text {{ x }}");
        var tagged = await CreateAsync("Tagged", "Text {{ x }}", tags: ["New"]);
        var full = await CreateAsync("Full", "Text {{ x }}", tags: [.. Enumerable.Range(0, 20).Select(i => $"t{i}")]);

        var outcome = (await Bulk.TagAsync(_author, [plain.Id, tagged.Id, full.Id], ["new"], [], Token)).Value;

        outcome.Changed.Should().Equal(plain.Id);
        outcome.Refused.Should().ContainSingle().Which.Should().StartWith("Full: ");
        var changed = (await Prompts.FindAsync(_author, plain.Id, Token)).Value;
        changed.Version.Should().Be("1.0.1");
        changed.Metadata.Tags.Should().Equal("new");
        (await Prompts.ListVersionsAsync(_author, plain.Id, new PageRequest(), Token)).Value.Items[0].Message.Should().Be("tagged new");
        (await Bulk.TagAsync(_author, [.. Enumerable.Range(0, 501).Select(i => $"{i}")], ["new"], [], Token))
            .Problem!.Errors.Should()
            .ContainSingle(error => error.Field == "ids");
    }

    private async Task<Prompt> CreateAsync(string name, string content, string? system = null, string[]? tags = null)
    {
        var made = await Prompts.CreateAsync(
            _author,
            new PromptDraft
            {
                Name = name,
                Content = content,
                SystemMessage = system,
                Tags = tags ?? [],
            },
            Token
        );
        made.Problem.Should().BeNull();
        return made.Value;
    }

    private Task<IReadOnlyList<string>> FindAsync(string text) => NamesAsync(new PromptFilter(text));

    private async Task<IReadOnlyList<string>> NamesAsync(PromptFilter filter) =>
        [.. (await Prompts.ListAsync(_author, filter, new PageRequest(), Token)).Value.Items.Select(item => item.Name)];
}
