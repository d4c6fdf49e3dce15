using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Users.ApiKeys;

namespace PromptPilot.Core.Users.Setup;

/// <summary>The first admin, as requested.</summary>
public sealed record FirstAdminRequest(string Name, string Email, string Password);

/// <summary>
/// Creates the first admin of an installation, once: with the one-time code that only the log has, or from the settings. There is no
/// default password.
/// </summary>
public sealed class FirstAdmin(
    IDbContextFactory<PromptPilotDbContext> contexts,
    IServiceScopeFactory scopes,
    IOptions<SetupOptions> options,
    IOptions<PortalSettings> portal,
    WriteGate gate,
    HostIdentity host,
    TimeProvider time
) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly byte[] _code = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
    private bool _isSetUp;

    /// <summary>
    /// What follows a creation by <see cref="CreateUnattendedAsync"/>, such as the sample workspace. It takes a second, in which the server
    /// can start. The portal is ready once it has ended.
    /// </summary>
    public Task Following { get; private set; } = Task.CompletedTask;

    /// <summary>Kept only in memory; each start creates a new one. Other hosts of the database can read its hash.</summary>
    public string Code => Encoding.ASCII.GetString(_code);

    /// <summary>Lets the setup link work on any host behind a load balancer.</summary>
    public async Task ShareCodeAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ShareSetupCodeAsync(host.Id, Hash(Code), cancellationToken);
    }

    public async Task<bool> IsNeededAsync(CancellationToken cancellationToken)
    {
        if (_isSetUp)
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        _isSetUp = await db.Users.AnyAsync(cancellationToken);
        return !_isSetUp;
    }

    /// <summary>True when a setup link is still valid.</summary>
    public async Task<bool> AcceptsAsync(string? code, CancellationToken cancellationToken) =>
        await IsNeededAsync(cancellationToken) && await IsCodeAsync(code, cancellationToken);

    /// <summary>Creates the admin if the code is right. Of several concurrent calls, one succeeds.</summary>
    /// <returns>The admin's user id.</returns>
    public async Task<Result<string>> CreateAsync(string? code, FirstAdminRequest request, CancellationToken cancellationToken)
    {
        if (!await IsCodeAsync(code, cancellationToken))
        {
            return Problem.Forbidden("This setup link is not valid. Use the newest one in the log.");
        }

        var made = await CreateAsync(request, apiKey: "", cancellationToken);
        if (made.IsOk)
        {
            await TellAsync(made.Value);
        }

        return made;
    }

    /// <summary>Creates the admin from the settings if there is no user, and starts <see cref="Following"/>.</summary>
    public async Task<Result<Done>> CreateUnattendedAsync(CancellationToken cancellationToken)
    {
        var setup = options.Value;
        if (!setup.IsUnattended || !await IsNeededAsync(cancellationToken))
        {
            return default(Done);
        }

        var name = setup.AdminEmail.Split('@')[0];
        var made = await CreateAsync(new FirstAdminRequest(name, setup.AdminEmail, setup.AdminPassword), setup.ApiKey, cancellationToken);
        if (made.IsOk)
        {
            Following = Task.Run(() => TellAsync(made.Value), CancellationToken.None);
        }

        return made.IsOk ? default(Done) : made.Problem with { Errors = [.. made.Problem.Errors.Select(AtItsKey)] };
    }

    /// <summary>Names settings instead of fields: that is what the reader knows.</summary>
    private static FieldError AtItsKey(FieldError error) =>
        error with
        {
            Message =
                $"{SetupOptions.Section}:"
                + (error.Field == "password" ? nameof(SetupOptions.AdminPassword) : nameof(SetupOptions.AdminEmail))
                + $": {error.Message}",
        };

    public void Dispose() => _oneAtATime.Dispose();

    private static string Hash(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    private async Task<bool> IsCodeAsync(string? code, CancellationToken cancellationToken)
    {
        if (code is null || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), _code))
        {
            return code is not null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.HasSetupCodeAsync(Hash(code), cancellationToken);
    }

    private async Task<Result<string>> CreateAsync(FirstAdminRequest request, string apiKey, CancellationToken cancellationToken)
    {
        var errors = PersonRules.All(
            PersonRules.Name(request.Name),
            PersonRules.Email(request.Email),
            PersonRules.Password(request.Password, request.Email, portal.Value.Name)
        );
        if (errors.Count > 0)
        {
            return Problem.Invalid("Could not create the admin.", errors);
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // Held until the admin exists, so that only one of two hosts creates it.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var once = db.HasOneWriter ? null : await gate.BeginAsync(db, cancellationToken);
            if (!await IsNeededAsync(cancellationToken))
            {
                return Problem.Conflict("PromptPilot is already set up. Sign in.");
            }

            // From this point on the host finishes what it began, even if the browser goes away.
            return await SaveAsync(request, apiKey, CancellationToken.None);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<string> SaveAsync(FirstAdminRequest request, string apiKey, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow().UtcDateTime;
        var user = new User
        {
            Name = request.Name.Trim(),
            Email = request.Email,
            UserName = request.Email,
            EmailConfirmed = true,
            LockoutEnabled = true,
            Role = Role.Admin,
            CreatedAt = now,
        };
        AuditScope.Actor = new Actor.Person(user.Id);
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var made = await users.CreateAsync(user, request.Password);
        if (!made.Succeeded)
        {
            throw new InvalidOperationException(
                $"The first admin could not be stored: {string.Join(" ", made.Errors.Select(e => e.Description))}"
            );
        }

        _isSetUp = true;
        if (apiKey.Length > 0)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            db.ApiKeys.Add(
                new ApiKey
                {
                    UserId = user.Id,
                    Name = "Set-up",
                    Prefix = ApiKeySecret.Prefix(apiKey),
                    Hash = ApiKeySecret.Hash(apiKey),
                    Scope = Permission.Admin,
                    CreatedAt = now,
                }
            );
            await db.SaveChangesAsync(cancellationToken);
        }

        return user.Id;
    }

    private async Task TellAsync(string userId)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var listener in scope.ServiceProvider.GetServices<IFirstAdminListener>())
        {
            await listener.OnFirstAdminAsync(new Actor.Person(userId), CancellationToken.None);
        }
    }
}
