using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace PromptPilot.Tests.Support;

/// <summary>
/// A page in a private window, that notes what a well-behaved portal never causes: policy violations, script errors, requests to other
/// hosts.
/// </summary>
public sealed partial class BrowserWindow : IAsyncDisposable
{
    private const string SignInPath = "/account/sign-in";
    private const string ViolationMark = "csp-violation:";
    private const int MostOfPage = 1_500;

    /// <summary>Playwright's own script, outside the page's policy.</summary>
    internal const string ReportViolations = $$"""
        document.addEventListener('securitypolicyviolation', e => console.error('{{ViolationMark}} ' + e.effectiveDirective + ' ' + e.blockedURI + ' at ' + e.sourceFile));
        """;

    // In the page itself, once per document: its own .NET method loads axe into a second page for each check, to sum up frames of other
    // origins, of which the portal has none. Only violations, else axe describes each element that passed too, which is most of its work.
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();
    private const string RunAxe = """
        async () => (await axe.run({ resultTypes: ["violations"] })).violations.flatMap((found) =>
          found.nodes.map((node) => `${found.id}: ${node.html} (${found.help})`))
        """;

    private readonly IBrowserContext _context;
    private readonly Uri _portal;
    private readonly Action<IBrowserContext> _keep;
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentQueue<string> _scriptErrors = new();
    private readonly ConcurrentQueue<string> _foreignRequests = new();
    private bool _disposed;

    private BrowserWindow(IBrowserContext context, IPage page, Uri portal, Action<IBrowserContext> keep)
    {
        _context = context;
        _portal = portal;
        _keep = keep;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Content-security-policy violations, as the browser reports them.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>Uncaught errors of scripts.</summary>
    public IReadOnlyList<string> ScriptErrors => [.. _scriptErrors];

    /// <summary>Addresses off the portal's origin that the page asked for. Chromium is told to find no host but this machine.</summary>
    public IReadOnlyList<string> ForeignRequests => [.. _foreignRequests];

    /// <param name="context">With one empty page that stays, and <see cref="ReportViolations"/> for each page.</param>
    /// <param name="keep">Takes the context when the window is closed and emptied.</param>
    internal static async Task<BrowserWindow> OpenAsync(IBrowserContext context, Uri portal, Action<IBrowserContext> keep)
    {
        var page = await context.NewPageAsync();
        var window = new BrowserWindow(context, page, portal, keep);
        page.SetDefaultTimeout((float)Eventually.DefaultLimit.TotalMilliseconds);
        page.Console += (_, message) => window.Note(message.Text);
        page.PageError += (_, error) => window._scriptErrors.Enqueue(error);
        // Listening costs nothing; intercepting would stop every request for an answer of ours, and turn the browser's cache off.
        context.Request += window.NoteForeign;
        return window;
    }

    /// <summary>Goes to a page and waits until clicks are answered.</summary>
    public async Task GoAsync(string path)
    {
        await GotoAsync(path);
        await WaitForInteractivityAsync();
    }

    /// <summary>Goes to a page that is static, or where the test waits itself.</summary>
    public Task<IResponse?> GotoAsync(string path) => Page.GotoAsync(AddressOf(path));

    /// <param name="path">Of a page of the portal; an absolute address stays as it is.</param>
    public string AddressOf(string path) => new Uri(_portal, path).AbsoluteUri;

    /// <summary>Waits until the circuit is up; a static page (set-up, sign-in) counts at once.</summary>
    public Task WaitForInteractivityAsync() =>
        Page.WaitForFunctionAsync(
            "() => document.querySelector('[data-static-page]') !== null || document.querySelector('[data-interactive=\"true\"]') !== null"
        );

    /// <summary>
    /// Signs in without loading the sign-in page and the page after it, which most tests do not look at. The window has the session's
    /// cookie, and no page yet.
    /// </summary>
    public async Task SignInAsync(string email, string password)
    {
        var request = _context.APIRequest;
        var form = await request.GetAsync(AddressOf(SignInPath));
        var fields = request.CreateFormData();
        fields.Set("_handler", "sign-in");
        fields.Set("__RequestVerificationToken", AntiforgeryToken().Match(await form.TextAsync()).Groups[1].Value);
        fields.Set("Form.Email", email);
        fields.Set("Form.Password", password);
        var answer = await request.PostAsync(AddressOf(SignInPath), new() { Form = fields, MaxRedirects = 0 });
        answer.Status.Should().Be(302, "{0} can sign in", email);
        answer.Headers["location"].Should().NotContain("/account/", "{0} needs no second factor", email);
    }

    public Task SignInAsync(TestPerson person) => SignInAsync(person.Email, person.Password);

    /// <summary>Signs in on the page, as a person does, and waits for the page that follows.</summary>
    public async Task SignInOnPageAsync(string email, string password)
    {
        await GotoAsync(SignInPath);
        await Page.GetByTestId("email").FillAsync(email);
        await Page.GetByTestId("password").FillAsync(password);
        await Page.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(Page).Not.ToHaveURLAsync(new Regex("/account/"));
        await WaitForInteractivityAsync();
    }

    public Task SignInOnPageAsync(TestPerson person) => SignInOnPageAsync(person.Email, person.Password);

    /// <summary>What axe finds wrong with the page as it is shown now: one line a rule and element.</summary>
    public async Task<IReadOnlyList<string>> CheckAccessibilityAsync()
    {
        if (!await Page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await Page.EvaluateAsync(Axe);
        }

        return await Page.EvaluateAsync<string[]>(RunAxe);
    }

    /// <summary>
    /// Saves a picture of the whole page under artifacts/screenshots, for people to look at; a build server takes none, which saves it a
    /// minute.
    /// </summary>
    public Task ScreenshotAsync(string name) =>
        Environment.GetEnvironmentVariable("CI") == "true"
            ? Task.CompletedTask
            : Page.ScreenshotAsync(
                new PageScreenshotOptions { Path = RepositoryRoot.File("artifacts", "screenshots", $"{name}.png"), FullPage = true }
            );

    /// <summary>Fails when anything happened that a portal with a strict policy never causes.</summary>
    public void AssertClean()
    {
        Violations.Should().BeEmpty("nothing may break the content security policy");
        ForeignRequests.Should().BeEmpty("a page asks nobody but the portal");
        ScriptErrors.Should().BeEmpty("scripts run without errors");
    }

    /// <summary>Closes all its pages, and forgets what they left. What happens after the first time belongs to another test.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        _context.Request -= NoteForeign;
        try
        {
            await TellAsync();
            await ForgetAsync();
        }
        catch (Exception exception) when (exception is PlaywrightException or TimeoutException)
        {
            // A page that crashed or hangs, or one that a test closed.
            await _context.DisposeAsync();
            return;
        }

        _keep(_context);
    }

