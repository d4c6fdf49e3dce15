using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange;

/// <summary>A workflow as a file carries it.</summary>
/// <param name="Content">The draft; it refers to prompts and model profiles by name instead of id.</param>
/// <param name="Triggers">Its schedules and webhooks, without secrets. They are imported disabled.</param>
internal sealed record WorkflowDocument(WorkflowContent Content, IReadOnlyList<TriggerDocument> Triggers);

/// <param name="Inputs">Inputs of its runs, by name.</param>
internal sealed record TriggerDocument(TriggerType Type, IReadOnlyDictionary<string, JsonElement> Inputs);

/// <summary>A workflow as YAML, with the words of the API.</summary>
internal static class WorkflowFile
{
    public static string Write(WorkflowDocument workflow)
    {
        var content = workflow.Content;
        var fields = new JsonObject { ["name"] = content.Name };
        fields.Put("description", content.Options.Description);
        fields.Put("tags", content.Tags);
        fields.Put("chatInput", content.Options.ChatInput);
        fields.Put("timeoutSeconds", content.Options.TimeoutSeconds);
        fields.Put("maxParallelSteps", content.Options.MaxParallelSteps);
        AddObject(fields, "limits", Limits(content.Limits));
        AddList(fields, "inputs", content.Inputs.Select(Input));
        AddList(fields, "steps", content.Sequence().Select(position => WorkflowStepFile.Write(content.Steps[position])));
        AddList(fields, "triggers", workflow.Triggers.Select(Trigger));
        return YamlWriter.Write(fields);
    }

    /// <summary>Reads a file; what a workflow may be is for <see cref="WorkflowProblems"/> to say.</summary>
    public static Result<WorkflowDocument> Read(YamlMap yaml)
    {
        var errors = new List<string>();
        var fields = new YamlFields(yaml, errors);
        var content = new WorkflowContent(
            fields.Text("name") ?? "",
            fields.Texts("tags"),
            [.. fields.Maps("inputs").Select(Input)],
            [.. fields.Maps("steps").Select(WorkflowStepFile.Read)]
        )
        {
            Options = new WorkflowOptions
            {
                Description = fields.Text("description"),
                ChatInput = fields.Text("chatInput"),
                TimeoutSeconds = fields.Whole("timeoutSeconds"),
                MaxParallelSteps = fields.Whole("maxParallelSteps"),
            },
            Limits = fields.Map("limits") is { } limits ? Limits(limits) : new WorkflowLimits(),
        };
        var document = new WorkflowDocument(content.Tidy(), [.. fields.Maps("triggers").Select(Trigger)]);
        fields.RefuseRest();
        return errors.Count == 0
            ? document
            : Problem.Invalid("The file has errors.", [.. errors.Select(error => new FieldError("", error))]);
    }

    internal static void AddObject(JsonObject fields, string key, JsonObject inner)
    {
        if (inner.Count > 0)
        {
            fields[key] = inner;
        }
    }

    private static void AddList(JsonObject fields, string key, IEnumerable<JsonNode> items)
    {
        var list = new JsonArray([.. items]);
        if (list.Count > 0)
        {
            fields[key] = list;
        }
    }

    private static JsonObject Limits(WorkflowLimits limits)
    {
        var fields = new JsonObject();
        fields.Put("maxConcurrentRuns", limits.MaxConcurrentRuns);
        AddMoney(fields, "runBudget", limits.RunBudget);
        AddMoney(fields, "dayBudget", limits.DayBudget);
        AddMoney(fields, "monthBudget", limits.MonthBudget);
        fields.Put("keepDays", limits.KeepDays);
        fields.Put("keepRuns", limits.KeepRuns);
        if (limits.HideFromAgents)
        {
            fields["hideFromAgents"] = true;
        }

        return fields;
    }

    private static WorkflowLimits Limits(YamlFields fields)
    {
        var limits = new WorkflowLimits
        {
            MaxConcurrentRuns = fields.Whole("maxConcurrentRuns"),
            RunBudget = Nanos(fields.Money("runBudget")),
            DayBudget = Nanos(fields.Money("dayBudget")),
            MonthBudget = Nanos(fields.Money("monthBudget")),
            KeepDays = fields.Whole("keepDays"),
            KeepRuns = fields.Whole("keepRuns"),
            HideFromAgents = fields.Truth("hideFromAgents") is true,
        };
        fields.RefuseRest();
        return limits;
    }

    private static void AddMoney(JsonObject fields, string key, long? nanos)
    {
        if (nanos is { } known)
        {
            fields[key] = JsonValue.Create(Money.ToUsd(known) / 1.000000000000000000000m);
        }
    }

    /// <summary>An invalid budget stays invalid, and is refused by the rules of workflows.</summary>
    private static long? Nanos(decimal? usd) =>
        usd switch
        {
            null => null,
            < 0 => -1,
            > 2_000_000_000m => long.MaxValue,
            { } known => Money.ToNanos(known),
        };

    private static JsonNode Input(WorkflowInput input)
    {
        var fields = VariableFields.Write(input.Name, input.Description, input.Type, input.Required, input.Choices, input.Default);
        return fields;
    }

    private static WorkflowInput Input(YamlFields fields)
    {
        var input = new WorkflowInput
        {
            Name = fields.Text("name") ?? "",
            Description = fields.Text("description"),
            Type = fields.Word<VariableType>("type") ?? VariableType.Text,
            Required = fields.Truth("required") ?? true,
            Choices = fields.Texts("choices"),
            Default = fields.Json("default"),
        };
        fields.RefuseRest();
        return input;
    }

    private static JsonNode Trigger(TriggerDocument trigger)
    {
        var fields = new JsonObject { ["type"] = ExchangeText.Word(trigger.Type) };
        var inputs = new JsonObject();
        foreach (var (name, value) in trigger.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
        {
            inputs[name] = ExchangeText.Node(value);
        }

        AddObject(fields, "inputs", inputs);
        return fields;
    }

    private static TriggerDocument Trigger(YamlFields fields)
    {
        var type = fields.Word<TriggerType>("type");
        if (type is null or TriggerType.Manual)
        {
            fields.Refuse("The type must be scheduled or webhook. Every workflow already has a manual trigger.");
        }

        var trigger = new TriggerDocument(type ?? TriggerType.Manual, fields.JsonMap("inputs"));
        fields.RefuseRest();
        return trigger;
    }
}
