using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>A webhook's settings in the form.</summary>
public sealed class WebhookForm
{
    private readonly IReadOnlyDictionary<string, JsonElement> _fixed;
    private readonly string _saved;

    private WebhookForm(Trigger trigger, IReadOnlyList<WorkflowInput> inputs)
    {
        _fixed = trigger.Inputs;
        Inputs = inputs;
        Enabled = trigger.Enabled;
        Verification = trigger.Webhook?.Verification ?? WebhookVerification.StandardWebhooks;
        Answers = trigger.Webhook?.Answers ?? false;
        foreach (var input in inputs)
        {
            Mapping[input.Name] = trigger.Webhook?.InputMapping.GetValueOrDefault(input.Name) ?? "";
        }

        // Expressions of removed inputs: shown so that they can be cleared.
        foreach (var (name, text) in trigger.Webhook?.InputMapping ?? [])
        {
            Mapping.TryAdd(name, text);
        }

        _saved = State;
    }

    public IReadOnlyList<WorkflowInput> Inputs { get; }

    public bool Enabled { get; set; }

    public WebhookVerification Verification { get; set; }

    public bool Answers { get; set; }

    /// <summary>The sender's own secret, pasted; empty: the present one stays.</summary>
    public string Secret { get; set; } = "";

    public Dictionary<string, string> Mapping { get; } = [];

    public bool IsChanged => State != _saved;

    private string State =>
        JsonSerializer.Serialize(
            new
            {
                Enabled,
                Verification,
                Answers,
                Secret,
                Mapping,
            },
            AppJson.Options
        );

    public static WebhookForm From(WebhookView view) => new(view.Trigger, view.Inputs);

    /// <summary>The defaults of a new webhook: signed, each input from the field of the same name.</summary>
    public static TriggerContent New(IReadOnlyList<WorkflowInput> inputs) =>
        new(
            TriggerType.Webhook,
            Enabled: true,
            new Dictionary<string, JsonElement>(),
            Webhook: new WebhookContent(
                WebhookVerification.StandardWebhooks,
                inputs.ToDictionary(input => input.Name, input => $"trigger.payload.{input.Name}")
            )
        );

    public TriggerContent ToContent() =>
        new(
            TriggerType.Webhook,
            Enabled,
            _fixed,
            Webhook: new WebhookContent(Verification, Expressions(), Answers, Secret.Trim() is { Length: > 0 } secret ? secret : null)
        );

    public Dictionary<string, string> Expressions() =>
        Mapping.Where(pair => !string.IsNullOrWhiteSpace(pair.Value)).ToDictionary(pair => pair.Key, pair => pair.Value.Trim());
}
