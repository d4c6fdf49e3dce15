using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Prompts;

/// <summary>Prompts that include others: what is pinned, what follows, what is refused.</summary>
public sealed class PromptPartsTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Actor _author = null!;

    private PromptService Prompts => _database.Get<PromptService>();

    private PromptLabelService Labels => _database.Get<PromptLabelService>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddPrompts());
        _author = new Actor.Person((await _database.AddPersonAsync(Role.Architect)).Id);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Save_PinsTheNewestVersion_AndSavingAgainTakesANewerOne()
    {
        var style = await AddAsync("House style", "Be {{ tone }}.");
        var caller = await AddAsync("Caller", "{% include \"house style\" %} {{ notes }}");
        caller.Variables.Should().Equal("notes", "tone");
        caller
            .Parts.Single()
            .Should()
            .BeEquivalentTo(
                new
                {
                    PromptId = style.Id,
                    VersionId = style.LatestVersionId,
                    Pinned = "1.0.0",
                }
            );
        (await RenderAsync(caller)).Should().Be("Be ‹tone›. ‹notes›");

        await ChangeAsync(style, "Be very {{ tone }}.");
        (await RenderAsync(caller)).Should().Be("Be ‹tone›. ‹notes›", "a version sends the same forever");
        var newer = (await Prompts.UpdateAsync(_author, caller.Id, PromptDraft.Of(caller), null, Token)).Value;
        (newer.Version, newer.Parts.Single().Pinned).Should().Be(("1.1.0", "1.1.0"));
        (await RenderAsync(newer)).Should().Be("Be very ‹tone›. ‹notes›");
        (await Prompts.UpdateAsync(_author, caller.Id, PromptDraft.Of(newer), null, Token)).Value.Version.Should().Be("1.1.0");

        await ChangeAsync(style, "Be {{ tone }} in {{ language }}.");
        var major = (await Prompts.UpdateAsync(_author, caller.Id, PromptDraft.Of(newer), null, Token)).Value;
        (major.Version, string.Join(' ', major.Variables)).Should().Be(("2.0.0", "notes tone language"), "steps must map one more");
        var exact = await AddAsync("Exact", "{% include \"House style\", version: \"1.0.0\" %}");
        (await RenderAsync(exact)).Should().Be("Be ‹tone›.");
    }

    [Fact]
    public async Task Label_IsFollowed_AndItsImpactNamesWhoWouldChange()
    {
        var style = await AddAsync("Style", "Be brief.");
        await Labels.SetLabelAsync(_author, style.Id, "production", "1.0.0", Token);
        var middle = await AddAsync("Middle", "({% include \"Style\", label: \"production\" %})");
        var caller = await AddAsync("Caller", "{% include \"Middle\" %} {{ notes }}");
        await ChangeAsync(style, "Be brief, {{ name }}.");
        (await RenderAsync(caller)).Should().Be("(Be brief.) ‹notes›");

        var impact = (await Labels.FindImpactAsync(_author, style.Id, "production", "2.0.0", Token)).Value;
        impact.Prompts.Select(p => (p.Name, p.Missing.Single())).Should().BeEquivalentTo([("Middle", "name"), ("Caller", "name")]);
        (await Labels.FindImpactAsync(_author, style.Id, "staging", "2.0.0", Token)).Value.Prompts.Should().BeEmpty();

        await Labels.SetLabelAsync(_author, style.Id, "production", "2.0.0", Token);
        (await RenderAsync(caller)).Should().Contain("“name” has no value", "its author has to say what it is");
        (await Labels.RemoveLabelAsync(_author, style.Id, "production", Token)).Problem!.Message.Should().Contain("followed by “Middle”");
        (await Prompts.ListPartUsesAsync(_author, style.Id, Token))
            .Value.Single()
            .Should()
            .BeEquivalentTo(new { PromptName = "Middle", Labels = new[] { "production" } });
    }

    [Fact]
    public async Task Include_OfItself_InAnyWay_IsRefused()
    {
        var a = await AddAsync("A", "a");
        await Labels.SetLabelAsync(_author, a.Id, "live", "1.0.0", Token);
        (await ErrorAsync(a, "x\n {% include \"A\" %}"))
            .Should()
            .Be("content 2:5 “A” would include itself: A → A. Remove one of these includes.");
        var b = await AddAsync("B", "{% include \"A\", label: \"live\" %}");
        var c = await AddAsync("C", "{% include \"B\" %}");
        (await ErrorAsync(a, "{% include \"C\" %}")).Should().Contain("A → C → B → A");

        // By a label that moves: B follows D, which includes B by the version before.
        var d = await AddAsync("D", "d");
        await Labels.SetLabelAsync(_author, d.Id, "live", "1.0.0", Token);
        await ChangeAsync(b, "{% include \"D\", label: \"live\" %}");
        await AddAsync("E", "{% include \"B\", version: \"1.0.0\" %}");
        await ChangeAsync(d, "{% include \"E\" %}");
        (await Labels.SetLabelAsync(_author, d.Id, "live", "1.1.0", Token)).IsOk.Should().BeTrue("version 1.0.0 of B includes A alone");
        c.Version.Should().Be("1.0.0");
    }

    [Fact]
    public async Task Label_MovedToAVersionThatIncludesItself_IsRefused()
    {
        var part = await AddAsync("Part", "p");
        await Labels.SetLabelAsync(_author, part.Id, "live", "1.0.0", Token);
        await AddAsync("Follower", "{% include \"Part\", label: \"live\" %}");
        var other = await AddAsync("Other", "o");
        await Labels.SetLabelAsync(_author, other.Id, "live", "1.0.0", Token);
        await ChangeAsync(part, "{% include \"Other\", label: \"live\" %}");
        await ChangeAsync(other, "{% include \"Follower\" %}");

        var moved = await Labels.SetLabelAsync(_author, part.Id, "live", "1.1.0", Token);
        moved.IsOk.Should().BeTrue("Other is live at 1.0.0, which includes nothing");
        var loop = await Labels.SetLabelAsync(_author, other.Id, "live", "1.1.0", Token);
        loop.Problem!.Errors.Single().Message.Should().Contain("Other → Follower → Part → Other");
    }

    [Theory]
    [InlineData("a\n{% include \"Nowhere\" %}", "content 2:4 There is no prompt “Nowhere” to include.")]
    [InlineData("{% include \"Style\", version: \"9.0.0\" %}", "content 1:4 “Style” has no version 9.0.0.")]
    [InlineData("{% include \"Style\", label: \"live\" %}", "content 1:4 “Style” has no label “live”.")]
    [InlineData("{% include \"System\" %}", "content 1:4 “System” cannot be included: it has a system message.")]
    [InlineData("{% include \"Messages\" %}", "content 1:4 “Messages” cannot be included: it has messages.")]
    public async Task Include_ThatCannotBe_IsAnErrorAtItsPlace(string text, string expected)
    {
        await AddAsync("Style", "s");
        await SaveAsync(
            new PromptDraft
            {
                Name = "System",
                Content = "s",
                SystemMessage = "s",
            }
        );
        await SaveAsync(new PromptDraft { Name = "Messages", Messages = [new(MessageRole.Assistant, "a"), new(MessageRole.User, "b")] });
        (await ErrorAsync(null, text)).Should().StartWith(expected);
    }

    [Fact]
    public async Task Include_InAnyMessage_IsFound()
    {
        await AddAsync("Style", "Be {{ tone }}.");
        var caller = await SaveAsync(
            new PromptDraft
            {
                Name = "Chat",
                Messages =
                [
                    new(MessageRole.System, "{% include \"Style\" %}"),
                    new(MessageRole.Assistant, "ok"),
                    new(MessageRole.User, "{{ q }}{% include \"Style\" %}"),
                ],
            }
        );
        caller.Variables.Should().Equal("tone", "q");
        (await RenderAsync(caller)).Should().Be("Be ‹tone›. / ok / ‹q›Be ‹tone›.");
        var wrong = new PromptDraft
        {
            Name = "Bad",
            Messages = [new(MessageRole.Assistant, "a"), new(MessageRole.User, "{% include \"No\" %}")],
        };
        (await Prompts.CreateAsync(_author, wrong, Token)).Problem!.Errors.Single().Field.Should().Be("messages[1].content");
    }

    [Fact]
    public async Task Part_InUse_IsNotDeleted_AndKeepsItsMark()
    {
        var part = await SaveAsync(
            new PromptDraft
            {
                Name = "Part",
                Content = "p",
                IsPart = true,
            }
        );
        var caller = await AddAsync("Caller", "{% include \"Part\" %}");
        (await Prompts.DeleteAsync(_author, part.Id, null, Token)).Problem!.Message.Should().Contain("is included by “Caller”");

        var renamed = (await Prompts.UpdateAsync(_author, part.Id, new PromptDraft { Name = "Part", Content = "q" }, null, Token)).Value;
        renamed.Metadata.IsPart.Should().BeTrue("programs that do not know the mark keep it");
        var tagged = await _database.Get<PromptBulkService>().TagAsync(_author, [caller.Id], ["x"], [], Token);
        tagged.Value.Changed.Should().Equal(caller.Id);
        var after = (await Prompts.FindAsync(_author, caller.Id, Token)).Value;
        (after.Version, after.Parts.Single().Pinned).Should().Be(("1.0.1", "1.0.0"), "tags bring no newer part");
    }

    private Task<Prompt> AddAsync(string name, string content) => SaveAsync(new PromptDraft { Name = name, Content = content });

    private async Task<Prompt> SaveAsync(PromptDraft draft)
    {
        var saved = await Prompts.CreateAsync(_author, draft, Token);
        saved.Problem.Should().BeNull();
        return saved.Value;
    }

    private async Task ChangeAsync(Prompt prompt, string content)
    {
        var saved = await Prompts.UpdateAsync(_author, prompt.Id, PromptDraft.Of(prompt) with { Content = content }, null, Token);
        saved.Problem.Should().BeNull();
    }

    private async Task<string> ErrorAsync(Prompt? prompt, string content)
    {
        var draft = new PromptDraft { Name = prompt?.Name ?? "New", Content = content };
        var saved = prompt is null
            ? await Prompts.CreateAsync(_author, draft, Token)
            : await Prompts.UpdateAsync(_author, prompt.Id, draft, null, Token);
        var error = saved.Problem!.Errors.Single();
        return $"{error.Field} {error.Line}:{error.Column} {error.Message}";
    }

    /// <summary>What the newest version sends, with stand-ins for what its author could give a value.</summary>
    private async Task<string> RenderAsync(Prompt prompt)
    {
        var versions = _database.Get<PromptVersions>();
        var version = (await versions.FindAsync(prompt.LatestVersionId, Token))!;
        var whole = await versions.WithPartsAsync(version, null, Token);
        var texts = whole.Value.Source.Render([], version.Variables.ToDictionary(name => name, name => AppJson.Text($"‹{name}›")), Token);
        return texts.IsOk ? string.Join(" / ", texts.Value.Messages.Select(m => m.Text)) : texts.Problem.Message;
    }
}
