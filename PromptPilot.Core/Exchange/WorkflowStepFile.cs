using System.Text.Json.Nodes;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange;

/// <summary>A step as a file carries it: prompt and model profile by name.</summary>
internal static class WorkflowStepFile
{
    public static JsonNode Write(StepContent step)
    {
        var options = step.Options;
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
        fields.Put("when", options.When);
        fields.Put("forEach", options.ForEach);
        fields.Put("maxParallelItems", options.MaxParallelItems);
        fields.Put("maxAttempts", options.MaxAttempts);
        fields.Put("timeoutSeconds", options.TimeoutSeconds);
        if (options.OnError != OnError.Fail)
        {
            fields["onError"] = ExchangeText.Word(options.OnError);
        }

        fields.Put("defaultOutput", options.DefaultOutput);
        if (options.OutputFormat != OutputFormat.Text)
        {
            fields["outputFormat"] = ExchangeText.Word(options.OutputFormat);
        }

        fields.Put("jsonSchema", options.JsonSchema);
        if (options.Review is { } review)
        {
            fields["review"] = Review(review);
        }

        if (options.Parameters is { } parameters)
        {
            WorkflowFile.AddObject(fields, "parameters", Parameters(parameters));
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
            Options = new StepOptions
            {
                When = fields.Text("when"),
                ForEach = fields.Text("forEach"),
                MaxParallelItems = fields.Whole("maxParallelItems"),
                MaxAttempts = fields.Whole("maxAttempts"),
                TimeoutSeconds = fields.Whole("timeoutSeconds"),
                OnError = fields.Word<OnError>("onError") ?? OnError.Fail,
                DefaultOutput = fields.Json("defaultOutput"),
                OutputFormat = fields.Word<OutputFormat>("outputFormat") ?? OutputFormat.Text,
                JsonSchema = fields.Json("jsonSchema"),
                Review = fields.Map("review") is { } review ? Review(review) : null,
                Parameters = fields.Map("parameters") is { } parameters ? Parameters(parameters) : null,
            },
        };
        fields.RefuseRest();
        return step;
    }

    private static JsonObject Review(ReviewOptions review)
    {
        var fields = new JsonObject();
        fields.Put("instructions", review.Instructions);
        fields.Put("timeoutSeconds", review.TimeoutSeconds);
        if (review.OnTimeout != ReviewVerdict.Reject)
        {
            fields["onTimeout"] = ExchangeText.Word(review.OnTimeout);
        }

        return fields;
    }

    private static ReviewOptions Review(YamlFields fields)
    {
        var review = new ReviewOptions
        {
            Instructions = fields.Text("instructions"),
            TimeoutSeconds = fields.Whole("timeoutSeconds"),
            OnTimeout = fields.Word<ReviewVerdict>("onTimeout") ?? ReviewVerdict.Reject,
        };
        fields.RefuseRest();
        return review;
    }

    private static JsonObject Parameters(ParameterChanges parameters)
    {
        var fields = new JsonObject();
        AddNumber(fields, "temperature", parameters.Temperature);
        fields.Put("maxTokens", parameters.MaxTokens);
        AddNumber(fields, "topP", parameters.TopP);
        return fields;
    }

    private static ParameterChanges Parameters(YamlFields fields)
    {
        var parameters = new ParameterChanges(fields.Number("temperature"), fields.Whole("maxTokens"), fields.Number("topP"));
        fields.RefuseRest();
        return parameters;
    }

    private static void AddNumber(JsonObject fields, string key, double? number)
    {
        if (number is { } known)
        {
            fields[key] = JsonValue.Create(known);
        }
    }
}
