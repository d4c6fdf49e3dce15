using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>
/// Links to set a password that go by mail, over real SMTP: to their person, and to nobody else while the server takes them.
/// </summary>
public sealed class InvitationMailTests : IAsyncLifetime
{
    private readonly FakeMailServer _server = new();
    private PortalHost _portal = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Settings = new Dictionary<string, string?>(_server.Settings) { ["PromptPilot:PublicUrl"] = "https://prompts.example.org" },
                LeastLogged = Microsoft.Extensions.Logging.LogLevel.Debug,
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Invitation_GoesByMail_AsTextAndHtml_AndIsNotInTheAnswer()
    {
        var answer = await InviteAsync("<b>Nora</b>");

        answer.TryGetProperty("passwordLink", out _).Should().BeFalse();
        answer.GetProperty("mail").GetProperty("isSent").GetBoolean().Should().BeTrue();
        answer.GetProperty("mail").GetProperty("answer").GetString().Should().Contain("queued as 1");
        var mail = _server.Mails.Should().ContainSingle().Subject;
        mail.To.Mailboxes.Should().ContainSingle().Which.Address.Should().Be("nora@example.org");
        mail.Subject.Should().Be("Your invitation to PromptPilot");
        var link = LinkIn(mail.TextBody!);
        link.Should()
            .StartWith("https://prompts.example.org/account/set-password?user=", "the address of a request is whatever its sender wrote");
        mail.TextBody.Should().Contain("<b>Nora</b>");
        mail.HtmlBody.Should().Contain(WebUtility.HtmlEncode(link)).And.Contain("&lt;b&gt;Nora").And.NotContain("<b>Nora");

        using var client = new CookieClient(_portal);
        using var set = await client.PostAsync(new Uri(link).PathAndQuery, "set-password", ("Password", "a new long password 99"));
        (await client.SignInAsync("nora@example.org", "a new long password 99")).Should().Be("/");
        answer.GetRawText().Should().NotContain(TokenIn(link));
        await AssertUntoldAsync(TokenIn(link));
    }

    [Fact]
    public async Task Server_ThatRefusesTheMail_IsQuoted_AndTheLinkIsGivenAsWithoutOne()
    {
        // Some name in their refusal the address that they did not like.
        _server.Whole = mail => $"554 5.7.1 blocked, contains {LinkIn(mail.TextBody!)}";

        var answer = await InviteAsync("Nora");

        var link = answer.GetProperty("passwordLink").GetString()!;
        var words = answer.GetProperty("mail").GetProperty("answer").GetString();
        answer.GetProperty("mail").GetProperty("isSent").GetBoolean().Should().BeFalse();
        words.Should().Contain("554").And.Contain("blocked").And.NotContain(TokenIn(link));
        await AssertUntoldAsync(TokenIn(link));
        using var client = new CookieClient(_portal);
        using var set = await client.PostAsync(new Uri(link).PathAndQuery, "set-password", ("Password", "a new long password 99"));
        (await client.SignInAsync("nora@example.org", "a new long password 99")).Should().Be("/");
    }

    [Fact]
    public async Task NewLink_SaysWhatItIs_AndNobodyWhoIsLockedGetsOne()
    {
        var admin = await _portal.GetAdminAsync();
        var users = _portal.Get<UserService>();
        var (ann, locked) = (await _portal.AddPersonAsync(Role.Viewer), await _portal.AddPersonAsync(Role.Viewer));
        (await users.LockAsync(admin.Actor, locked.Id, null, Cancellation)).IsOk.Should().BeTrue();

        (await users.ResetPasswordAsync(admin.Actor, ann.Id, Cancellation))
            .Value.Should()
            .BeEquivalentTo(
                new
                {
                    Path = (string?)null,
                    Mail = new
                    {
                        To = ann.Email,
                        IsSent = true,
                        Portal = "https://prompts.example.org/",
                    },
                }
            );
        (await users.ResetPasswordAsync(admin.Actor, locked.Id, Cancellation))
            .Value.Should()
            .Match<PasswordLink>(link => link.Mail == null && link.Path != null);

        _server.Mails.Should().ContainSingle().Which.Subject.Should().Be("A new password for PromptPilot");
    }

    private async Task<JsonElement> InviteAsync(string name)
    {
        using var client = _portal.CreateAdminClient();
        client.DefaultRequestHeaders.Host = "evil.example.com";
        using var answer = await client.PostAsJsonAsync(
            "/api/v1/users",
            new
            {
                email = "nora@example.org",
                name,
                role = "viewer",
            },
            Cancellation
        );
        answer.StatusCode.Should().Be(HttpStatusCode.Created);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    /// <summary>Neither log nor audit log has it.</summary>
    private async Task AssertUntoldAsync(string token)
    {
        token.Length.Should().BeGreaterThan(50);
        _portal.Log.Should().NotBeEmpty().And.NotContain(line => line.Contains(token, StringComparison.Ordinal));
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        var told = JsonSerializer.Serialize(await db.AuditEntries.AsNoTracking().ToListAsync(Cancellation));
        told.Should().Contain("nora@example.org").And.NotContain(token);
    }

    private static string LinkIn(string text) => text.Split('\n').Single(line => line.Contains("token=", StringComparison.Ordinal)).Trim();

    private static string TokenIn(string link) => link[(link.IndexOf("token=", StringComparison.Ordinal) + 6)..];
}