    /// <summary>Says how the test left its page: what a failure shows of a machine that nobody can look at.</summary>
    private async Task TellAsync()
    {
        if (Page.IsClosed || TestContext.Current.TestOutputHelper is not { } output)
        {
            return;
        }

        var text = await Page.EvaluateAsync<string>("() => document.body?.innerText ?? ''").WaitAsync(Eventually.DefaultLimit);
        output.WriteLine($"Left at {Page.Url}:\n{(text.Length <= MostOfPage ? text : text[..MostOfPage])}");
        output.WriteLine(string.Join('\n', _violations.Concat(_scriptErrors)));
    }

    private async Task ForgetAsync()
    {
        var devices = await _context.NewCDPSessionAsync(Page);
        await devices.SendAsync(
            "Storage.clearDataForOrigin",
            new Dictionary<string, object> { ["origin"] = _portal.GetLeftPart(UriPartial.Authority), ["storageTypes"] = "all" }
        );
        foreach (var page in _context.Pages.Skip(1).ToList())
        {
            await page.CloseAsync();
        }

        await _context.ClearCookiesAsync();
        await _context.ClearPermissionsAsync();
    }

    private void NoteForeign(object? sender, IRequest request)
    {
        if (!IsOwn(request.Url, _portal))
        {
            _foreignRequests.Enqueue(request.Url);
        }
    }

    private static bool IsOwn(string address, Uri portal) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme is "data" or "blob" or "about" || (uri.Host == portal.Host && uri.Port == portal.Port));

    private void Note(string message)
    {
        if (
            message.StartsWith(ViolationMark, StringComparison.Ordinal)
            || message.Contains("Content Security Policy", StringComparison.Ordinal)
        )
        {
            _violations.Enqueue(message);
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
