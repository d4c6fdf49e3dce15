using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Exchange;

/// <summary>A step as a file carries it: prompt and model profile by name.</summary>
internal static class WorkflowStepFile
{
    public static JsonNode Write(StepContent step)
    {
        var fields = new JsonObject { ["outputKey"] = step.OutputKey, ["prompt"] = step.PromptId };
        fields.Put("promptVersion", step.PromptVersion);
        fields.Put("promptLabel", step.PromptLabel);
        fields.Put("model", step.Model);
        var mapping = new JsonObject();
        foreach (var (variable, expression) in step.InputMapping.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            mapping[variable] = expression;
        }

        WorkflowFile.AddObject(fields, "inputMapping", mapping);
        foreach (var group in StepOptionTable.All.GroupBy(option => option.Group))
        {
            var inner = new JsonObject();
            foreach (var option in group.Where(option => !option.IsGroup))
            {
                Write(inner, option, step.Options);
            }

            if (group.Key == "")
            {
                inner.ToList().ForEach(field => fields[field.Key] = field.Value?.DeepClone());
            }
            else if (inner.Count > 0 || group.Any(option => option.IsGroup && option.IsSet(step.Options)))
            {
                fields[group.Key] = inner;
            }
        }

        return fields;
    }

    public static StepContent Read(YamlFields fields)
    {
        var step = new StepContent(
            null,
            fields.Text("prompt") ?? "",
            fields.Text("promptVersion"),
            fields.Text("promptLabel"),
            fields.Text("model") ?? "",
            fields.TextMap("inputMapping"),
            fields.Text("outputKey") ?? ""
        )
        {
            Options = Options(fields),
        };
        fields.RefuseRest();
        return step;
    }

    private static StepOptions Options(YamlFields fields)
    {
        var options = new StepOptions();
        foreach (var group in StepOptionTable.All.GroupBy(option => option.Group))
        {
            if ((group.Key == "" ? fields : fields.Map(group.Key)) is not { } inner)
            {
                continue;
            }

            foreach (var option in group)
            {
                options = option.With(options, option.IsGroup ? true : Read(inner, option));
            }

            if (group.Key != "")
            {
                inner.RefuseRest();
            }
        }

        return options;
    }

    /// <summary>The switch of a group, which has no field in the file.</summary>
    private static void Write(JsonObject fields, StepOption option, StepOptions options)
    {
        switch (option.Get(options))
        {
            case string text:
                fields.Put(option.Key, text);
                break;
            case JsonElement json:
                fields.Put(option.Key, json);
                break;
            case Enum word when option.IsSet(options):
                fields[option.Key] = ExchangeText.Word(word);
                break;
            case int number:
                fields.Put(option.Key, number);
                break;
            case double number:
                fields[option.Key] = JsonValue.Create(number);
                break;
        }
    }

    private static object? Read(YamlFields fields, StepOption option) =>
        option.Type switch
        {
            { IsEnum: true } words => fields.Word(option.Key, words),
            var type when type == typeof(string) => fields.Text(option.Key),
            var type when type == typeof(int) => fields.Whole(option.Key),
            var type when type == typeof(double) => fields.Number(option.Key),
            _ => fields.Json(option.Key),
        };
}
