using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Agents;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Agents;

/// <summary>Workflows as tools. Refusals are results with <c>isError</c>, which models read and correct; they are not logged.</summary>
internal sealed class McpTools(AgentToolService agents, RunService runs, RevocationWatch revocation, TimeProvider time)
{
    /// <summary>Clients give up after 60 seconds by default: a longer run is answered with its id before.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    private static readonly JsonElement OutputSchema = JsonElement.Parse(
        """
        {"type":"object","required":["run_id","status"],"properties":
         {"run_id":{"type":"string"},"status":{"type":"string"},"outputs":{"type":"object"},"message":{"type":"string"}}}
        """
    );

    private static readonly Tool GetRun = new()
    {
        Name = AgentToolService.GetRun,
        Title = "Get a run",
        Description =
            "Waits up to 50 seconds for a run to end and returns its status and outputs. Call it again while the run is not finished.",
        InputSchema = JsonElement.Parse(
            """{"type":"object","properties":{"run_id":{"type":"string"}},"required":["run_id"],"additionalProperties":false}"""
        ),
        OutputSchema = OutputSchema,
        Annotations = new ToolAnnotations { ReadOnlyHint = true },
    };

    public async ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> context, CancellationToken cancellationToken)
    {
        var tools = await agents.ListAsync(ApiActor.Of(context.User), cancellationToken);
        return tools.IsOk
            ? new ListToolsResult { Tools = [.. tools.Value.Select(Shape), GetRun] }
            : throw new McpProtocolException(tools.Problem.Message, McpErrorCode.InvalidRequest);
    }

    public async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> context, CancellationToken cancellationToken)
    {
        var actor = ApiActor.Of(context.User);
        var arguments = context.Params?.Arguments ?? new Dictionary<string, JsonElement>();
        if (context.Params?.Name == AgentToolService.GetRun)
        {
            return await FindAsync(actor, arguments, context, cancellationToken);
        }

        // Looked up again: what was offered before may have been archived, and a name can be made up.
        var tool = await agents.FindAsync(actor, context.Params?.Name ?? "", cancellationToken);
        if (!tool.IsOk)
        {
            return Refuse(tool.Problem);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, McpHost.Connection);
        var request = new StartRunRequest(tool.Value.WorkflowId, tool.Value.InputsOf(arguments));
        var started = await runs.StartAsync(actor, request, either.Token);
        return started.IsOk
            ? await WaitAsync(actor, started.Value.Id, cancels: true, context, either.Token)
            : Refuse(tool.Value.AtProperties(started.Problem));
    }

    private async Task<CallToolResult> FindAsync(
        Actor actor,
        IDictionary<string, JsonElement> arguments,
        RequestContext<CallToolRequestParams> context,
        CancellationToken cancellationToken
    ) =>
        arguments.Count == 1 && arguments.TryGetValue("run_id", out var id) && id.ValueKind == JsonValueKind.String
            ? await WaitAsync(actor, id.GetString()!, cancels: false, context, cancellationToken)
            : Refuse(Problem.AtField("run_id", "Send the run_id, a string, and nothing else."));

    /// <param name="cancels">Whether the run ends if the agent cancels its call.</param>
    private async Task<CallToolResult> WaitAsync(
        Actor actor,
        string runId,
        bool cancels,
        RequestContext<CallToolRequestParams> context,
        CancellationToken cancellationToken
    )
    {
        var watch = await runs.WatchAsync(actor, runId, cancellationToken);
        if (!watch.IsOk)
        {
            return Refuse(watch.Problem);
        }

        using var held = watch.Value;
        try
        {
            await revocation.RunAsync(actor, allowed => FollowAsync(held, context, allowed), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            if (cancels)
            {
                await runs.CancelAsync(Actor.System, runId, CancellationToken.None);
            }

            throw;
        }

        return ResultOf(held.State);
    }

    /// <summary>Until the run has ended, waits for a person, or has taken too long for one call.</summary>
    private async Task FollowAsync(RunWatch watch, RequestContext<CallToolRequestParams> context, CancellationToken cancellationToken)
    {
        var until = Task.Delay(LongestWait, time, cancellationToken);
        var told = -1;
        while (!watch.State.IsFinished && watch.State.OpenReviews == 0)
        {
            var done = watch.State.Steps.Count(step => step.Status is StepStatus.Succeeded or StepStatus.Skipped);
            if (context.Params?.ProgressToken is { } token && done > told)
            {
                told = done;
                await context.Server.NotifyProgressAsync(
                    token,
                    new ProgressNotificationValue
                    {
                        Progress = done,
                        Total = watch.State.Steps.Count,
                        Message = watch.State.Steps.FirstOrDefault(step => step.Status == StepStatus.Running)?.OutputKey,
                    },
                    cancellationToken: cancellationToken
                );
            }

            var next = watch.NextAsync(cancellationToken);
            if (await Task.WhenAny(next, until) == until)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return;
            }

            if (!await next)
            {
                return;
            }
        }
    }

    private static CallToolResult ResultOf(RunState run)
    {
        var message = run switch
        {
            { Status: RunStatus.Succeeded } => null,
            { IsFinished: true } => run.Error?.Message ?? "The run was cancelled.",
            { OpenReviews: > 0 } =>
                $"A person must review this run in the portal before it continues. Call {AgentToolService.GetRun} with the run_id later.",
            _ => $"The run is not finished. Call {AgentToolService.GetRun} with the run_id.",
        };
        var content = JsonSerializer.SerializeToElement(
            new
            {
                run_id = run.Id,
                status = run.OpenReviews > 0 ? "waiting_for_review" : (object)run.Status,
                outputs = run.Status == RunStatus.Succeeded ? run.Outputs : null,
                message,
            },
            AppJson.Options
        );
        return new CallToolResult
        {
            Content = [new TextContentBlock { Text = content.GetRawText() }],
            StructuredContent = content,
            IsError = run.IsFinished && run.Status != RunStatus.Succeeded,
        };
    }

    private static CallToolResult Refuse(Problem problem) =>
        new()
        {
            IsError = true,
            Content =
            [
                new TextContentBlock
                {
                    Text = string.Join("\n", problem.Errors.Select(error => $"{error.Field}: {error.Message}").Prepend(problem.Message)),
                },
            ],
        };

    private static Tool Shape(AgentTool tool) =>
        new()
        {
            Name = tool.Name,
            Title = tool.Title,
            Description = tool.Description,
            InputSchema = tool.InputSchema,
            OutputSchema = OutputSchema,
            Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false },
        };
}
