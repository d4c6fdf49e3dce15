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
        SystemMessage = "You summarize texts for busy colleagues. You add nothing that is not in the text.",
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
        VariableDefinitions = [Text("The text to read"), Number("count", "Number of points", 5)],
    };

    public static readonly PromptDraft ActionItems = new()
    {
        Name = "Action items",
        Category = "Work",
        Tags = ["sample"],
        SystemMessage = "You find what people must or must not do.",
        Content = """
            List up to {{ count }} action items from the text below: who must or must not do what, and by when, if the text says so.

            ---
            {{ text }}
            ---
            """,
        VariableDefinitions = [Text("The text to read"), Number("count", "Maximum number of items", 5)],
    };

    public static readonly PromptDraft Briefing = new()
    {
        Name = "Briefing",
        Category = "Work",
        Tags = ["sample"],
        SystemMessage = "You write short briefings from notes that others took.",
        Content = """
            Write a briefing of {{ sentences }} sentences from the notes below. Do not repeat anything.

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
                Description = "A summary of the text",
                Example = AppJson.Text(Example),
            },
            new VariableDefinition
            {
                Name = "points",
                Description = "Its key points",
                Example = AppJson.Text("- The launch moves to May."),
            },
            new VariableDefinition
            {
                Name = "actions",
                Description = "Its action items",
                Example = AppJson.Text("- Ada writes the announcement by Friday."),
            },
            Number("sentences", "Length of the briefing in sentences", 6),
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
        VariableDefinitions = [Text("The text to read"), Number("count", "Number of sentences", 4)],
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
