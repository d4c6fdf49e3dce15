using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>
/// Every form of a plain page, sent as browsers and people send it. Each answer is a page with a sentence, a way on, or what was asked for;
/// and the effect is there once.
/// </summary>
public sealed partial class FormTests(FormTests.World world) : IClassFixture<FormTests.World>
{
    private readonly PortalHost _portal = world.Portal;
    private readonly FormCases _cases = new(world.Portal, world.Time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Cases_AreThoseOfThePagesAndAddresses()
    {
        var pages = Directory
            .EnumerateFiles(RepositoryRoot.File("PromptPilot.Web"), "*.razor", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "PlainForm.razor")
            .ToDictionary(file => file, File.ReadAllText);
        pages.Where(page => page.Value.Contains("@formname", StringComparison.Ordinal)).Should().BeEmpty("forms are PlainForms");
        var names = pages.SelectMany(page => FormName().Matches(page.Value).Select(match => match.Groups[1].Value));
        var addresses = Endpoints()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null)
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true })
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'));

        _cases.All.Keys.Should().BeEquivalentTo([.. names, .. addresses], "a new form needs a case");
    }

    [Fact]
    public void EveryAddressThatTakesAPost_AsksForATokenOrAKey()
    {
        string[] withoutCookies = ["/api/v1", "/v1/", "/mcp", "/hooks/", "/_blazor", "/account/oidc/logout"];
        var open = Endpoints()
            .Where(endpoint =>
                endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(method => method is not ("GET" or "HEAD" or "OPTIONS"))
                == true
            )
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: true })
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => !withoutCookies.Any(start => path.StartsWith(start, StringComparison.Ordinal)));

        open.Should().BeEmpty();
    }

    [Fact]
    public Task Once_IsAnswered_AndTakesEffect() =>
        EachAsync(
            async (form, answers) =>
            {
                await SendAsync(form, await TokenAsync(form), answers);
                return await form.CountAsync();
            }
        );

    [Fact]
    public Task Twice_AtOnce_IsAnswered_AndTakesEffectOnce() =>
        EachAsync(
            async (form, answers) =>
            {
                var token = await TokenAsync(form);
                await Task.WhenAll(SendAsync(form, token, answers), SendAsync(form, token, answers));
                return await form.CountAsync();
            }
        );

    [Fact]
    public Task Again_FromThePageAsItWas_IsAnswered_AndTakesEffectOnce() =>
        EachAsync(
            async (form, answers) =>
            {
                var token = await TokenAsync(form);
                await SendAsync(form, token, answers);
                await SendAsync(form, token, answers);
                return await form.CountAsync();
            }
        );

    [Fact]
    public Task FromTwoTabs_IsAnswered_AndTakesEffectOnce() =>
        EachAsync(
            async (form, answers) =>
            {
                var (first, second) = (await TokenAsync(form), await TokenAsync(form));
                await SendAsync(form, second, answers);
                await SendAsync(form, first, answers);
                return await form.CountAsync();
            }
        );

    [Fact]
    public Task AfterSigningOutInAnotherTab_IsAnswered_AndTakesNoEffect() =>
        EachAsync(
            async (form, answers) =>
            {
                var token = await TokenAsync(form);
                var before = await form.CountAsync();
                (await form.Browser.PostAsync("/account/sign-out", "none")).Dispose();
                await SendAsync(form, token, answers);
                return (await form.CountAsync()) - before + 1;
            },
            // What needs nobody to be signed in goes on.
            except: ["second-factor", "set-password"]
        );

    [Theory]
    [InlineData("")]
    [InlineData("CfDJ8nonsense")]
    public Task WithoutAToken_IsAnswered_AndTakesNoEffect(string token) =>
        EachAsync(
            async (form, answers) =>
            {
                var before = await form.CountAsync();
                await SendAsync(form, token, answers);
                answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.BadRequest, form.To);
                return (await form.CountAsync()) - before + 1;
            }
        );

    [Fact]
    public async Task Form_OfNoPage_OrInNoShape_IsAnswered()
    {
        using var browser = new CookieClient(_portal);
        var token = await browser.TokenAsync("/account/sign-in");
        (string, string)[][] bodies =
        [
            [("__RequestVerificationToken", token)],
            [("__RequestVerificationToken", token), ("_handler", "no-such-form")],
            [("__RequestVerificationToken", token), ("_handler", "sign-in"), ("_handler", "passkey")],
            [("__RequestVerificationToken", token), ("_handler", "sign-in"), ("Form.Email", new string('x', 10_000))],
            [
                ("__RequestVerificationToken", token),
                ("_handler", "sign-in"),
                ("Form." + string.Join('.', Enumerable.Repeat("a", 500)), "x"),
            ],
            [("__RequestVerificationToken", token), ("_handler", "sign-in"), ("Form.Email[0][0][0]", "x")],
            [("__RequestVerificationToken", token), ("_handler", "sign-in"), ("Form.Remember", "perhaps")],
            [("__RequestVerificationToken", token), .. Enumerable.Range(0, 3000).Select(number => ($"f{number}", "x"))],
            [("__RequestVerificationToken", token), (new string('k', 5000), "x")],
            [("__RequestVerificationToken", token), ("_handler", "sign-in"), ("Form.Password", new string('x', 300_000))],
        ];
        foreach (var body in bodies)
        {
            using var answer = await browser.SendAsync("/account/sign-in", body);
            Check(await ReadAsync(answer), body[^1].Item1);
        }
    }

    [Fact]
    public async Task TwoFactor_WhereItIsRequired_IsSetUpOnThePage_AfterAWrongCodeToo()
    {
        var ann = await _portal.AddPersonAsync(Core.Users.Role.Viewer);
        using var browser = new CookieClient(_portal);
        await browser.SignInAsync(ann);
        (await browser.IsInAsync()).Should().BeFalse();

        using var begun = await browser.PostAsync("/account/two-factor", "begin-two-factor");
        var key = Key().Match(await begun.Content.ReadAsStringAsync(Cancellation)).Groups[1].Value;
        using var wrong = await browser.PostAsync("/account/two-factor", "confirm-two-factor", ("Code", "nonsense"));
        (await wrong.Content.ReadAsStringAsync(Cancellation)).Should().Contain("not the current code").And.Contain("totp-confirm");
        var code = Totp.CodeAt(OtpNet.Base32Encoding.ToBytes(key), Totp.StepAt(world.Time.GetUtcNow()));
        var token = await browser.TokenAsync("/account/two-factor");
        (string, string)[] sent = [("_handler", "confirm-two-factor"), ("__RequestVerificationToken", token), ("Form.Code", code)];
        using var right = await browser.SendAsync("/account/two-factor", sent);
        (await right.Content.ReadAsStringAsync(Cancellation)).Should().Contain("recovery-codes");
        using var again = await browser.SendAsync("/account/two-factor", sent);
        (await again.Content.ReadAsStringAsync(Cancellation))
            .Should()
            .Contain("Two-factor authentication is on")
            .And.NotContain("totp-confirm");

        (await browser.IsInAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task FormsWithoutATokenByTheHundred_WriteOneLine()
    {
        using var browser = new CookieClient(_portal);
        for (var i = 0; i < 100; i++)
        {
            (
                await browser.SendAsync(i % 2 == 0 ? "/account/sign-in" : "/account/sign-out", ("_handler", "sign-in"), ("x", "%0d%0a"))
            ).Dispose();
        }

        _portal.Log.Where(line => line.Contains('\n')).Should().BeEmpty("no stacks");
        _portal.Log.Where(line => line.Contains("was refused", StringComparison.Ordinal)).Should().ContainSingle();
    }

    private async Task EachAsync(Func<OpenedForm, List<Answer>, Task<int>> act, params string[] except)
    {
        foreach (var (name, open) in _cases.All.Where(item => !except.Contains(item.Key)))
        {
            var form = await open();
            using var browser = form.Browser;
            var answers = new List<Answer>();

            var count = await act(form, answers);

            answers.Should().NotBeEmpty();
            answers.ForEach(answer => Check(answer, name));
            if (FormCases.Effective.Contains(name))
            {
                count.Should().Be(1, name);
            }
        }

        _portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private static Task<string> TokenAsync(OpenedForm form) => form.Browser.TokenAsync(form.Page);

    private static async Task SendAsync(OpenedForm form, string token, List<Answer> answers)
    {
        using var response = await form.Browser.SendAsync(form.To, [.. form.Fields, ("__RequestVerificationToken", token)]);
        var answer = await ReadAsync(response);
        lock (answers)
        {
            answers.Add(answer);
        }
    }

    private static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            response.Headers.Location,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(Cancellation)
        );

    private static void Check(Answer answer, string name)
    {
        ((int)answer.Status).Should().BeLessThan(500, name);
        if (answer.Location is { } to)
        {
            to.OriginalString.Should().Match(path => path.StartsWith('/') || path.StartsWith("http://127.0.0.1:"), name);
        }
        else if (answer.Type == "text/html")
        {
            Sentence().IsMatch(answer.Body).Should().BeTrue($"{name} answers {answer.Status} with {answer.Body}");
        }
        else
        {
            answer.Status.Should().Be(HttpStatusCode.OK, name);
            answer.Body.Should().NotBeEmpty(name);
        }
    }

    private IEnumerable<RouteEndpoint> Endpoints() =>
        _portal.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>One portal for all of them, under a clock that stands, so that a code of an app stays the code.</summary>
    public sealed class World : IAsyncLifetime
    {
        public PortalHost Portal { get; private set; } = null!;

        public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

        public async ValueTask InitializeAsync() =>
            Portal = await PortalHost.StartAsync(
                new PortalOptions
                {
                    Settings = new Dictionary<string, string?>
                    {
                        // As people run it: in development the framework writes texts of its own.
                        ["environment"] = "Production",
                        ["PromptPilot:Users:RequireTwoFactor"] = "true",
                        ["PromptPilot:Http:SignInsPerMinute"] = "10000",
                    },
                    Services = services => services.AddSingleton<TimeProvider>(Time),
                }
            );

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }

    [GeneratedRegex("<PlainForm\\s+Name=\"([^\"]+)\"")]
    private static partial Regex FormName();

    [GeneratedRegex("data-testid=\"totp-key\"[^>]*>([A-Z2-7]+)<")]
    private static partial Regex Key();

    [GeneratedRegex("<h1[^>]*>[^<]{5,}</h1>.*[a-z ]{12,}", RegexOptions.Singleline)]
    private static partial Regex Sentence();

    private sealed record Answer(HttpStatusCode Status, Uri? Location, string? Type, string Body);
}
