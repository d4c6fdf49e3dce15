using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>Who gets in, and who does not, over real HTTP.</summary>
public partial class GuardTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private readonly PortalHost _portal = shared.Host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/runs", "/runs")]
    [InlineData("//evil.example", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    public async Task SignIn_GoesOnInsideThePortalOnly(string returnUrl, string expected)
    {
        using var client = _portal.CreateClient();
        using var answer = await PageForms.SignInAsync(client, PortalHost.AdminEmail, PortalHost.AdminPassword, returnUrl);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        new Uri(_portal.BaseAddress, answer.Headers.Location!).Should().Be(new Uri(_portal.BaseAddress, expected));
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        (await db.Users.SingleAsync(user => user.Email == PortalHost.AdminEmail, Cancellation)).LastLogin.Should().NotBeNull();
        using var page = await client.GetAsync(Path("/prompts"), Cancellation);
        page.StatusCode.Should().Be(HttpStatusCode.OK, "the cookie opens pages");
        using var withCookie = await client.GetAsync(Path("/api/v1/users"), Cancellation);
        withCookie.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "the API takes keys, not cookies");
    }

    [Fact]
    public async Task SignIn_AfterFiveWrongPasswords_IsClosedAndSaysNoMoreThanForAnUnknownEmail()
    {
        var person = await _portal.AddPersonAsync(Role.Viewer);
        using var client = _portal.CreateClient();
        var unknown = await RefusalAsync(client, "nobody@example.org", "some wrong password");
        for (var i = 0; i < 5; i++)
        {
            (await RefusalAsync(client, person.Email, "some wrong password")).Should().Be(unknown);
        }

        (await RefusalAsync(client, person.Email, person.Password)).Should().Be(unknown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DeletedUser_TakesTheirTestCasesAlong_OnlyIfAsked(bool erases)
    {
        var person = await _portal.AddPersonAsync(Role.Architect);
        using var client = _portal.CreateClient(person);
        var theirs = new RunApi(client);
        var prompt = await theirs.SendAsync(HttpMethod.Post, "prompts", new { name = $"Left {person.Id}", content = "{{ notes }}" });
        var set = (await theirs.SendAsync(HttpMethod.Post, "test-sets", new { promptId = prompt.Text("id"), name = "Core" })).Text("id");
        await theirs.SendAsync(HttpMethod.Post, $"test-sets/{set}/cases", new { inputs = new { notes = "Personal" } });
        using var adminClient = _portal.CreateAdminClient();
        var admin = new RunApi(adminClient);

        using var deleted = await admin.TrySendAsync(HttpMethod.Delete, $"users/{person.Id}?eraseTexts={erases}", null);

        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await admin.SendAsync(HttpMethod.Get, $"test-sets/{set}", null)).GetProperty("cases").GetArrayLength().Should().Be(erases ? 0 : 1);
    }

    [Fact]
    public async Task Pages_ForAnonymous_LeadToSignIn()
    {
        using var client = _portal.CreateClient();
        var routes = typeof(Program)
            .Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<AllowAnonymousAttribute>() is null)
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>().Select(route => Parameter().Replace(route.Template, "x")))
            .Where(route => !route.StartsWith("/account/", StringComparison.Ordinal) && route is not ("/setup" or "/error" or "/not-found"))
            .ToList();
        routes.Should().Contain(["/", "/account", "/runs"]);
        foreach (var route in routes)
        {
            using var answer = await client.GetAsync(Path(route), Cancellation);
            answer.StatusCode.Should().Be(HttpStatusCode.Redirect, route);
            answer.Headers.Location!.ToString().Should().Contain("/account/sign-in", route);
        }
    }

    [Fact]
    public async Task ApiKey_IsNotInTheDatabase_AndEndsWithItsRevocation()
    {
        var person = await _portal.AddPersonAsync(Role.Architect);
        var keys = _portal.Get<ApiKeyService>();
        (await keys.CreateAsync(new Actor.Person(person.Id), new NewApiKey("too much", Permission.Admin), Cancellation))
            .IsOk.Should()
            .BeFalse();
        var made = (await keys.CreateAsync(new Actor.Person(person.Id), new NewApiKey("reader", Permission.Read), Cancellation)).Value;
        using var client = _portal.CreateClient(made.Key);

        (await client.GetAsync(Path("/api/v1/prompts"), Cancellation)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.PostAsJsonAsync(Path("/api/v1/prompts"), new { name = "x" }, Cancellation))
            .StatusCode.Should()
            .Be(HttpStatusCode.Forbidden);
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            (await db.ApiKeys.SingleAsync(k => k.Id == made.Item.Id, Cancellation)).LastUsedAt.Should().NotBeNull();
        }

        foreach (var file in Directory.GetFiles(_portal.DataDirectory, "promptpilot.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancellation);
            copy.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(made.Key)).Should().Be(-1, file);
        }

        (await keys.RevokeAsync(new Actor.Person(person.Id), made.Item.Id, Cancellation)).IsOk.Should().BeTrue();
        (await client.GetAsync(Path("/api/v1/prompts"), Cancellation)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    /// <summary>In a transaction that is rolled back: the class shares its portal.</summary>
    [Fact]
    public async Task LastAdmin_IsNotTheOneWithAPassword_IfAnotherHasAPasskey()
    {
        var adminId = (await _portal.GetAdminAsync()).Id;
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
        var other = new User
        {
            Name = "Other",
            Email = "other-admin@example.org",
            UserName = "other-admin@example.org",
            NormalizedUserName = "OTHER-ADMIN@EXAMPLE.ORG",
            Role = Role.Admin,
        };
        db.Users.Add(other);
        await db.SaveChangesAsync(Cancellation);
        var admin = await db.Users.SingleAsync(u => u.Id == adminId, Cancellation);
        (await LastAdmin.IsAsync(db, admin, Cancellation)).Should().BeTrue("the other cannot sign in");
        db.UserPasskeys.Add(
            new()
            {
                UserId = other.Id,
                CredentialId = [.. Enumerable.Range(1, 32).Select(i => (byte)i)],
                Data = new()
                {
                    Name = "Key",
                    PublicKey = [1],
                    CreatedAt = DateTimeOffset.UnixEpoch,
                    AttestationObject = [1],
                    ClientDataJson = [1],
                },
            }
        );
        await db.SaveChangesAsync(Cancellation);

        (await LastAdmin.IsAsync(db, admin, Cancellation)).Should().BeFalse();
        await transaction.RollbackAsync(Cancellation);
    }

    [Fact]
    public async Task UsersApi_KeepsTheLastAdmin_AndRefusesStaleChanges()
    {
        using var client = _portal.CreateAdminClient();
        var admin = await _portal.GetAdminAsync();
        var viewer = await _portal.AddPersonAsync(Role.Viewer);

        (await client.PutAsJsonAsync(Path($"/api/v1/users/{admin.Id}"), new { role = "viewer" }, Cancellation))
            .StatusCode.Should()
            .Be(HttpStatusCode.Conflict);
        (await client.PutAsJsonAsync(Path($"/api/v1/users/{admin.Id}"), new { isLocked = true }, Cancellation))
            .StatusCode.Should()
            .Be(HttpStatusCode.Conflict);
        (await client.DeleteAsync(Path($"/api/v1/users/{admin.Id}"), Cancellation)).StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await client.GetAsync(Path("/api/v1/users/unknown"), Cancellation)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        using var stale = new HttpRequestMessage(HttpMethod.Put, Path($"/api/v1/users/{viewer.Id}"))
        {
            Content = JsonContent.Create(new { name = "Other" }),
        };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"99\"");
        (await client.SendAsync(stale, Cancellation)).StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/runs")]
    [InlineData("/api/v1/users")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Answers_CarryThePolicy(string path)
    {
        using var client = _portal.CreateClient();
        using var answer = await client.GetAsync(Path(path), Cancellation);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Should().ContainSingle().Subject;
        policy.Should().Contain("script-src 'self';").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe-eval");
        answer.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        answer.Headers.GetValues("Referrer-Policy").Should().Equal("same-origin");
    }

    [Theory]
    [InlineData("/_blazor")]
    [InlineData("/_blazor/negotiate")]
    public async Task Hub_ForAForeignOrigin_IsRefused(string path)
    {
        using var client = _portal.CreateClient();
        client.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        (await client.PostAsync(Path(path), null, Cancellation)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest, "detail")]
    [InlineData("{\"name\":5}", "application/json", HttpStatusCode.BadRequest, "name")]
    [InlineData("name=x", "text/plain", HttpStatusCode.UnsupportedMediaType, "detail")]
    public async Task Api_ForABodyItCannotRead_AnswersAProblem(string body, string type, HttpStatusCode status, string named)
    {
        using var client = _portal.CreateAdminClient();
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await client.PostAsync(Path("/api/v1/users"), content, Cancellation);

        answer.StatusCode.Should().Be(status);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain(named);
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);

    private static async Task<string> RefusalAsync(HttpClient client, string email, string password)
    {
        using var answer = await PageForms.SignInAsync(client, email, password);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var alert = Alert().Match(await answer.Content.ReadAsStringAsync(Cancellation));
        alert.Success.Should().BeTrue("the page says why");
        return alert.Value;
    }

    [GeneratedRegex("Wrong e-mail or password[^<]*")]
    private static partial Regex Alert();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
