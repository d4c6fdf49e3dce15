using System.IO.Compression;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Attacks;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// Over 150 ways to smuggle a script into a page, in every place where somebody's text is shown: many on a page, in a real browser. None
/// runs, none asks another host, none breaks the policy.
/// </summary>
[Collection(AttackTests.Name)]
[Trait("Category", "Soak")]
public sealed class HostileNameTests(AttackWorld world, Chrome chrome)
{
    private static readonly string[] Payloads = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Support", "Vectors", "xss.txt"));

    [Fact]
    public async Task Payloads_AsOutputNamesTagsCommentsAndFileNames_AreTextAndNothingElse()
    {
        Payloads.Length.Should().BeGreaterThanOrEqualTo(150);
        var run = await RunAsync();
        var prompt = await NameAsync();
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress);
        var dialogs = 0;
        window.Page.Dialog += (_, dialog) =>
        {
            Interlocked.Increment(ref dialogs);
            _ = dialog.DismissAsync();
        };
        var eve = await world.Portal.AddPersonAsync(Role.Architect, name: Payloads[25]);
        await window.SignInAsync(eve);

        await LookAsync(window, $"/runs/{run}", "step-output", "[r]", "window.hurt=1");
        await LookAsync(window, $"/prompts/{prompt}", "prompt-editor", Payloads[1]);
        await LookAsync(window, "/workflows", "workflows", Payloads[0]);
        await LookAsync(window, "/runs", null);
        await window.GoAsync("/prompts");
        for (var page = 1; page <= 10; page++)
        {
            await Assertions.Expect(window.Page.GetByTestId("prompt-row").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await AssertQuietAsync(window, $"page {page} of the prompts");
            var address = window.Page.Url;
            var first = await window.Page.GetByTestId("prompt-row").First.InnerTextAsync();
            if (await window.Page.GetByTestId("prompts-next").CountAsync() == 0)
            {
                break;
            }

            await window.Page.GetByTestId("prompts-next").ClickAsync();
            await Assertions.Expect(window.Page).Not.ToHaveURLAsync(address, new() { Timeout = 60_000 });

            // The rows of the page before stay until those of the next are there.
            await Assertions.Expect(window.Page.GetByTestId("prompt-row").First).Not.ToHaveTextAsync(first, new() { UseInnerText = true });
        }

        await window.GoAsync("/import");
        await window
            .Page.GetByTestId("import-file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = Payloads[0].Replace('/', '_') + ".zip",
                    MimeType = "application/zip",
                    Buffer = Folder(),
                }
            );
        await Assertions.Expect(window.Page.Locator("main")).ToContainTextAsync("window.hurt=1", new() { Timeout = 60_000 });
        await AssertQuietAsync(window, "import");

        dialogs.Should().Be(0);
        window.AssertClean();
    }

    /// <summary>A run whose output is all of them, as blocks of Markdown, and comments on it with all of them.</summary>
    private async Task<string> RunAsync()
    {
        world.Model.Script = _ => FakeAnswer.Of(string.Join("\n\n", Payloads));
        var run = await world.Api.RunAsync(world.Mine.Workflow, string.Join('\n', Payloads));
        world.Model.Script = null;
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0].Text("id");
        foreach (var some in Payloads.Chunk(40))
        {
            using var client = world.Portal.CreateClient(await world.Portal.AddPersonAsync(Role.Collaborator, name: some[0]));
            await new RunApi(client).SendAsync(
                HttpMethod.Put,
                $"execution-logs/{log}/feedback",
                new
                {
                    rating = 1,
                    comment = string.Join('\n', some),
                    tags = some.Where(text => text.Length <= 50 && !text.Any(char.IsControl)).Take(10),
                }
            );
        }

        return run.Text("id");
    }

    /// <summary>Prompts and workflows named like that, with tags like that.</summary>
    /// <returns>A prompt with as many tags as there may be.</returns>
    private async Task<string> NameAsync()
    {
        var tags = Payloads
            .Where(text => text.Length <= 50 && !text.Contains(',', StringComparison.Ordinal) && !text.Any(char.IsControl))
            .ToList();
        var number = 0;
        foreach (var (index, text) in Payloads.Index())
        {
            using var made = await world.Api.TrySendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name = $"{text} {index}",
                    content = "x",
                    metadata = new { category = text.Length <= 50 ? text : "x", tags = tags.Skip(index % 100).Take(3) },
                }
            );
            number += made.IsSuccessStatusCode ? 1 : 0;
        }

        number.Should().BeGreaterThanOrEqualTo(150, "names are free");
        foreach (var text in Payloads.Where(text => !text.Any(char.IsControl)).Take(25))
        {
            await world.Api.SendAsync(
                HttpMethod.Post,
                "workflows",
                new
                {
                    name = text,
                    tags = tags.Take(5),
                    steps = Array.Empty<object>(),
                }
            );
        }

        var whole = await world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "All tags",
                content = string.Join('\n', Payloads.Where(text => !text.Contains('{', StringComparison.Ordinal))),
                metadata = new { category = tags[2], tags = tags.Take(20) },
            }
        );
        return whole.Text("id");
    }

    private static byte[] Folder()
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var text in Payloads.Take(60))
            {
                using var writer = new StreamWriter(archive.CreateEntry($"{text.Replace('/', '_').Replace('\\', '_')}.md").Open());
                writer.Write($"---\nname: 'Imported {text.Replace("'", "''", StringComparison.Ordinal)}'\n---\nx\n");
            }
        }

        return memory.ToArray();
    }

    private static async Task LookAsync(BrowserWindow window, string path, string? shows, params string[] texts)
    {
        await window.GoAsync(path);
        await Assertions.Expect(window.Page.GetByTestId("loading")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        if (shows is not null)
        {
            await Assertions.Expect(window.Page.GetByTestId(shows).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
            var shown =
                await window.Page.ContentAsync()
                + await window.Page.EvaluateAsync<string>(
                    "() => document.body.innerText + [...document.querySelectorAll('input, textarea')].map(e => e.value).join('\\n')"
                );
            texts.Should().AllSatisfy(text => shown.Should().Contain(text, $"{path} must show them as text"));
        }

        await AssertQuietAsync(window, path);
    }

    private static async Task AssertQuietAsync(BrowserWindow window, string where)
    {
        (await window.Page.EvaluateAsync<string?>("() => window.hurt === undefined ? null : String(window.hurt)")).Should().BeNull(where);
        (
            await window.Page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll('main *')]
                  .filter(e => ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'META', 'MARQUEE', 'MATH', 'STYLE'].includes(e.tagName.toUpperCase())
                    || [...e.attributes].some(a => a.name.startsWith('on') || /^\s*(javascript|vbscript|data:text)/i.test(a.value) && ['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(a.name)))
                  .map(e => e.outerHTML.slice(0, 200))
                """
            )
        ).Should().BeEmpty(where);
    }
}
