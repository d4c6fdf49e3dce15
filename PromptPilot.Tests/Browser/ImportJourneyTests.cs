using System.IO.Compression;
using System.Text;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Tests.Unit.Exchange;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A folder comes in: looked at first, then confirmed, then there; by the keys alone too. And goes out again.</summary>
public sealed class ImportJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome);
        await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Changed", content = "Say it now" });
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Folder_IsPreviewed_Confirmed_AndExported()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        await page.GetByTestId("import-look").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("diff-sides").Locator("ins").Last).ToHaveTextAsync("soon");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await page.GetByTestId("missing-model").SelectOptionAsync("Fake");
        await Assertions.Expect(page.GetByTestId("import-confirm")).ToHaveTextAsync("Import 3, skip 1");
        await page.GetByTestId("import-confirm").ClickAsync();
        await Assertions.Expect(page.GetByTestId("import-done")).ToContainTextAsync("2 created");
        await window.ScreenshotAsync("import-done");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await page.GetByRole(AriaRole.Link, new() { Name = "Weekly", Exact = true }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("export-workflow").ClickAsync());
        using var archive = ZipFile.OpenRead((await download.PathAsync())!);
        archive.Entries.Select(entry => entry.FullName).Should().Equal("prompts/brand-new.md", "workflows/weekly.yaml");
        await page.GetByTestId("use-by-api").ClickAsync();
        await page.GetByTestId("api-JavaScript").ClickAsync();
        await Assertions.Expect(page.GetByTestId("use-by-api-panel").Locator("pre")).ToContainTextAsync("\"who\": \"Your text\"");
        await window.ScreenshotAsync("use-by-api");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Folder_IsImported_ByKeysAlone()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        await TabToAsync(page, "missing-model");
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(page.GetByTestId("import-confirm")).ToHaveTextAsync("Import 3, skip 1");
        await TabToAsync(page, "import-confirm");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByTestId("import-done")).ToBeVisibleAsync();
        await TabToAsync(page, "import-again");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByTestId("import-done")).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    public async Task FilesOfOtherTools_ShowWhatStaysBehind_AndBecomeAWorkflowAndATestSet()
    {
        await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "tickets", content = "Sort {{ ticket }}" });
        await using var window = await ChooseAsync(
            File("chat.json", ForeignFlowTests.N8n),
            File("digest.yml", ForeignFileTests.TextOf("dify.yml")),
            File("tickets.csv", "ticket,name,expected\nIt is broken.,Broken,urgent\n")
        );
        var page = window.Page;
        var items = page.GetByTestId("import-item");
        await Assertions.Expect(items).ToHaveCountAsync(5);
        await Assertions
            .Expect(items.Filter(new() { HasText = "tickets.csv" }).GetByText("Test set", new() { Exact = true }))
            .ToBeVisibleAsync();
        await Assertions
            .Expect(items.Filter(new() { HasText = "digest.yml" }))
            .ToContainTextAsync("These nodes are not imported: 1 × code.");
        await Assertions.Expect(items.First).ToContainTextAsync("There is no model profile “gpt-4o-mini”", new() { IgnoreCase = true });
        await page.GetByTestId("missing-model").SelectOptionAsync("Fake");
        await Assertions.Expect(page.GetByTestId("import-confirm")).ToHaveTextAsync("Import 5");
        await window.ScreenshotAsync("import-other-tools");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await page.GetByTestId("import-confirm").ClickAsync();
        await Assertions.Expect(page.GetByTestId("import-done")).ToContainTextAsync("5 created");
        await page.GetByRole(AriaRole.Link, new() { Name = "Support chat: Topic" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Support chat: Topic");
        await Assertions.Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("{{ chatInput }}");
        await LongNames_FitAPhoneAsync(window);
        window.AssertClean();
    }

    /// <summary>Names that break nowhere by themselves, in the preview and in the report.</summary>
    private async Task LongNames_FitAPhoneAsync(BrowserWindow window)
    {
        var (page, name) = (window.Page, string.Concat(Enumerable.Repeat("Quarterly_customer_digest_", 7)));
        string Flow(string named, string model) =>
            $"name: {named}\ninputs:\n  - name: who\nsteps:\n  - outputKey: hello\n    prompt: {name}\n    "
            + $"model: {model}\n    inputMapping:\n      {name[..60]}: who\n";
        await _world.Api.AddProfileAsync(_world.Model.Endpoint, name);
        await page.SetViewportSizeAsync(375, 800);
        await ChooseAsync(
            window,
            File($"prompt_{name[..150]}.md", $"---\nname: {name}\n---\nHello {{{{ {name[..60]} }}}}\n"),
            File($"bad_{name[..150]}.md", $"---\nname: Bad_{name[..150]}\n{name[..60]}: [a]\n---\nHello\n"),
            File($"workflow_{name[..150]}.yaml", Flow($"Workflow_{name[..150]}", $"Model_{name}")),
            File("other.yaml", Flow("Other", $"Other_{name}"))
        );
        await Assertions.Expect(page.GetByTestId("import-item")).ToHaveCountAsync(4);
        await Assertions.Expect(page.GetByTestId("missing-model")).ToHaveCountAsync(2);
        await page.GetByTestId("import-look").First.ClickAsync();
        await window.ScreenshotAsync("import-long-names-375");
        (await page.EvaluateAsync<string[]>(CutOff)).Should().BeEmpty();

        // Both are chosen before the preview of the first is there.
        await page.EvaluateAsync(
            """
            name => document.querySelectorAll("[data-testid=missing-model]").forEach((select) => {
              select.value = name;
              select.dispatchEvent(new Event("change", { bubbles: true }));
            })
            """,
            name
        );
        await Assertions.Expect(page.GetByTestId("import-confirm")).ToHaveTextAsync("Import 3, skip 1");
        await window.ScreenshotAsync("import-long-names-chosen-375");
        (await page.EvaluateAsync<string[]>(CutOff)).Should().BeEmpty();
        await page.GetByTestId("import-confirm").DblClickAsync();
        await Assertions.Expect(page.GetByTestId("import-done")).ToContainTextAsync("3 created");
        await window.ScreenshotAsync("import-long-names-done-375");
        (await page.EvaluateAsync<string[]>(CutOff)).Should().BeEmpty();
    }

    /// <summary>Texts and fields that end beyond their card or the screen, and do not scroll.</summary>
    private const string CutOff = """
        () => {
          const found = [];
          const root = document.documentElement;
          if (root.scrollWidth > root.clientWidth) found.push(`the page, by ${root.scrollWidth - root.clientWidth} pixels`);
          const scrolls = (at, end) => {
            for (; at && at !== end; at = at.parentElement) {
              if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
            }
            return false;
          };
          const check = (element, rects, what) => {
            const card = element.closest(".card, main");
            const edge = Math.min(innerWidth, card.getBoundingClientRect().right) + 1;
            if (rects.some((rect) => rect.width > 1 && rect.right > edge) && !scrolls(element, card)) found.push(what.trim().slice(0, 40));
          };
          const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (element.closest(".sr-only, option, svg")) continue;
            const range = document.createRange();
            range.selectNodeContents(texts.currentNode);
            check(element, [...range.getClientRects()], texts.currentNode.textContent);
          }
          document.querySelectorAll("main select, main button, main input:not([type=file])").forEach((field) =>
            check(field, [...field.getClientRects()], field.outerHTML));
          return found.slice(0, 5);
        }
        """;

    private async Task<BrowserWindow> OpenAsync()
    {
        var window = await ChooseAsync(
            new FilePayload
            {
                Name = "folder.zip",
                MimeType = "application/zip",
                Buffer = Folder(),
            }
        );
        await Assertions.Expect(window.Page.GetByTestId("import-item")).ToHaveCountAsync(4);
        return window;
    }

    private static FilePayload File(string name, string text) =>
        new()
        {
            Name = name,
            MimeType = "application/octet-stream",
            Buffer = Encoding.UTF8.GetBytes(text),
        };

    private async Task<BrowserWindow> ChooseAsync(params FilePayload[] files)
    {
        var window = await _world.SignInAsync(Role.Architect);
        await ChooseAsync(window, files);
        return window;
    }

    private static async Task ChooseAsync(BrowserWindow window, params FilePayload[] files)
    {
        await window.GoAsync("/import");

        // Blazor listens to a file field a moment after it has drawn it, and marks it then.
        await window.Page.WaitForFunctionAsync(
            "() => document.querySelector('[data-testid=import-file]')?._blazorInputFileNextFileId !== undefined"
        );
        await window.Page.GetByTestId("import-file").SetInputFilesAsync(files);
    }

    /// <summary>Goes on with the tabulator, as people do, until the focus is there.</summary>
    private static async Task TabToAsync(IPage page, string testId)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await page.EvaluateAsync<bool>("id => document.activeElement?.dataset.testid === id", testId))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"{testId} cannot be reached by the tabulator.");
    }

    private static byte[] Folder()
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (
                var (path, text) in new[]
                {
                    ("prompts/changed.md", "---\nname: Changed\n---\nSay it soon\n"),
                    ("prompts/brand-new.md", "---\nname: Brand new\n---\nHello {{ who }}\n"),
                    ("prompts/bad.md", "---\nname: Bad\ntagz: [a]\n---\nHello\n"),
                    (
                        "workflows/weekly.yaml",
                        "name: Weekly\ninputs:\n  - name: who\nsteps:\n  - outputKey: hello\n    prompt: Brand new\n    model: "
                            + "Of another team\n    inputMapping:\n      who: who\n"
                    ),
                }
            )
            {
                using var stream = archive.CreateEntry(path).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return memory.ToArray();
    }
}
