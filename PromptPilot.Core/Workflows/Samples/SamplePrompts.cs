using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>The prompts of the sample workspace.</summary>
internal static class SamplePrompts
{
    private const string Example =
        "The meeting of 3 March decided to move the launch to May. Ada writes the announcement by Friday. The budget stays as it is.";

    public static readonly PromptDraft Summarize = new()
    {
        Name = "Summarize",
        Category = "Reading",
        Tags = ["sample"],
        SystemMessage = "You summarize texts for busy colleagues. You add nothing that the text does not say.",
        Content = """
            Summarize the text below in {{ sentences }} sentences. Keep names, numbers and dates.

            ---
            {{ text }}
            ---
            """,
        VariableDefinitions = [Text("The text to summarize"), Number("sentences", "Length of the summary in sentences", 5)],
    };

    public static readonly PromptDraft KeyPoints = new()
    {
        Name = "Key points",
        Category = "Reading",
        Tags = ["sample"],
        SystemMessage = "You pick out what matters and leave out the rest.",
        Content = """
            List the {{ count }} bullet points that matter most in the text below, the most important first. One sentence each.

            ---
            {{ text }}
            ---
            """,
        VariableDefinitions = [Text("The text to read"), Number("count", "How many points", 5)],
    };

    public static readonly PromptDraft ActionItems = new()
    {
        Name = "Action items",
        Category = "Work",
        Tags = ["sample"],
        SystemMessage = "You read texts for what someone must do or must not do.",
        Content = """
            List up to {{ count }} action items from the text below: who must do what, or must not, and by when where it says so.

            ---
            {{ text }}
            ---
            """,
        VariableDefinitions = [Text("The text to read"), Number("count", "The most items to list", 5)],
    };

    public static readonly PromptDraft Briefing = new()
    {
        Name = "Briefing",
        Category = "Work",
        Tags = ["sample"],
        SystemMessage = "You write short briefings from notes that others took.",
        Content = """
            Write a briefing of {{ sentences }} sentences from the notes below. Say each thing once.

            ---
            {{ summary }}

            {{ points }}

            {{ actions }}
            ---
            """,
        VariableDefinitions =
        [
            new VariableDefinition
            {
                Name = "summary",
                Description = "What the text says",
                Example = AppJson.Text(Example),
            },
            new VariableDefinition
            {
                Name = "points",
                Description = "What matters in it",
                Example = AppJson.Text("- The launch moves to May."),
            },
            new VariableDefinition
            {
                Name = "actions",
                Description = "What has to be done",
                Example = AppJson.Text("- Ada writes the announcement by Friday."),
            },
            Number("sentences", "How long the briefing is", 6),
        ],
    };

    public static readonly PromptDraft Findings = new()
    {
        Name = "Findings as JSON",
        Category = "Reading",
        Tags = ["sample"],
        SystemMessage = "You quote what a text says, word for word.",
        Content = """
            Pick the {{ count }} sentences of the text below that a reader must not miss. Answer with a JSON object and nothing else, like
            {"findings": ["first sentence", "second sentence"]}.

            ---
            {{ text }}
            ---
            """,
        VariableDefinitions = [Text("The text to read"), Number("count", "How many sentences", 4)],
    };

    public static readonly PromptDraft Explain = new()
    {
        Name = "Explain a finding",
        Category = "Reading",
        Tags = ["sample"],
        SystemMessage = "You explain in plain words what a sentence means for the people it is about.",
        Content = """
            Explain the finding below in one sentence that a newcomer understands.

            ---
            {{ finding }}
            ---
            """,
        VariableDefinitions =
        [
            new VariableDefinition
            {
                Name = "finding",
                Description = "A sentence of the text",
                Example = AppJson.Text("Ada writes the announcement by Friday."),
            },
        ],
    };

    public static readonly IReadOnlyList<PromptDraft> All = [Summarize, KeyPoints, ActionItems, Briefing, Findings, Explain];

    private static VariableDefinition Text(string description) =>
        new()
        {
            Name = "text",
            Description = description,
            Example = AppJson.Text(Example),
        };

    private static VariableDefinition Number(string name, string description, int usual) =>
        new()
        {
            Name = name,
            Description = description,
            Type = VariableType.Number,
            Default = JsonSerializer.SerializeToElement(usual),
        };
}
