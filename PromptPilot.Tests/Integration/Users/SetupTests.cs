using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

public partial class SetupTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SetupLink_PostedTwentyTimesAtOnce_MakesOneAdmin()
    {
        await using var portal = await PortalHost.StartAsync(new PortalOptions { Unattended = false });
        var path = new Uri($"/setup?code={portal.Get<FirstAdmin>().Code}", UriKind.Relative);
        await Eventually.HoldsAsync(
            () => portal.Log.Any(line => line.Contains(path.ToString(), StringComparison.Ordinal)),
            "the log to show the link"
        );

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => PostAsync(portal, path, number)));

        answers.Count(status => status == HttpStatusCode.Redirect).Should().Be(1);
        await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.Users.ToListAsync(Cancellation))
            .Should()
            .ContainSingle()
            .Which.Should()
            .Match<User>(u => u.Role == Role.Admin && u.LastLogin != null);
        using var client = portal.CreateClient();
        (await client.GetStringAsync(path, Cancellation)).Should().NotContain("create-admin", "the link counts once");
    }

    [Fact]
    public async Task SetupPage_WithAnotherCode_OffersNothing()
    {
        await using var portal = await PortalHost.StartAsync(new PortalOptions { Unattended = false });
        using var client = portal.CreateClient();

        (await client.GetStringAsync(new Uri("/setup?code=guessed", UriKind.Relative), Cancellation)).Should().NotContain("create-admin");
        (await client.GetStringAsync(new Uri("/setup", UriKind.Relative), Cancellation)).Should().NotContain("create-admin");
    }

    [Fact]
    public async Task Unattended_MakesAdminAndKey_OnlyWhileThereIsNoUser()
    {
        using var directory = new TempDirectory();
        await using (var first = await PortalHost.StartAsync(new PortalOptions { DataDirectory = directory.Path }))
        {
            using var client = first.CreateAdminClient();
            (await client.GetAsync(new Uri("/api/v1/users", UriKind.Relative), Cancellation)).StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await using var second = await PortalHost.StartAsync(
            new PortalOptions
            {
                DataDirectory = directory.Path,
                Settings = new Dictionary<string, string?>
                {
                    ["PromptPilot:Setup:AdminEmail"] = "other@example.org",
                    ["PromptPilot:Setup:ApiKey"] = "another-key-0123456789-0123456789",
                },
            }
        );
        using var other = second.CreateClient("another-key-0123456789-0123456789");
        (await other.GetAsync(new Uri("/api/v1/users", UriKind.Relative), Cancellation))
            .StatusCode.Should()
            .Be(HttpStatusCode.Unauthorized);
        await using var db = await second.Contexts.CreateDbContextAsync(Cancellation);
        (await db.Users.SingleAsync(Cancellation)).Email.Should().Be(PortalHost.AdminEmail);
    }

    private static async Task<HttpStatusCode> PostAsync(PortalHost portal, Uri path, int number)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = portal.BaseAddress,
        };
        var page = await client.GetStringAsync(path, Cancellation);
        if (Token().Match(page) is not { Success: true } token)
        {
            return HttpStatusCode.Gone;
        }

        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "setup",
                ["__RequestVerificationToken"] = token.Groups[1].Value,
                ["Form.Name"] = $"Admin {number}",
                ["Form.Email"] = $"admin{number}@example.org",
                ["Form.Password"] = "a long enough password",
            }
        );
        return (await client.PostAsync(path, form, Cancellation)).StatusCode;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
