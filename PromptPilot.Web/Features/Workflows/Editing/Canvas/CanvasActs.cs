using Microsoft.JSInterop;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The effect of dropping a dragged prompt at each place of the canvas.</summary>
/// <param name="Lines">By the keys of both ends, <c>from&gt;to</c>.</param>
public sealed record DropOffers(
    DropOffer Blank,
    IReadOnlyDictionary<string, DropOffer> Steps,
    IReadOnlyDictionary<string, DropOffer> Lines
);

public sealed record DropOffer(string Title, string Detail, string? Refusal);

/// <summary>The browser's calls from the canvas: start and end of a drag, and keys.</summary>
public sealed class CanvasActs(DesignSession session, Func<string, Task<PromptDetails?>> findPrompt, ICanvasHost host)
{
    /// <summary>Asked once when a prompt is lifted.</summary>
    [JSInvokable]
    public async Task<DropOffers?> PlanDrops(string promptId)
    {
        if (await findPrompt(promptId) is not { } prompt)
        {
            return null;
        }

        DropOffer Offer(DropTarget target)
        {
            var plan = session.PlanDrop(prompt, target);
            return new DropOffer(plan.Title, plan.Detail, plan.Refusal);
        }

        var keys = new Dictionary<string, string>();
        foreach (var input in session.Draft.Inputs.Where(input => input.Name != ""))
        {
            keys[input.Name] = FlowEdges.InputsKey;
        }

        var lines = new Dictionary<string, DropOffer>();
        foreach (var step in session.Draft.Steps)
        {
            var readings = FlowStep.ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach);
            foreach (var from in readings.SelectMany(reading => reading.Keys).Where(keys.ContainsKey).Select(key => keys[key]).Distinct())
            {
                lines[$"{from}>{step.Key}"] = Offer(new DropTarget(step.Key, from));
            }

            if (step.OutputKey != "")
            {
                keys[step.OutputKey] = step.Key;
            }
        }

        return new DropOffers(
            Offer(DropTarget.Blank),
            session.Draft.Steps.ToDictionary(step => step.Key, step => Offer(new DropTarget(step.Key))),
            lines
        );
    }

    [JSInvokable]
    public async Task Drop(string promptId, string? step, string? from)
    {
        if (await findPrompt(promptId) is { } prompt)
        {
            await host.DropAsync(prompt, new DropTarget(step, from));
        }
    }

    /// <summary>Asked once when an output is lifted: for each step its variables, or why it cannot read the output.</summary>
    [JSInvokable]
    public IReadOnlyDictionary<string, ConnectionPlan> PlanConnections(string from, string key)
    {
        var rules = new ConnectionRules(session.Draft);
        return session.Draft.Steps.ToDictionary(step => step.Key, step => rules.Plan(from, key, step));
    }

    [JSInvokable]
    public Task Connect(string from, string key, string to, string variable) =>
        host.ChangeAsync(() => session.Connect(from, key, to, variable));

    [JSInvokable]
    public Task Select(IReadOnlyList<string> keys) => host.SelectAsync(keys);

    /// <param name="name"><c>delete</c> or <c>duplicate</c>, of what is selected.</param>
    [JSInvokable]
    public Task Act(string name) => host.ChangeAsync(name == "duplicate" ? session.DuplicateSelected : session.DeleteSelected);

    /// <summary>The selected steps as a text to keep; null when there are none.</summary>
    [JSInvokable]
    public async Task<string?> Copy(bool isCut)
    {
        var copied = session.Copy()?.Write();
        if (copied is not null && isCut)
        {
            await host.ChangeAsync(session.DeleteSelected);
        }

        return copied;
    }

    [JSInvokable]
    public Task Paste(string? kept) => host.PasteAsync(StepClipboard.Read(kept));
}
