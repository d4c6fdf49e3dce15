using System.Text.Json;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>A hook in the form.</summary>
public sealed class HookForm
{
    private static readonly HookEvent[] OfChanges =
    [
        HookEvent.ChangeRequested,
        HookEvent.ChangeApproved,
        HookEvent.ChangeRejected,
        HookEvent.ChangeWithdrawn,
        HookEvent.ChangeApplied,
    ];

    /// <summary>The events of change requests that it reports if it reports any; a program may have chosen some.</summary>
    private IReadOnlyList<HookEvent> _ofChanges = OfChanges;
    private string _saved = "";

    public HookType Type { get; private set; }

    public string WorkflowId { get; set; } = "";

    public string Name { get; set; } = "";

    public string TargetUrl { get; set; } = "";

    /// <summary>
    /// The entered secret; empty keeps the stored one, or generates one. It is not saved while the receiver takes none.
    /// </summary>
    public string AuthToken { get; set; } = "";

    public bool HasStoredSecret { get; private set; }

    /// <summary>Only the beginning of the stored address is shown.</summary>
    public bool HasSecretAddress { get; private set; }

    /// <summary>The body as a template; empty: the usual one.</summary>
    public string Body { get; set; } = "";

    public bool OnSucceeded { get; set; } = true;

    public bool OnFailed { get; set; } = true;

    public bool OnWaiting { get; set; }

    public bool OnChanges { get; set; }

    public bool AllOutputs { get; set; } = true;

    /// <summary>The included outputs, if not all are.</summary>
    public HashSet<string> Outputs { get; } = new(StringComparer.Ordinal);

    public bool Enabled { get; set; } = true;

    public bool IsChanged => Serialize() != _saved;

    public static HookForm New(string? workflowId)
    {
        var form = new HookForm { WorkflowId = workflowId ?? "" };
        form._saved = form.Serialize();
        return form;
    }

    public static HookForm From(HookView view)
    {
        var form = new HookForm
        {
            Type = view.Type,
            WorkflowId = view.WorkflowId,
            Name = view.Name,
            TargetUrl = view.TargetUrl,
            HasStoredSecret = view.HasSecret,
            HasSecretAddress = view.HasSecretAddress,
            Body = view.Body ?? "",
            OnSucceeded = view.On.Contains(HookEvent.Succeeded),
            OnFailed = view.On.Contains(HookEvent.Failed),
            OnWaiting = view.On.Contains(HookEvent.Waiting),
            OnChanges = view.On.Any(OfChanges.Contains),
            AllOutputs = view.Outputs is null,
            Enabled = view.Enabled,
        };
        form._ofChanges = form.OnChanges ? [.. view.On.Where(OfChanges.Contains)] : OfChanges;
        form.Outputs.UnionWith(view.Outputs ?? []);
        form._saved = form.Serialize();
        return form;
    }

    /// <summary>What <see cref="Merge"/> compares with: the form as it is being saved.</summary>
    public string Snapshot() => Serialize();

    /// <summary>The form after it was saved: what was typed meanwhile stays, unsaved.</summary>
    /// <param name="sent">The <see cref="Snapshot"/> of what was saved.</param>
    public HookForm Merge(HookView saved, string sent)
    {
        var stored = From(saved);
        if (Serialize() == sent)
        {
            return stored;
        }

        (_saved, HasStoredSecret, HasSecretAddress) = (stored._saved, stored.HasStoredSecret, stored.HasSecretAddress);
        return this;
    }

    /// <summary>Changes the kind; an address fits only the one it was typed for.</summary>
    public void Choose(HookType type)
    {
        if (type != Type)
        {
            (Type, TargetUrl, AuthToken, Body) = (type, "", "", "");
        }
    }

    /// <summary>The receiver whose body it has: a key of <see cref="BodyPresets"/>, or empty for the usual body.</summary>
    public string Receiver =>
        string.IsNullOrWhiteSpace(Body)
            ? ""
            : BodyPresets.All.FirstOrDefault(preset => preset.Body == Body)?.Key ?? BodyPresets.All[^1].Key;

    /// <summary>True when the receiver can verify signatures.</summary>
    public bool TakesSecret =>
        Type == HookType.Webhook && BodyPresets.All.FirstOrDefault(preset => preset.Key == Receiver) is null or { TakesSecret: true };

    /// <summary>Takes the body of a receiver.</summary>
    public void ChooseReceiver(string? key) => Body = BodyPresets.All.FirstOrDefault(preset => preset.Key == key)?.Body ?? "";

    public void Toggle(string output, bool isIn) => _ = isIn ? Outputs.Add(output) : Outputs.Remove(output);

    public HookContent ToContent() =>
        new(
            Type,
            string.IsNullOrWhiteSpace(Name) ? null : Name,
            TargetUrl,
            TakesSecret && !string.IsNullOrWhiteSpace(AuthToken) ? AuthToken : null,
            [.. Events()],
            AllOutputs ? null : [.. Outputs.Order(StringComparer.Ordinal)],
            Enabled
        )
        {
            Body = string.IsNullOrWhiteSpace(Body) ? null : Body,
        };

    private IEnumerable<HookEvent> Events() =>
        new[] { (HookEvent.Succeeded, OnSucceeded), (HookEvent.Failed, OnFailed), (HookEvent.Waiting, OnWaiting) }
            .Where(pair => pair.Item2)
            .Select(pair => pair.Item1)
            .Concat(OnChanges ? _ofChanges : []);

    private string Serialize() => JsonSerializer.Serialize(new { Content = ToContent(), WorkflowId }, AppJson.Options);
}
