using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>
/// What two requests of one account do at the same moment, from outside: a double click, one address in two spellings, a password changed
/// while others guess it. Whatever comes of them, everybody else goes on writing.
/// </summary>
public sealed class ParallelSignInTests(PublishedBuild build)
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["PromptPilot:Http:SignInsPerMinute"] = "10000",
        ["PromptPilot:Users:LockoutAttempts"] = "100",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task ParallelPosts_OfOneAccount_StopNoWrites()
    {
        await using var portal = await PortalHost.StartAsync(new PortalOptions { Settings = Settings });
        await AttackAsync(portal.BaseAddress, portal.DataDirectory, rounds: 3);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ParallelPosts_OfOneAccount_StopNoWrites_OfThePublishedPortal()
    {
        await using var portal = await PublishedPortal.StartAsync(build, Settings);
        await AttackAsync(portal.BaseAddress, portal.DataDirectory, rounds: 100);
        portal.RequestStop();
        (await portal.WaitForEndAsync(TimeSpan.FromSeconds(40))).Should().Be(0);
    }

    [Fact]
    public void Spellings_OfOneAddress_AreOneAccount() =>
        new UpperInvariantLookupNormalizer().NormalizeEmail("\u212Aim@example.org").Should().Be("KIM@EXAMPLE.ORG");

    private static async Task AttackAsync(Uri address, string directory, int rounds)
    {
        using var admin = Client(address);
        admin.DefaultRequestHeaders.Authorization = new("Bearer", PortalHost.AdminKey);
        var readiness = new Uri("/health/ready", UriKind.Relative);
        for (var round = 0; round < rounds; round++)
        {
            var email = $"kim{round}@example.org";
            var link = await InviteAsync(admin, email);
            await ClickTwiceAsync(address, link);
            await GuessInTwoSpellingsAsync(address, email);
            (await WrongPasswordsAsync(directory, email)).Should().Be(2, "both spellings are counted");
            await ChangeBesideGuessesAsync(address, email);
            (await WrongPasswordsAsync(directory, email)).Should().Be(3, "the right one began anew, and all three wrong ones are counted");

            using var written = await admin
                .PostAsJsonAsync(
                    new Uri("/api/v1/prompts", UriKind.Relative),
                    new { name = $"Prompt {round}", content = "Hello" },
                    Cancellation
                )
                .WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
            written.StatusCode.Should().Be(HttpStatusCode.Created, $"round {round}");
        }

        using var ready = await admin.GetAsync(readiness, Cancellation);
        (await ready.Content.ReadAsStringAsync(Cancellation)).Should().Be("ready");
    }

    private static async Task<Uri> InviteAsync(HttpClient admin, string email)
    {
        using var made = await admin.PostAsJsonAsync(
            new Uri("/api/v1/users", UriKind.Relative),
            new
            {
                email,
                name = "Kim",
                role = "viewer",
            },
            Cancellation
        );
        var link = (await made.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("passwordLink").GetString()!;
        return new Uri(new Uri(link).PathAndQuery, UriKind.Relative);
    }

    /// <summary>Of two clicks one sets the password; the other is told so.</summary>
    private static async Task ClickTwiceAsync(Uri address, Uri link)
    {
        using var client = Client(address);
        var form = new Dictionary<string, string> { ["_handler"] = "set-password", ["Form.Password"] = "kim's own long password" };
        var answers = await PostTogetherAsync([(client, link, form), (client, link, form)]);
        answers.Count(answer => answer.Status == HttpStatusCode.Redirect).Should().Be(1);
        answers
            .Single(answer => answer.Status != HttpStatusCode.Redirect)
            .Should()
            .Match<Answer>(a => a.Status == HttpStatusCode.OK && a.Text.Contains("link"));
    }

    private static async Task GuessInTwoSpellingsAsync(Uri address, string email)
    {
        using var client = Client(address);
        var page = new Uri("/account/sign-in", UriKind.Relative);
        var answers = await PostTogetherAsync([
            (client, page, SignIn(email, "a wrong password")),
            (client, page, SignIn("\u212A" + email[1..], "a wrong password")),
        ]);
        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.OK);
    }

    private static async Task ChangeBesideGuessesAsync(Uri address, string email)
    {
        using var guesser = Client(address);
        using var owner = Client(address);
        using var entered = await PageForms.SignInAsync(owner, email, "kim's own long password");
        entered.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var (signIn, change) = (new Uri("/account/sign-in", UriKind.Relative), new Uri("/account/change-password", UriKind.Relative));
        var wrong = new Dictionary<string, string>
        {
            ["_handler"] = "change-password",
            ["Form.Current"] = "a wrong password",
            ["Form.Password"] = "another long password",
        };
        var answers = await PostTogetherAsync([
            (owner, change, wrong),
            (guesser, signIn, SignIn(email, "a wrong password")),
            (guesser, signIn, SignIn(email.ToUpperInvariant(), "a wrong password")),
        ]);
        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.OK);
    }

    private static async Task<long> WrongPasswordsAsync(string directory, string email)
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(directory, "promptpilot.db")};Mode=ReadOnly;Pooling=False"
        );
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT AccessFailedCount FROM Users WHERE Email = $email";
        command.Parameters.AddWithValue("$email", email);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static Dictionary<string, string> SignIn(string email, string password) =>
        new()
        {
            ["_handler"] = "sign-in",
            ["Form.Email"] = email,
            ["Form.Password"] = password,
        };

    /// <summary>Opens all pages first, then sends all forms at the same moment.</summary>
    private static async Task<IReadOnlyList<Answer>> PostTogetherAsync(
        IReadOnlyList<(HttpClient Client, Uri Page, Dictionary<string, string> Form)> posts
    )
    {
        var sends = new List<Func<Task<Answer>>>();
        foreach (var (client, page, form) in posts)
        {
            var token = await PageForms.TokenAsync(client, page);
            sends.Add(async () =>
            {
                using var content = new FormUrlEncodedContent(form.Append(KeyValuePair.Create("__RequestVerificationToken", token)));
                using var answer = await client.PostAsync(page, content, Cancellation);
                return new Answer(answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
            });
        }

        return await Task.WhenAll(sends.Select(send => send())).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
    }

    private static HttpClient Client(Uri address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address };

    private sealed record Answer(HttpStatusCode Status, string Text);
}
