using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>
/// Twelve kinds of secrets are given to the portal as people and programs give them, and used, rightly and wrongly; then everything that
/// leaves it or that it keeps is searched.
/// </summary>
[Collection(AttackTests.Name)]
[Trait("Database", "SQLite")]
public sealed class CanaryTests(AttackWorld world, Chrome chrome) : IDisposable
{
    private const string Password = "canary Password & of Ann 5521";
    private const string Passphrase = "canary Passphrase of the backup 7713";
    private const string Authorization = "canary-Authorization-of-a-sender-8841";
    private readonly Canaries _canaries = new();
    private readonly ConcurrentQueue<string> _traces = [];
    private readonly List<string> _found = [];
    private readonly List<string> _pages = Samples.AreMany
        ?
        [
            "/",
            "/admin/model-profiles",
            "/integrations",
            "/triggers/webhooks",
            "/account",
            "/users",
            "/audit",
            "/admin/storage",
            "/admin/hosts",
            "/admin/settings",
            "/runs",
            "/no-such-page",
            "/error",
        ]
        : ["/account", "/audit", "/admin/settings"];
    private ActivityListener? _listener;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _listener?.Dispose();

    [Fact]
    public async Task Secrets_ThatWerePlanted_AreNowhereInPlainText()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                var tags = activity
                    .TagObjects.Concat(activity.Events.SelectMany(item => item.Tags))
                    .Concat(activity.Baggage.Select(item => KeyValuePair.Create(item.Key, (object?)item.Value)));
                _traces.Enqueue($"{activity.DisplayName} {string.Join(' ', tags)}");
            },
        };
        ActivitySource.AddActivityListener(_listener);

        await PlantModelKeyAsync();
        await PlantHookSecretsAsync();
        await PlantPersonAsync();
        using var admin = world.Portal.CreateClient();
        await PlantPassphraseAsync(admin);
        _canaries.Plant("SMTP password", AttackWorld.SmtpPassword);
        _canaries.Plant("setup key", PortalHost.AdminKey);
        _canaries.Plant("setup password", PortalHost.AdminPassword);
        _canaries.Names.Should().HaveCountGreaterThanOrEqualTo(12);

        await SearchAnswersAsync(admin);
        await (Samples.AreMany ? SearchPagesAsync() : SearchDocumentsAsync(admin));
        SearchKept();
        _found
            .Should()
            .BeEmpty(
                $"of {string.Join(", ", _canaries.Names)}; the log says "
                    + $"{string.Join(Environment.NewLine, _canaries.Lines(world.Portal.Log))}, traces say "
                    + $"{string.Join(Environment.NewLine, _canaries.Lines(_traces))}"
            );
    }

    /// <summary>A key that a provider quotes when it refuses it, in a test call and in a run.</summary>
    private async Task PlantModelKeyAsync()
    {
        const string Key = "canary-model-KEY/Zf83+KqL0";
        _canaries.Plant("model key", Key);
        world.Model.Script = call =>
            call.Headers.Any(header => header.Value.Contains(Key, StringComparison.Ordinal))
                ? FakeAnswer.Error(401, $"Incorrect API key provided: {Key}. Bearer {Key}")
                : null;
        var profile = (
            await world.Api.SendAsync(
                HttpMethod.Post,
                "model-profiles",
                new
                {
                    name = "Canary",
                    provider = "openai-compatible",
                    endpoint = world.Model.Endpoint,
                    model = "fake-1",
                    apiKey = Key,
                }
            )
        ).Text("id");
        _pages.Add($"/admin/model-profiles/{profile}");
        await TellAsync(HttpMethod.Post, $"model-profiles/{profile}/test", null);
        var workflow = await world.Api.AddWorkflowAsync(profile, ("one", ["text"]));
        _pages.Add($"/runs/{(await world.Api.RunAsync(workflow)).Text("id")}");
        world
            .Model.Calls.Should()
            .Contain(call => call.Headers.Any(header => header.Value.Contains(Key, StringComparison.Ordinal)), "the key is used");
        await TellAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = 5,
                provider = "openai",
                apiKey = Key,
            }
        );
        await TellAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = "Canary",
                provider = "nonsense",
                apiKey = Key,
                unknown = Key.Length,
            }
        );
        world.Model.Script = null;
    }

    private async Task PlantHookSecretsAsync()
    {
        var token = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("canary-of-a-hook's-token-9920"));
        _canaries.Plant("hook's authToken", token);
        _canaries.Plant("hook's authToken, read", "canary-of-a-hook's-token-9920");
        var hooks = $"workflows/{world.Mine.Workflow}/integration-hooks";
        var hook = (
            await world.Api.SendAsync(
                HttpMethod.Post,
                hooks,
                new
                {
                    type = "webhook",
                    name = "Canary",
                    targetUrl = $"{world.Receiver.Address}/canary",
                    authToken = token,
                }
            )
        ).Text("id");
        await TellAsync(HttpMethod.Post, $"{hooks}/{hook}/test", null);
        var mail = (
            await world.Api.SendAsync(
                HttpMethod.Post,
                hooks,
                new
                {
                    type = "email",
                    name = "Canary mail",
                    targetUrl = "mailto:ann@example.org",
                }
            )
        ).Text("id");
        await TellAsync(HttpMethod.Post, $"{hooks}/{mail}/test", null);
        _pages.AddRange([$"/integrations/{hook}", $"/integrations/{mail}"]);

        // In the answer that makes it, and nowhere else.
        var trigger = await world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{world.Mine.Workflow}/triggers",
            new { type = "webhook", webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload" } } }
        );
        _canaries.Plant("webhook's secret", trigger.Text("secret"));
        _canaries.Plant("Authorization of a sender", Authorization);
        _pages.Add($"/triggers/webhooks/{trigger.Text("id")}");
        foreach (var id in new[] { trigger.Text("id"), world.Mine.Trigger })
        {
            using var sender = world.Portal.CreateClient(Authorization);
            sender.DefaultRequestHeaders.Add("X-Api-Key", Authorization);
            sender.DefaultRequestHeaders.Add("Cookie", $"session={Authorization}");
            using var answer = await sender.PostAsJsonAsync($"/hooks/{id}", new { text = "x" }, Cancellation);
            Note("answer to a webhook", await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }

    /// <summary>Somebody is invited, sets a password and a second factor, signs in by a recovery code and makes an API key.</summary>
    private async Task PlantPersonAsync()
    {
        var invited = await world.Api.SendAsync(
            HttpMethod.Post,
            "users",
            new
            {
                email = "canary@example.org",
                name = "Ann Canary",
                role = "architect",
            }
        );
        var link = new Uri(invited.Text("passwordLink"), UriKind.RelativeOrAbsolute);
        var path = link.IsAbsoluteUri ? link.PathAndQuery : link.ToString();
        _canaries.Plant(
            "invitation's token",
            Uri.UnescapeDataString(path[(path.IndexOf("token=", StringComparison.Ordinal) + 6)..].Split('&')[0])
        );
        _canaries.Plant("password", Password);
        using var client = new CookieClient(world.Portal);
        using (var answer = await client.PostAsync(path, "set-password", ("Password", Password)))
        {
            answer.StatusCode.Should().Be(System.Net.HttpStatusCode.Redirect, "the password is set");
        }

        var ann = new Actor.Person(invited.Text("id"));
        var factors = world.Portal.Get<TwoFactorService>();
        var key = (await factors.OfferAsync(ann, Cancellation)).Value.Key.Replace(" ", "", StringComparison.Ordinal);
        _canaries.Plant("key of an authenticator", key);
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var kept = db.Users.Single(user => user.Id == ann.UserId).TotpKey!;
            var codes = (
                await factors.ConfirmAsync(
                    ann,
                    Totp.CodeAt(world.Portal.Get<TotpKeys>().Unprotect(kept), Totp.StepAt(DateTimeOffset.UtcNow)),
                    Cancellation
                )
            ).Value;
            _canaries.Plant("recovery code", codes[0]);
            _canaries.Plant("recovery code, unused", codes[1]);
            using var again = new CookieClient(world.Portal);
            await again.SignInAsync("canary@example.org", Password + " mistyped");
            await again.SignInAsync("canary@example.org", Password);
            (await again.GiveCodeAsync(codes[0])).Should().Be("/");
        }

        var made = (await world.Portal.Get<ApiKeyService>().CreateAsync(ann, new NewApiKey("Canary", Permission.Read), Cancellation)).Value;
        _canaries.Plant("API key", made.Key);
        using var program = world.Portal.CreateClient(made.Key);
        using var read = await program.GetAsync(new Uri("/api/v1/prompts", UriKind.Relative), Cancellation);
        using var refused = await program.PostAsJsonAsync("/api/v1/prompts", new { name = "x" }, Cancellation);
        Note("refusal of a key", await refused.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task PlantPassphraseAsync(HttpClient admin)
    {
        using var signedIn = await PageForms.SignInAsync(admin, PortalHost.AdminEmail, PortalHost.AdminPassword);
        _canaries.Plant("cookie of a session", Cookie(signedIn) ?? throw new InvalidOperationException("Signing in sets a cookie."));
        _canaries.Plant("backup's passphrase", Passphrase);
        var token = await PageForms.TokenAsync(admin, new Uri("/account/change-password", UriKind.Relative));
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["passphrase"] = Passphrase }
        );
        using var backup = await admin.PostAsync(new Uri("/admin/storage/backup", UriKind.Relative), form, Cancellation);
        var file = await backup.Content.ReadAsByteArrayAsync(Cancellation);
        file.Length.Should().BeGreaterThan(10_000, "a backup was made");
        _found.AddRange(_canaries.Find("the encrypted backup", file));
    }

    private async Task SearchAnswersAsync(HttpClient admin)
    {
        var hooks = $"workflows/{world.Mine.Workflow}/integration-hooks";
        foreach (
            var path in new[]
            {
                "prompts",
                "model-profiles",
                "model-profiles/names",
                "workflows",
                $"workflows/{world.Mine.Workflow}",
                $"workflows/{world.Mine.Workflow}/triggers",
                hooks,
                "runs",
                $"runs/{world.Mine.Run}",
                "execution-logs",
                "users",
                "no-such-thing",
            }
        )
        {
            await TellAsync(HttpMethod.Get, path, null);
        }

        Note(
            "audit log's file",
            Encoding.UTF8.GetString(await admin.GetByteArrayAsync(new Uri("/audit/export.csv", UriKind.Relative), Cancellation))
        );
        using var archive = new ZipArchive(
            new MemoryStream(await admin.GetByteArrayAsync(new Uri("/export", UriKind.Relative), Cancellation))
        );
        archive.Entries.Should().NotBeEmpty();
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Cancellation));
            Note($"export {entry.FullName}", await reader.ReadToEndAsync(Cancellation));
        }
    }

    /// <summary>Each page as it is sent at first, with its content.</summary>
    private async Task SearchDocumentsAsync(HttpClient admin)
    {
        foreach (var path in _pages)
        {
            var page = await admin.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);
            page.Should().Contain("<h1", "{0} has its content", path).And.NotContain("data-testid=\"loading\"");
            Note($"page {path}", page);
        }
    }

    /// <summary>What a browser gets: each page's elements and what its fields hold, and every frame of its circuit.</summary>
    private async Task SearchPagesAsync()
    {
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var frames = 0;
        window.Page.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => Frame(frame);
            socket.FrameSent += (_, frame) => Frame(frame);
        };
        foreach (var path in _pages)
        {
            await window.GotoAsync(path);
            await window.WaitForInteractivityAsync();
            await Assertions.Expect(window.Page.GetByTestId("loading")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
            if (path.StartsWith("/triggers/webhooks/", StringComparison.Ordinal))
            {
                await window.Page.GetByTestId("inspect").First.ClickAsync();
                await Assertions.Expect(window.Page.GetByTestId("opened")).ToContainTextAsync("[redacted]", new() { Timeout = 60_000 });
            }

            Note(
                $"page {path}",
                await window.Page.ContentAsync()
                    + await window.Page.EvaluateAsync<string>(
                        "() => [...document.querySelectorAll('input, textarea')].map(e => e.value).join('\\n')"
                    )
            );
        }

        frames.Should().BeGreaterThan(20, "pages live on their circuit");

        void Frame(IWebSocketFrame frame)
        {
            Interlocked.Increment(ref frames);
            lock (_found)
            {
                _found.AddRange(
                    frame.Binary is { } bytes
                        ? _canaries.Find("a frame of a circuit", bytes)
                        : _canaries.Find("a frame of a circuit", frame.Text ?? "")
                );
            }
        }
    }

    private void SearchKept()
    {
        foreach (
            var file in Directory
                .GetFiles(world.Portal.DataDirectory, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith("host.lock", StringComparison.Ordinal))
        )
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            _found.AddRange(_canaries.Find(Path.GetFileName(file), copy.ToArray()));
        }

        world
            .Portal.Log.Should()
            .Contain(line => line.StartsWith("Debug ", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("Trace ", StringComparison.Ordinal));
        Note("log", string.Join('\n', world.Portal.Log));
        _traces.Should().NotBeEmpty();
        Note("traces", string.Join('\n', _traces));
    }

    private async Task TellAsync(HttpMethod method, string path, object? body)
    {
        using var answer = await world.Api.TrySendAsync(method, path, body);
        Note($"answer to {method} {path}", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private void Note(string place, string text)
    {
        lock (_found)
        {
            _found.AddRange(_canaries.Find(place, text));
        }
    }

    /// <summary>What the sign-in gave the browser to keep.</summary>
    private static string? Cookie(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies
                .Where(cookie => !cookie.Contains("Antiforgery", StringComparison.Ordinal))
                .Select(cookie => cookie.Split(';')[0].Split('=', 2)[1])
                .Where(value => value.Length > 40)
                .Take(1)
                .SingleOrDefault()
            : null;
}
