using System.Text.Json;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>The kinds of value that a variable or a workflow input takes.</summary>
public enum VariableType
{
    Text,
    Number,
    Boolean,
    Choice,
    Json,

    /// <summary>
    /// A picture, as a <see cref="FileReference"/>. In the prompt's text its place is marked; it is sent as a part of its own.
    /// </summary>
    Image,

    /// <summary>A document, as a <see cref="FileReference"/>. In the prompt it is its text.</summary>
    Document,
}

/// <summary>Which types are files.</summary>
public static class VariableTypes
{
    /// <summary>The kind of file that a type takes; null: no file.</summary>
    public static FileKind? FileKind(this VariableType type) =>
        type switch
        {
            VariableType.Image => Files.FileKind.Picture,
            VariableType.Document => Files.FileKind.Document,
            _ => null,
        };

    /// <summary>Those of the declared names whose values are files.</summary>
    internal static Dictionary<string, FileKind> FilesOf(IEnumerable<(string Name, VariableType Type)> declared)
    {
        var kinds = new Dictionary<string, FileKind>();
        foreach (var (name, type) in declared)
        {
            if (type.FileKind() is { } kind)
            {
                kinds[name] = kind;
            }
        }

        return kinds;
    }

    /// <inheritdoc cref="FilesOf(IEnumerable{ValueTuple{string, VariableType}})"/>
    internal static Dictionary<string, FileKind> FilesOf(IEnumerable<VariableDefinition> definitions) =>
        FilesOf(definitions.Select(definition => (definition.Name, definition.Type)));
}

/// <summary>The author's declaration of a variable. The variable itself is found in the template.</summary>
public sealed class VariableDefinition
{
    public required string Name { get; set; }

    public string? Description { get; set; }

    public VariableType Type { get; set; }

    /// <summary>Used where a step maps nothing; a variable with a default, or not <see cref="Required"/>, is optional.</summary>
    public JsonElement? Default { get; set; }

    public JsonElement? Example { get; set; }

    /// <summary>False: the variable may stay without value and is then nil.</summary>
    public bool Required { get; set; } = true;

    /// <summary>The words to choose from, for <see cref="VariableType.Choice"/>.</summary>
    public List<string> Choices { get; set; } = [];

    public bool IsOptional() => !Required || Default is not null;
}

/// <summary>Metadata to find a prompt by.</summary>
public sealed class PromptMetadata
{
    public string Category { get; set; } = "";

    public List<string> Tags { get; set; } = [];

    /// <summary>A part, included by others, which cannot be run by itself.</summary>
    public bool IsPart { get; set; }
}

/// <summary>
/// The current state of a named Liquid text with variables and metadata. Each saved change also creates an immutable <see
/// cref="PromptVersion"/>.
/// </summary>
public sealed class Prompt : IRevised
{
    public string Id { get; set; } = Ids.New();

    public required string Name { get; set; }

    /// <summary>The name in upper case (invariant); unique.</summary>
    public required string NormalizedName { get; set; }

    /// <summary>Liquid.</summary>
    public required string Content { get; set; }

    /// <summary>Liquid too; sent as the system message.</summary>
    public string? SystemMessage { get; set; }

    /// <summary>The messages in order; empty for a prompt with one text. See <see cref="MessageForms"/>.</summary>
    public List<PromptMessage> Messages { get; set; } = [];

    /// <summary>The parts that the newest version includes.</summary>
    public List<PromptPart> Parts { get; set; } = [];

    /// <summary>Derived from the syntax trees of the texts, in order of appearance; never typed.</summary>
    public List<string> Variables { get; set; } = [];

    public List<VariableDefinition> VariableDefinitions { get; set; } = [];

    public PromptMetadata Metadata { get; set; } = new();

    /// <summary>Semantic version of the newest PromptVersion.</summary>
    public string Version { get; set; } = "1.0.0";

    /// <summary>Id of the newest PromptVersion, which is what <c>latest</c> means.</summary>
    public string LatestVersionId { get; set; } = "";

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>Put away: lists and pickers hide it. Workflows that use it continue, and it can be taken out again.</summary>
    public bool Archived { get; set; }

    public int Revision { get; set; } = 1;
}

/// <summary>An immutable snapshot of a prompt.</summary>
public sealed class PromptVersion
{
    public string Id { get; set; } = Ids.New();

    public required string PromptId { get; set; }

    /// <summary>
    /// 1, 2, 3 … within the prompt: the order of versions. Negative: a draft that an experiment froze, which queries leave out.
    /// </summary>
    public int Number { get; set; }

    /// <summary>Semantic version, e.g. 1.2.0; unique within the prompt.</summary>
    public required string Version { get; set; }

    public required string Name { get; set; }

    public required string Content { get; set; }

    public string? SystemMessage { get; set; }

    public List<PromptMessage> Messages { get; set; } = [];

    public List<PromptPart> Parts { get; set; } = [];

    public List<string> Variables { get; set; } = [];

    public List<VariableDefinition> VariableDefinitions { get; set; } = [];

    public PromptMetadata Metadata { get; set; } = new();

    /// <summary>The author's change note.</summary>
    public string? Message { get; set; }

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }
}

/// <summary>A movable name on one version of a prompt. <c>latest</c> is automatic and never stored.</summary>
public sealed class PromptLabel
{
    /// <summary>For EF.</summary>
    private PromptLabel() { }

    internal PromptLabel(GatePass pass, string? by, DateTime at)
    {
        (PromptId, Name) = (pass.Move.PromptId!, pass.Move.Label!);
        (PromptVersionId, UpdatedBy, UpdatedAt) = (pass.Move.To, by, at);
    }

    public string PromptId { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>Set only with a pass of the gate.</summary>
    public string PromptVersionId { get; private set; } = "";

    public string? UpdatedBy { get; private set; }

    public DateTime UpdatedAt { get; private set; }

    /// <summary>Moves it to the version of the pass.</summary>
    /// <exception cref="InvalidOperationException">The pass is for another label or starts from another version.</exception>
    internal void Move(GatePass pass, string? by, DateTime at)
    {
        if (pass.Move != GateMove.OfLabel(PromptId, Name, PromptVersionId, pass.Move.To))
        {
            throw new InvalidOperationException($"The pass is not for the label “{Name}” on this version.");
        }

        (PromptVersionId, UpdatedBy, UpdatedAt) = (pass.Move.To, by, at);
    }
}
