using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Agents;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Agents;

/// <summary>The prompts of the library as prompts of agents.</summary>
internal sealed class McpPrompts(AgentToolService agents, PromptCallService calls)
{
    public async ValueTask<ListPromptsResult> ListAsync(
        RequestContext<ListPromptsRequestParams> context,
        CancellationToken cancellationToken
    )
    {
        var prompts = await agents.ListPromptsAsync(ApiActor.Of(context.User), cancellationToken);
        return prompts.IsOk ? new ListPromptsResult { Prompts = [.. prompts.Value.Select(Shape)] } : throw Refusal(prompts.Problem);
    }

    public async ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> context, CancellationToken cancellationToken)
    {
        var actor = ApiActor.Of(context.User);
        var prompts = await agents.ListPromptsAsync(actor, cancellationToken);
        if (!prompts.IsOk)
        {
            throw Refusal(prompts.Problem);
        }

        if (prompts.Value.FirstOrDefault(prompt => prompt.Name == context.Params?.Name) is not { } prompt)
        {
            throw Refusal(Problem.NotFound("prompt"));
        }

        var values = (context.Params?.Arguments ?? new Dictionary<string, JsonElement>()).ToDictionary(
            argument => argument.Key,
            argument => ValueOf(prompt, argument.Key, argument.Value)
        );
        var rendered = await calls.RenderAsync(actor, new PromptCall(prompt.PromptName, null, prompt.Label, values), cancellationToken);
        return rendered.IsOk
            ? new GetPromptResult { Messages = [.. rendered.Value.Texts.Messages.Select(Shape)] }
            : throw Refusal(rendered.Problem);
    }

    /// <summary>Arguments are texts; a variable of another type takes its value as JSON.</summary>
    private static JsonElement ValueOf(AgentPrompt prompt, string name, JsonElement argument)
    {
        var type = prompt.Definitions.FirstOrDefault(definition => definition.Name == name)?.Type ?? VariableType.Text;
        if (argument.ValueKind != JsonValueKind.String || type is VariableType.Text or VariableType.Choice)
        {
            return argument;
        }

        try
        {
            return JsonElement.Parse(argument.GetString()!);
        }
        catch (JsonException)
        {
            return argument;
        }
    }

    private static ModelContextProtocol.Protocol.Prompt Shape(AgentPrompt prompt) =>
        new()
        {
            Name = prompt.Name,
            Description = prompt.Label is { } label
                ? $"“{prompt.PromptName}” at the label {label}"
                : $"The newest version of “{prompt.PromptName}”",
            Arguments =
            [
                .. prompt.Variables.Select(variable =>
                {
                    var definition = prompt.Definitions.FirstOrDefault(one => one.Name == variable);
                    return new PromptArgument
                    {
                        Name = variable,
                        Description = definition?.Description,
                        Required = definition?.IsOptional() is not true,
                    };
                }),
            ],
        };

    /// <summary>MCP knows no system messages: they are sent as the user's.</summary>
    private static PromptMessage Shape(ModelMessage message) =>
        new()
        {
            Role = message.Role == ModelRole.Assistant ? Role.Assistant : Role.User,
            Content = new TextContentBlock { Text = message.Text },
        };

    private static McpProtocolException Refusal(Problem problem) =>
        new(
            string.Join(" ", problem.Errors.Select(error => $"{error.Field}: {error.Message}").Prepend(problem.Message)),
            McpErrorCode.InvalidParams
        );
}
