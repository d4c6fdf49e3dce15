using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>The engine with hooks on a real SQLite file, and a receiver on loopback.</summary>
internal sealed class HookWorld : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private HookWorld(EngineHost engine, FakeTimeProvider? clock, bool ownsReceiver, HookReceiver receiver) =>
        (Engine, Clock, OwnsReceiver, Receiver) = (engine, clock, ownsReceiver, receiver);

    public EngineHost Engine { get; }

    public FakeTimeProvider? Clock { get; }

    public HookReceiver Receiver { get; }

    public static string Secret { get; } = WebhookSignatures.NewSecret(standard: true);

    private bool OwnsReceiver { get; }

    /// <param name="clock">Null: the real one.</param>
    /// <param name="receiver">One that outlives the host.</param>
    /// <param name="path">Of a database that outlives the host.</param>
    public static async Task<HookWorld> StartAsync(
        FakeTimeProvider? clock = null,
        HookReceiver? receiver = null,
        string? path = null,
        ScriptedModel? model = null,
        HostNames? names = null,
        params (string Key, string Value)[] settings
    )
    {
        var there = receiver ?? await HookReceiver.StartAsync();
        var engine = await EngineHost.StartAsync(
            model ?? new ScriptedModel(),
            path,
            more: builder =>
            {
                builder.Configuration.Sources.Add(
                    new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
                    {
                        InitialData = new Dictionary<string, string?>
                        {
                            ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                            ["PromptPilot:PublicUrl"] = "https://prompts.example.org",
                        }
                            .Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
                            .GroupBy(pair => pair.Key)
                            .Select(group => group.Last()),
                    }
                );
                builder.Services.AddMail().AddIntegrations();
                if (names is not null)
                {
                    builder.Services.RemoveAll<HostNames>();
                    builder.Services.AddSingleton(names);
                }

                if (clock is not null)
                {
                    builder.Services.RemoveAll<TimeProvider>();
                    builder.Services.AddSingleton<TimeProvider>(clock);
                }
            }
        );
        return new HookWorld(engine, clock, receiver is null, there);
    }

    public static FakeTimeProvider NewClock() => new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    /// <summary>Saves a hook as it is.</summary>
    public async Task<IntegrationHook> AddHookAsync(
        string workflowId,
        string? url = null,
        List<string>? outputs = null,
        bool enabled = true,
        HookType type = HookType.Webhook,
        params HookEvent[] on
    )
    {
        var secrets = Engine.Get<HookSecrets>();
        var hook = new IntegrationHook
        {
            Name = "Receiver",
            NormalizedName = "RECEIVER",
            Type = type,
            TargetUrl = url ?? $"{Receiver.Address}/in",
            AuthToken = secrets.Encrypt(Secret),
            LinkedWorkflowId = workflowId,
            On = on.Length == 0 ? [HookEvent.Succeeded, HookEvent.Failed, HookEvent.Waiting] : [.. on],
            Outputs = outputs,
            Enabled = enabled,
            CreatedAt = Engine.Get<TimeProvider>().GetUtcNow().UtcDateTime,
        };
        await using var db = Engine.Db();
        db.Add(hook);
        await db.SaveChangesAsync();
        return hook;
    }

    /// <summary>A delivery, once it is as it should be.</summary>
    public async Task<HookDelivery> DeliveryAsync(string hookId, Func<HookDelivery, bool> condition, string what)
    {
        HookDelivery? last = null;
        try
        {
            return await Eventually.GetAsync(
                async () =>
                {
                    last = (await DeliveriesAsync(hookId)).FirstOrDefault(delivery => condition(delivery));
                    return last;
                },
                what,
                Limit
            );
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{exception.Message}; there are "
                    + $"{System.Text.Json.JsonSerializer.Serialize(await DeliveriesAsync(hookId), AppJson.Options)}"
            );
        }
    }

    public async Task<List<HookDelivery>> DeliveriesAsync(string hookId)
    {
        await using var db = Engine.Db();
        return await db
            .HookDeliveries.AsNoTracking()
            .Where(delivery => delivery.HookId == hookId)
            .OrderBy(delivery => delivery.CreatedAt)
            .ToListAsync();
    }

    public async Task<List<HookAttempt>> AttemptsAsync(string deliveryId)
    {
        await using var db = Engine.Db();
        return await db
            .HookAttempts.AsNoTracking()
            .Where(attempt => attempt.DeliveryId == deliveryId)
            .OrderBy(attempt => attempt.Number)
            .ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        if (OwnsReceiver)
        {
            await Receiver.DisposeAsync();
        }
    }
}
