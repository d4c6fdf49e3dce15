using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;

namespace PromptPilot.Tests.Support;

/// <summary>Somebody a test made: can sign in with the password, call the API with the key, and act on services.</summary>
public sealed record TestPerson(
    string Id,
    string Name,
    string Email,
    string Password,
    Role Role,
    string ApiKeyId,
    string ApiKey,
    Permission Scope
)
{
    public Actor Actor => new Actor.Person(Id);

    public Actor KeyActor => new Actor.KeyHolder(ApiKeyId, Id, Scope);

    /// <summary>Puts the key on a client's requests.</summary>
    public HttpClient Authorize(HttpClient client)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        return client;
    }
}

/// <summary>
/// Puts people straight into a database, so that a test of one feature does not hang on the pages and endpoints of another.
/// </summary>
public static class TestPeople
{
    public const string Password = "correct horse battery staple 7";

    private static readonly PasswordHasherOptions Cheap = new() { IterationCount = 1 };

    private static int _number;

    /// <summary>No test attacks a hash: the work that protects real passwords would only cost time here.</summary>
    public static void HashCheaply(PasswordHasherOptions options) => options.IterationCount = Cheap.IterationCount;

    /// <summary>The real hasher, with cheap hashes.</summary>
    public static PasswordHasher<User> Hasher() => new(Options.Create(Cheap));

    public static async Task<TestPerson> CreateAsync(
        IDbContextFactory<PromptPilotDbContext> contexts,
        Role role,
        Permission scope = Permission.Admin,
        string? name = null
    )
    {
        var number = Interlocked.Increment(ref _number);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var email = $"{role.ToString().ToLowerInvariant()}{number}@example.org";
        var user = new User
        {
            Name = name ?? $"{role} {number}",
            Role = role,
            Email = email,
            NormalizedEmail = email.ToUpperInvariant(),
            UserName = email,
            NormalizedUserName = email.ToUpperInvariant(),
            EmailConfirmed = true,
            LockoutEnabled = true,
            SecurityStamp = Guid.NewGuid().ToString("N"),
            CreatedAt = now,
        };
        user.PasswordHash = Hasher().HashPassword(user, Password);
        var secret = "pp_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var key = new ApiKey
        {
            UserId = user.Id,
            Name = $"Key of {user.Name}",
            Prefix = secret[..8],
            Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            Scope = scope,
            CreatedAt = now,
        };
        await using var db = await contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        db.Users.Add(user);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return new TestPerson(user.Id, user.Name, email, Password, role, key.Id, secret, scope);
    }
}
