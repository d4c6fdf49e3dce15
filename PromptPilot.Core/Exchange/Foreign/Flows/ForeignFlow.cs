using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>A node of a flow that calls a model.</summary>
/// <param name="Id">What edges and references call it.</param>
/// <param name="Model">The name of its model; null: unknown.</param>
internal sealed record FlowPrompt(string Id, string Title, IReadOnlyList<(string Role, string Text)> Messages, string? Model)
{
    /// <summary>What notes call it, if its title does not tell it from others.</summary>
    public string Label { get; init; } = Title;

    /// <summary>For a Jinja template: what each of its variables refers to. Null: the text itself has the references.</summary>
    public IReadOnlyDictionary<string, string>? Jinja { get; init; }
}

/// <summary>The target of a reference in a text.</summary>
/// <param name="Name">The input, or the id of the node whose output it is.</param>
internal sealed record FlowReference(string Name, bool IsOutput);

/// <summary>A flow of another tool, as far as it can become prompts and a workflow.</summary>
/// <param name="Resolve">The target of a reference in the text of a node; null: neither an input nor the output of a prompt.</param>
internal sealed record ForeignFlow(string Name, IReadOnlyList<FlowPrompt> Prompts, Func<FlowPrompt, string, FlowReference?> Resolve)
{
    public string? Description { get; init; }

    /// <summary>Declared inputs. Others are added where texts refer to them.</summary>
    public IReadOnlyList<WorkflowInput> Inputs { get; init; } = [];

    /// <summary>What notes call a reference.</summary>
    public Func<string, string> Describe { get; init; } = reference => reference;

    /// <summary>The input that takes the message of a chat.</summary>
    public string? ChatInput { get; init; }

    /// <summary>Ids of the nodes that it begins with.</summary>
    public IReadOnlyList<string> Starts { get; init; } = [];

    /// <summary>Between ids of any nodes.</summary>
    public IReadOnlyList<(string From, string To)> Edges { get; init; } = [];

    /// <summary>The kinds of the nodes that have no counterpart.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    /// <summary>Other reasons against a workflow.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>What the workflow does differently.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
