using System.Text.Json;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>
/// The workflows of the sample workspace: a chain, parallel steps that a last step joins, JSON with a list and a review, and a schedule.
/// </summary>
internal static class SampleWorkflows
{
    private const string Chain = "Summarize a document";
    private const string Parallel = "Read from three angles";
    private const string Reviewed = "Findings with a review";
    private const string Scheduled = "Monday briefing";

    public static readonly IReadOnlyList<WorkflowSample> Samples =
    [
        new(Chain, "Three steps, one after the other: a summary, its key points, one sentence."),
        new(Parallel, "Three steps in parallel, and one that combines their outputs."),
        new(Reviewed, "Findings as JSON, one call for each, and a briefing that waits for your approval."),
        new(Scheduled, "A briefing from a week's notes, every Monday at 8:00. The schedule is paused until you resume it."),
    ];

    /// <summary>The schedule of a sample; null: none.</summary>
    public static ScheduleSettings? ScheduleOf(string name) =>
        name == Scheduled ? new ScheduleSettings { Cron = "0 8 * * 1", TimeZone = "UTC" } : null;

    /// <param name="promptIds">Name → id of each prompt.</param>
    /// <param name="model">Id of the model profile.</param>
    public static IEnumerable<WorkflowContent> All(IReadOnlyDictionary<string, string> promptIds, string model)
    {
        StepContent Step(PromptDraft prompt, string outputKey, params (string Variable, string Expression)[] mapping) =>
            new(null, promptIds[prompt.Name], null, null, model, mapping.ToDictionary(m => m.Variable, m => m.Expression), outputKey);

        yield return new WorkflowContent(
            Chain,
            ["sample"],
            [
                Text(
                    SampleTexts.GplPreamble(),
                    "The document. It starts with the preamble of the GNU GPL, version 3: © 2007 Free Software Foundation, "
                        + "Inc.; everyone may copy and distribute verbatim copies."
                ),
            ],
            [
                Step(SamplePrompts.Summarize, "summary", ("text", "text"), ("sentences", "8")),
                Step(SamplePrompts.KeyPoints, "points", ("text", "summary"), ("count", "4")),
                Step(SamplePrompts.Summarize, "in_short", ("text", "points"), ("sentences", "1")),
            ]
        );

        yield return new WorkflowContent(
            Parallel,
            ["sample"],
            [
                Text(
                    SampleTexts.BillOfRights(),
                    "The document. It starts with the first ten amendments to the Constitution of the United States (1791), "
                        + "which are in the public domain."
                ),
            ],
            [
                Step(SamplePrompts.Summarize, "summary", ("text", "text"), ("sentences", "2")),
                Step(SamplePrompts.KeyPoints, "points", ("text", "text"), ("count", "4")),
                Step(SamplePrompts.ActionItems, "actions", ("text", "text"), ("count", "3")),
                Step(
                    SamplePrompts.Briefing,
                    "briefing",
                    ("summary", "summary"),
                    ("points", "points"),
                    ("actions", "actions"),
                    ("sentences", "3")
                ),
            ]
        );

        yield return new WorkflowContent(
            Reviewed,
            ["sample"],
            [
                Text(
                    SampleTexts.BillOfRights(),
                    "The document. It starts with the first ten amendments to the Constitution of the United States (1791), "
                        + "which are in the public domain."
                ),
            ],
            [
                Step(SamplePrompts.Findings, "found", ("text", "text"), ("count", "4")) with
                {
                    Options = new StepOptions { OutputFormat = OutputFormat.Json, JsonSchema = FindingsSchema },
                },
                Step(SamplePrompts.Explain, "explained", ("finding", "item")) with
                {
                    Options = new StepOptions { ForEach = "found.findings" },
                },
                Step(SamplePrompts.Summarize, "briefing", ("text", "explained | join: ' '"), ("sentences", "3")) with
                {
                    Options = new StepOptions
                    {
                        Review = new ReviewOptions { Instructions = "Read it as your reader would. Approve it, or edit it first." },
                    },
                },
            ]
        );

        yield return new WorkflowContent(
            Scheduled,
            ["sample"],
            [Text(SampleTexts.NotesOfAWeek, "The notes of the week. Change the default, or set others in the schedule.")],
            [
                Step(SamplePrompts.Summarize, "summary", ("text", "text"), ("sentences", "2")),
                Step(SamplePrompts.KeyPoints, "decisions", ("text", "text"), ("count", "3")),
                Step(SamplePrompts.ActionItems, "actions", ("text", "text"), ("count", "3")) with
                {
                    Options = new StepOptions { OnError = OnError.Default, DefaultOutput = AppJson.Text("") },
                },
                Step(
                    SamplePrompts.Briefing,
                    "briefing",
                    ("summary", "summary"),
                    ("points", "decisions"),
                    ("actions", "actions"),
                    ("sentences", "4")
                ),
            ]
        );
    }

    private static readonly JsonElement FindingsSchema = JsonSerializer.Deserialize<JsonElement>(
        """
        {
          "type": "object",
          "properties": { "findings": { "type": "array", "items": { "type": "string" } } },
          "required": ["findings"],
          "additionalProperties": false
        }
        """
    );

    private static WorkflowInput Text(string usual, string description) =>
        new()
        {
            Name = "text",
            Default = AppJson.Text(usual),
            Description = description,
        };
}
