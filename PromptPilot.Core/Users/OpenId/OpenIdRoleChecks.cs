using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>
/// Asks the provider for the groups of each session with a refresh token, every five minutes. A revoked token ends its session;
/// a provider that is down ends none. Sessions without a token end after <see cref="OpenIdOptions.SessionHours"/>.
/// </summary>
internal sealed class OpenIdRoleChecks(
    ReadyGate ready,
    OpenIdSessions sessions,
    OpenIdAccounts accounts,
    OpenIdProvider provider,
    IOptions<OpenIdOptions> options,
    TimeProvider time,
    ILogger<OpenIdRoleChecks> log
) : PollingService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private const int Most = 200;

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(30);

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen() => token => Task.Delay(Timeout.InfiniteTimeSpan, time, token);

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await CheckDueAsync(cancellationToken);
        return null;
    }

    internal async Task CheckDueAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (!settings.IsConfigured)
        {
            return;
        }

        await sessions.EndOldAsync(time.GetUtcNow().UtcDateTime.AddHours(-settings.SessionHours), cancellationToken);
        foreach (var session in await sessions.TakeDueAsync(Interval, Most, cancellationToken))
        {
            if (session.Issuer != settings.Issuer || sessions.Decrypt(session.RefreshToken!) is not { } token)
            {
                await sessions.DropTokenAsync(session.SessionId, cancellationToken);
                continue;
            }

            try
            {
                await CheckAsync(
                    session,
                    await provider.RefreshAsync(settings, token, session.Subject, cancellationToken),
                    cancellationToken
                );
            }
            catch (OpenIdException exception)
            {
                log.LogWarning("The groups of a session could not be checked: {Reason} Retrying in 5 minutes", exception.Message);
            }
        }
    }

    private async Task CheckAsync(OpenIdSession session, OpenIdRefresh answer, CancellationToken cancellationToken)
    {
        if (answer.IsRevoked)
        {
            await sessions.EndAsync(session.SessionId, "the provider no longer accepts the refresh token", cancellationToken);
            return;
        }

        if (answer.RefreshToken is { } renewed)
        {
            await sessions.RenewAsync(session.SessionId, renewed, cancellationToken);
        }

        if (answer.Groups is { } groups)
        {
            await accounts.RefreshAsync(session, groups, cancellationToken);
        }
    }
}
