using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary><c>run WORKFLOW</c>: starts a run in a running portal, and waits for its end.</summary>
internal static class RunCommand
{
    /// <summary>The API waits for as long at most.</summary>
    private const int MostSeconds = 300;

    public static Command Create()
    {
        var workflow = new Argument<string>("WORKFLOW") { Description = "Id or name of a published workflow." };
        var input = new Option<string[]>("--input")
        {
            Description = "An input as NAME=VALUE. A value that is JSON is sent as JSON. Repeat it for several.",
            DefaultValueFactory = _ => [],
        };
        var wait = new Option<int>("--wait")
        {
            Description = $"Seconds to wait for the end, 0 to {MostSeconds}.",
            DefaultValueFactory = _ => MostSeconds,
        };
        var (url, key, json) = (CommandOptions.Url(), CommandOptions.Key(), CommandOptions.Json());
        var command = new Command("run", "Run a workflow in a running portal. Exits with code 1 if the run fails.")
        {
            workflow,
            input,
            wait,
            url,
            key,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                StartAsync(
                    parsed.GetRequiredValue(workflow),
                    parsed.GetValue(input)!,
                    Math.Clamp(parsed.GetValue(wait), 0, MostSeconds),
                    (parsed.GetValue(url), parsed.GetValue(key)),
                    CommandOutput.Of(parsed, json),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> StartAsync(
        string workflow,
        string[] inputs,
        int wait,
        (string? Url, string? Key) where,
        CommandOutput output,
        CancellationToken cancellationToken
    )
    {
        if (inputs.FirstOrDefault(input => input.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
        {
            return output.Fail($"“{wrong}” is not an input. Write --input name=value.", ExitCode.Settings);
        }

        if (where.Url is null)
        {
            return output.Fail(
                $"A run needs a running portal. Set {CommandOptions.UrlVariable} and {CommandOptions.KeyVariable}, or --url and --key.",
                ExitCode.Settings
            );
        }

        var opened = RemotePortal.Open(where.Url, where.Key);
        if (!opened.IsOk)
        {
            return output.Fail(opened.Problem);
        }

        using var portal = opened.Value;
        var id = await FindAsync(portal, workflow, cancellationToken);
        if (!id.IsOk)
        {
            return output.Fail(id.Problem);
        }

        using var body = JsonContent.Create(
            new
            {
                inputs = inputs
                    .Select(input => input.Split('=', 2))
                    .GroupBy(pair => pair[0])
                    .ToDictionary(group => group.Key, group => ValueOf(group.Last()[1])),
            }
        );
        var answer = await portal.SendAsync(HttpMethod.Post, $"workflows/{id.Value}/runs?wait={wait}", body, cancellationToken);
        return answer.IsOk ? Report(JsonSerializer.Deserialize<JsonElement>(answer.Value), output) : output.Fail(answer.Problem);
    }

    private static int Report(JsonElement run, CommandOutput output)
    {
        var status = run.GetProperty("status").GetString();
        var outputs = run.TryGetProperty("outputs", out var found) && found.ValueKind == JsonValueKind.Object ? found : (JsonElement?)null;
        var text = outputs is null
            ? $"Run {run.GetProperty("id")}: {status}."
            : string.Join(Environment.NewLine, outputs.Value.EnumerateObject().Select(pair => $"{pair.Name}: {pair.Value}"));
        output.Done(run, text);
        if (status is not ("failed" or "cancelled" or "timedOut"))
        {
            return 0;
        }

        var why =
            run.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error.GetProperty("message") : default;
        return output.Fail($"The run ended with the status {status}. {why}".TrimEnd());
    }

    /// <summary>An id is tried first, so that a workflow whose name looks like one is not in the way.</summary>
    private static async Task<Result<string>> FindAsync(RemotePortal portal, string workflow, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(workflow, out _))
        {
            return workflow;
        }

        var after = "";
        do
        {
            var answer = await portal.SendAsync(HttpMethod.Get, $"workflows?limit=100{after}", null, cancellationToken);
            if (!answer.IsOk)
            {
                return answer.Problem;
            }

            var page = JsonSerializer.Deserialize<JsonElement>(answer.Value);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                if (string.Equals(item.GetProperty("name").GetString(), workflow, StringComparison.OrdinalIgnoreCase))
                {
                    return item.GetProperty("id").GetString()!;
                }
            }

            after =
                page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String
                    ? $"&after={Uri.EscapeDataString(next.GetString()!)}"
                    : null;
        } while (after is not null);

        return Problem.Invalid($"There is no workflow named “{workflow}”.");
    }

    private static JsonElement ValueOf(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
