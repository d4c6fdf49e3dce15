using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>Somebody signed in who opens one page after another, and notes how long each takes.</summary>
internal sealed partial class PageVisitor : IAsyncDisposable
{
    private static readonly string[] Pages = ["/", "/runs", "/workflows", "/prompts"];

    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<double> _milliseconds = [];
    private Task _visits = Task.CompletedTask;

    private PageVisitor(HttpClient http) => _http = http;

    /// <summary>Signs the admin in and starts.</summary>
    public static async Task<PageVisitor> StartAsync(Uri portal)
    {
        var visitor = new PageVisitor(new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = portal });
        var path = new Uri("/account/sign-in?returnUrl=%2F", UriKind.Relative);
        var page = await visitor._http.GetStringAsync(path, visitor._stop.Token);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = Token().Match(page).Groups[1].Value,
                ["Form.Email"] = PortalHost.AdminEmail,
                ["Form.Password"] = PortalHost.AdminPassword,
            }
        );
        using var answer = await visitor._http.PostAsync(path, form, visitor._stop.Token);
        answer.EnsureSuccessStatusCode();
        visitor._visits = Task.Run(visitor.VisitAsync);
        return visitor;
    }

    /// <summary>How long the visits since the last call took, in milliseconds.</summary>
    public List<double> Take()
    {
        lock (_milliseconds)
        {
            var taken = _milliseconds.ToList();
            _milliseconds.Clear();
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_visits);
        _stop.Dispose();
        _http.Dispose();
    }

    private async Task VisitAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; await timer.WaitForNextTickAsync(_stop.Token); i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var page = await _http.GetStringAsync(new Uri(Pages[i % Pages.Length], UriKind.Relative), _stop.Token);
            page.Should().Contain("data-interactive", "it is a page of the portal, not the one to sign in");
            lock (_milliseconds)
            {
                _milliseconds.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
            }
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
