using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// Every page there is, found by its route, with data on it whose names are long and have no spaces, in both themes, on a desk and on a
/// phone: nothing for axe to find, no violation of the policy, nothing wider than the screen at any usual width.
/// Leaves a picture of each under artifacts/screenshots.
/// </summary>
public sealed partial class EveryPageTests(Chrome chrome) : IAsyncLifetime
{
    private const int Desk = 1280;
    private const int Phone = 375;
    private const int Height = 900;
    private const string LongName = "Zusammenfassungswerkzeugfürunternehmenskommunikationundkundenanfragenallerabteil";

    /// <summary>Of screens, in CSS pixels, at which nothing may stick out.</summary>
    private static readonly int[] Widths = [360, 768, Desk, 1920];

    /// <summary>The narrowest of them, where most sticks out.</summary>
    private static readonly int[] Narrow = [360];

    /// <summary>Windows that share the pages: one leaves the machine half idle.</summary>
    private const int Windows = 2;

    private BrowserWorld _world = null!;
    private string _runId = "";
    private string _failedRunId = "";
    private string _waitingRunId = "";
    private string _retriedRunId = "";
    private string _webhookId = "";
    private string _scheduleId = "";
    private string _setId = "";
    private string _caseId = "";
    private string _experimentId = "";
    private string _batchId = "";
    private string _changeId = "";
    private string _ratedPromptId = "";
    private string _hookId = "";
    private string _brokenHookId = "";

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome, withSamples: true);
        _world.Model.Script = call =>
            call.Prompt.Contains("please fail", StringComparison.Ordinal)
                ? FakeAnswer.Error(401, "Incorrect API key provided.")
                : FakeAnswer.Of(
                    "# What was said\n\nThe **release** moves to Friday.\n\n- Ann ships the report\n- Bob books the room\n\n| "
                        + "who | what |\n|---|---|\n| Ann | report |\n\n`code` and a [link](https://example.org)."
                );
        await using (var db = await _world.Portal.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            // With prices and budgets, so that the profile's page shows what is spent of them.
            await db
                .ModelProfiles.Where(profile => profile.Id == _world.ProfileId)
                .ExecuteUpdateAsync(
                    update =>
                        update
                            .SetProperty(profile => profile.Prices.OutputPerMillion, 8_000_000_000)
                            .SetProperty(profile => profile.Budgets.Day, 1_000_000_000)
                            .SetProperty(profile => profile.Budgets.Month, 20_000_000_000),
                    TestContext.Current.CancellationToken
                );
        }

        await LengthenNamesAsync();
        _runId = (await _world.Api.RunAsync(_world.WorkflowId, "Notes of Monday.")).Text("id");
        if (!Samples.AreMany)
        {
            return;
        }

        _failedRunId = (await _world.Api.RunAsync(_world.WorkflowId, "please fail")).Text("id");
        await ImproveAsync();
        await SetOptionsAsync();
        await WaitForAReviewAsync();
        await ReceiveWebhooksAsync();
        await SendResultsAsync();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public Task MainPages_OnADeskInLight_AreAccessibleAndFit() =>
        LookAtAsync(
            [
                ("/", "home"),
                ("/prompts", "prompts"),
                ($"/workflows/{_world.WorkflowId}", "workflows-one"),
                ($"/runs/{_runId}", "runs-one"),
                ("/admin/settings", "admin-settings"),
            ],
            Narrow,
            (ColorScheme.Light, Desk)
        );

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Page_InEachThemeOnADeskAndOnAPhone_IsAccessibleAndFits() =>
        await LookAtAsync(
            await PathsAsync(),
            Widths,
            (ColorScheme.Light, Desk),
            (ColorScheme.Dark, Phone),
            (ColorScheme.Dark, Desk),
            (ColorScheme.Light, Phone)
        );

    private async Task LookAtAsync(
        IReadOnlyList<(string Path, string Name)> paths,
        int[] widths,
        params (ColorScheme Theme, int Width)[] looks
    )
    {
        var found = await Task.WhenAll(
            Enumerable.Range(0, Windows).Select(window => LookAsync(paths.Where((_, index) => index % Windows == window), widths, looks))
        );
        found.SelectMany(problems => problems).Should().BeEmpty();
    }

    private async Task<IReadOnlyList<string>> LookAsync(
        IEnumerable<(string Path, string Name)> paths,
        int[] widths,
        (ColorScheme Theme, int Width)[] looks
    )
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, looks[0].Width, Height, looks[0].Theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var found = new List<string>();
        foreach (var (path, name) in paths)
        {
            await ShowAsync(looks[0]);
            await window.GoAsync(path);
            await Assertions.Expect(window.Page.GetByTestId("loading")).ToHaveCountAsync(0);
            await UnfoldAsync(window.Page);
            foreach (var (theme, width) in looks)
            {
                await ShowAsync((theme, width));
                var look = $"{name}-{theme.ToString().ToLowerInvariant()}-{width}";
                await window.ScreenshotAsync(look);
                var problems = await window.CheckAccessibilityAsync();
                found.AddRange(problems.Select(problem => $"{look}: {problem}"));
            }

            foreach (var width in widths)
            {
                await window.Page.SetViewportSizeAsync(width, Height);
                found.AddRange((await window.Page.EvaluateAsync<string[]>(SticksOut)).Select(what => $"{name} at {width}: {what}"));
            }
        }

        window.AssertClean();
        return found;

        // Theme and width act by styles alone, so that one page serves all looks.
        async Task ShowAsync((ColorScheme Theme, int Width) look)
        {
            await window.Page.SetViewportSizeAsync(look.Width, Height);
            await window.Page.EmulateMediaAsync(new() { ColorScheme = look.Theme });
        }
    }

    /// <summary>What is wider than the screen and does not scroll in itself.</summary>
    private const string SticksOut = """
        () => {
          const root = document.documentElement;
          const scrolls = (element) => {
            for (let at = element; at && at !== document.body; at = at.parentElement) {
              const style = getComputedStyle(at);
              if (["auto", "scroll", "hidden", "clip"].includes(style.overflowX) || style.position === "fixed") return true;
            }
            return false;
          };
          const found = [...document.querySelectorAll("main *, .bar *")]
            .filter((element) => element.clientWidth > 0 && !element.closest("svg, .sr-only, dialog:not([open])"))
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element))
            .map((element) => `${element.tagName} ${element.className}: ${element.textContent.trim().slice(0, 30)}`);
          if (root.scrollWidth > root.clientWidth) found.unshift(`the page, by ${root.scrollWidth - root.clientWidth} pixels`);
          return found.slice(0, 5);
        }
        """;

    /// <summary>Names of eighty characters that break nowhere by themselves.</summary>
    private async Task LengthenNamesAsync()
    {
        var (cancellation, beginning) = (TestContext.Current.CancellationToken, LongName[..48]);
        await using var db = await _world.Portal.Contexts.CreateDbContextAsync(cancellation);
        await db.Workflows.ExecuteUpdateAsync(
            update => update.SetProperty(w => w.Name, w => beginning + w.Id.Replace("-", "")),
            cancellation
        );
        foreach (var id in await db.Prompts.Select(p => p.Id).ToListAsync(cancellation))
        {
            var name = beginning + id.Replace("-", "", StringComparison.Ordinal);
            await db
                .Prompts.Where(p => p.Id == id)
                .ExecuteUpdateAsync(
                    update => update.SetProperty(p => p.Name, name).SetProperty(p => p.NormalizedName, name.ToUpperInvariant()),
                    cancellation
                );
        }

        await db.ModelProfiles.ExecuteUpdateAsync(
            update => update.SetProperty(p => p.Name, p => beginning + p.Id.Replace("-", "")),
            cancellation
        );
        await db.Users.ExecuteUpdateAsync(update => update.SetProperty(user => user.Name, LongName), cancellation);
    }

    /// <summary>What forms fold away is looked at too.</summary>
    private static async Task UnfoldAsync(IPage page)
    {
        var folds = page.Locator(".fold > button[aria-expanded=false]").Filter(new() { Visible = true });
        for (var left = await folds.CountAsync(); left > 0; left--)
        {
            await folds.First.ClickAsync();
            await Assertions.Expect(folds).ToHaveCountAsync(left - 1);
        }
    }

    /// <summary>Ratings, a test set with checks and cases with long names, and an experiment that has ended.</summary>
    private async Task ImproveAsync()
    {
        var logs = (await _world.Api.SendAsync(HttpMethod.Get, $"execution-logs?runId={_runId}", null))
            .GetProperty("items")
            .EnumerateArray()
            .ToList();
        foreach (var (log, rating) in logs.Take(2).Zip([2, 4]))
        {
            await _world.Api.SendAsync(
                HttpMethod.Put,
                $"execution-logs/{log.Text("id")}/feedback",
                new
                {
                    rating,
                    comment = "Leaves out the praise for the tracking page.",
                    tags = new[] { "incomplete", "too long" },
                    correctedOutput = "# What was said\n\nThe **release** moves to Friday, and three customers praised the tracking page.",
                }
            );
        }

        _ratedPromptId = logs[0].Text("promptId");
        var set = await _world.Api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                promptId = _ratedPromptId,
                name = "Core cases of the weekly customer digest, with every kind of trouble we have seen",
                checks = new object[]
                {
                    new { kind = "contains", value = "Friday" },
                    new { kind = "limit", maxWords = 5 },
                    new
                    {
                        kind = "matches",
                        value = "^- .+$",
                        name = "Has a list",
                    },
                },
            }
        );
        _setId = set.Text("id");
        _caseId = (
            await _world.Api.SendAsync(HttpMethod.Post, $"test-sets/{_setId}/cases/from-output", new { executionId = logs[0].Text("id") })
        ).Text("id");
        await _world.Api.SendAsync(
            HttpMethod.Post,
            $"test-sets/{_setId}/cases",
            new
            {
                name = "Conflicting numbers from two regions in the same week, one of them corrected later",
                inputs = new { text = "Nothing happened." },
                tags = new[] { "must pass" },
            }
        );
        var variant = new { version = "latest", modelProfileId = _world.ProfileId };
        _experimentId = (
            await _world.Api.SendAsync(
                HttpMethod.Post,
                "experiments",
                new { testSetId = _setId, variants = new[] { variant, variant, variant } }
            )
        ).Text("id");
        await Eventually.HoldsAsync(
            async () => (await _world.Api.SendAsync(HttpMethod.Get, $"experiments/{_experimentId}", null)).Text("status") == "finished",
            "the experiment to end"
        );
        var batch = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/batches",
            new
            {
                name = "Answers of the customer survey of the third quarter, cleaned and sorted by region",
                csv = "text,region and name of the account manager who is responsible for the whole customer\nFine.,North\nLate.,South\n",
            }
        );
        _batchId = batch.Text("id");
        await Eventually.HoldsAsync(
            async () => (await _world.Api.SendAsync(HttpMethod.Get, $"experiments/{_batchId}", null)).Text("status") == "finished",
            "the batch to end"
        );
        await AskForAChangeAsync();
    }

    /// <summary>A change of a protected label, with its experiment and a comment.</summary>
    private async Task AskForAChangeAsync()
    {
        var prompt = await _world.Api.SendAsync(HttpMethod.Get, $"prompts/{_ratedPromptId}", null);
        var label = $"prompts/{_ratedPromptId}/labels/production";
        await _world.Api.SendAsync(HttpMethod.Put, label, new { version = prompt.Text("version") });
        await _world.Api.SendAsync(
            HttpMethod.Put,
            $"{label}/protection",
            new
            {
                testSetId = _setId,
                modelProfileId = _world.ProfileId,
                minPassPercent = 90,
                approvals = 2,
            }
        );
        var next = await _world.Api.SendAsync(
            HttpMethod.Put,
            $"prompts/{_ratedPromptId}",
            new { name = prompt.Text("name"), content = prompt.Text("content") + " Name the day." }
        );
        using var asked = await _world.Api.TrySendAsync(
            HttpMethod.Put,
            label,
            new { version = next.Text("version"), note = $"It left out the day, see {LongName}." }
        );
        _changeId = asked.Headers.Location!.ToString().Split('/')[^1];
        await _world.Api.SendAsync(HttpMethod.Post, $"change-requests/{_changeId}/comments", new { text = $"What about {LongName}?" });
        await Eventually.HoldsAsync(
            async () =>
                (await _world.Api.SendAsync(HttpMethod.Get, $"change-requests/{_changeId}", null)).GetProperty("missing")[0].GetString()
                != "The experiment is still running.",
            "the experiment of the change to end"
        );
    }

    /// <summary>
    /// A run with a list, a default, a skipped step and an open review, which Home shows too; and a retry of the failed one.
    /// </summary>
    private async Task WaitForAReviewAsync()
    {
        var options = new AllOptions(_world.Api, _world.Model);
        var usual = _world.Model.Script;
        var workflow = await options.PublishAsync(TimeSpan.Zero);
        _waitingRunId = await _world.Api.StartRunAsync(workflow, "Notes of Tuesday.");
        await Eventually.HoldsAsync(
            async () => (await _world.Api.FindAsync(_waitingRunId)).Text("status") == "waiting",
            "the run to wait for its review"
        );
        _world.Model.Script = usual;
        _retriedRunId = (await _world.Api.SendAsync(HttpMethod.Post, $"runs/{_failedRunId}/retry", null)).Text("id");
        await _world.Api.EndOfAsync(_retriedRunId);
    }

    /// <summary>A webhook that takes unsigned requests, with an accepted and a refused one in its inbox.</summary>
    private async Task ReceiveWebhooksAsync()
    {
        var made = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "trigger.payload.notes.text" } } }
        );
        _webhookId = made.Text("id");
        _scheduleId = (
            await _world.Api.SendAsync(
                HttpMethod.Post,
                $"workflows/{_world.WorkflowId}/triggers",
                new
                {
                    type = "scheduled",
                    inputs = new { text = "Notes of the week." },
                    schedule = new { cron = "0 9 * * 1-5", timeZone = "Europe/Berlin" },
                }
            )
        ).Text("id");
        await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/triggers",
            new
            {
                type = "scheduled",
                inputs = new { text = "Notes." },
                schedule = new { cron = "*/15 * * * *", timeZone = "Asia/Tokyo" },
            }
        );
        using var sender = _world.Portal.CreateClient();
        foreach (
            var body in new object[]
            {
                new { notes = new { text = "Notes of Wednesday.", people = new[] { "Ann", "Bob" } } },
                new { note = "No such field." },
            }
        )
        {
            using var answer = await sender.PostAsJsonAsync($"/hooks/{_webhookId}", body, TestContext.Current.CancellationToken);
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await _world.Portal.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
                return await db.WebhookReceipts.CountAsync(TestContext.Current.CancellationToken) == 2;
            },
            "two requests in the inbox"
        );
    }

    /// <summary>A hook whose receiver took a test and a result, and one whose receiver wants nothing more.</summary>
    private async Task SendResultsAsync()
    {
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Answer = message => message.Path == "/gone" ? new ReceiverAnswer(410, "This inbox is closed.") : new ReceiverAnswer();
        var path = $"workflows/{_world.WorkflowId}/integration-hooks";
        _hookId = (
            await _world.Api.SendAsync(
                HttpMethod.Post,
                path,
                new
                {
                    type = "webhook",
                    name = LongName,
                    targetUrl = $"{receiver.Address}/results",
                }
            )
        ).Text("id");
        _brokenHookId = (
            await _world.Api.SendAsync(
                HttpMethod.Post,
                path,
                new
                {
                    type = "slack",
                    name = "Team channel",
                    targetUrl = $"{receiver.Address}/gone",
                    on = new[] { "succeeded" },
                }
            )
        ).Text("id");
        await _world.Api.SendAsync(HttpMethod.Post, $"{path}/{_hookId}/test", null);
        await _world.Api.RunAsync(_world.WorkflowId, "Notes of Thursday.");
        await receiver.CountAsync(3);
        foreach (var id in new[] { _hookId, _brokenHookId })
        {
            await Eventually.HoldsAsync(
                async () =>
                    (await _world.Api.SendAsync(HttpMethod.Get, $"{path}/{id}/deliveries", null))
                        .GetProperty("items")
                        .EnumerateArray()
                        .All(item => item.TryGetProperty("endedAt", out _)),
                "what was sent to be recorded"
            );
        }
    }

    /// <summary>A draft of the workflow in which one step has every option.</summary>
    private async Task SetOptionsAsync()
    {
        var workflow = JsonNode.Parse((await _world.Api.SendAsync(HttpMethod.Get, $"workflows/{_world.WorkflowId}", null)).GetRawText())!;
        var step = workflow["steps"]![2]!;
        foreach (
            var (name, value) in JsonNode
                .Parse(
                    """
                    {"when": "mood contains 'bad' and facts.size > 10", "forEach": "facts | split: '.'", "maxParallelItems": 8, "maxAttempts": 5, "timeoutSeconds": 90, "onError": "default",
                     "defaultOutput": {"title": "none"}, "outputFormat": "json", "jsonSchema": {"type": "object", "required": ["title"]}, "review": {"instructions": "Is it polite?", "timeoutSeconds": 7200}, "parameters": {"temperature": 0.1}}
                    """
                )!
                .AsObject()
        )
        {
            step[name] = value!.DeepClone();
        }

        workflow["timeoutSeconds"] = 1800;
        workflow["limits"] = JsonNode.Parse("""{"runBudget": 0.25, "keepDays": 90}""");
        await _world.Api.SendAsync(HttpMethod.Put, $"workflows/{_world.WorkflowId}", workflow);
    }

    private async Task<IReadOnlyList<(string Path, string Name)>> PathsAsync()
    {
        var prompts = await _world.Api.SendAsync(HttpMethod.Get, "prompts", null);
        var promptId = prompts.GetProperty("items")[0].Text("id");
        var admin = await _world.Portal.GetAdminAsync();
        var ids = new Dictionary<string, string>
        {
            ["workflows"] = _world.WorkflowId,
            ["runs"] = _runId,
            ["prompts"] = promptId,
            ["model-profiles"] = _world.ProfileId,
            ["users"] = admin.Id,
            ["webhooks"] = _webhookId,
            ["schedules"] = _scheduleId,
            ["integrations"] = _hookId,
            ["test-sets"] = _setId,
            ["experiments"] = _experimentId,
            ["changes"] = _changeId,
            ["reviews"] = "no-such-link",
        };
        var queries = new Dictionary<string, string> { ["/runs/compare"] = $"?left={_runId}&right={_failedRunId}" };
        var routes = Routes()
            .Select(route => route + queries.GetValueOrDefault(route))
            .Select(route => Parameter().Replace(route, match => "/" + match.Groups["of"].Value + "/" + ids[match.Groups["of"].Value]));
        return
        [
            .. routes.Select(path => (path, Slug(path))),
            ($"/prompts/{promptId}?tab=versions", "prompt-versions"),
            ($"/prompts/{promptId}?tab=playground", "prompt-playground"),
            ($"/prompts/{promptId}?tab=uses", "prompt-uses"),
            ($"/prompts/{_ratedPromptId}?tab=ratings", "prompt-ratings"),
            ($"/experiments/{_experimentId}?case={_caseId}", "experiment-case"),
            ($"/experiments/{_batchId}", "experiment-batch"),
            ($"/runs/{_failedRunId}", "run-failed"),
            ($"/runs/{_waitingRunId}", "run-waiting"),
            ($"/runs/{_retriedRunId}", "run-retried"),
            ($"/integrations/{_brokenHookId}", "integrations-disabled"),
        ];
    }

    private static IEnumerable<string> Routes() =>
        typeof(Program)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>())
            .Select(attribute => attribute.Template)
            .Where(route => !route.Contains("{*", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Slug(string path) =>
        path == "/" ? "home" : Guids().Replace(path.Split('?')[0].Trim('/'), "one").Replace('/', '-');

    [GeneratedRegex(@"/(?<of>[\w-]+)/\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Guids();
}
