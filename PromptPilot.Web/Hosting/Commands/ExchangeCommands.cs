using System.CommandLine;
using System.Text.Json;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Features.Exchange;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary><c>export</c> and <c>import</c>: prompts, workflows and test sets of a running portal or of a data directory.</summary>
internal static class ExchangeCommands
{
    public static Command CreateExport()
    {
        var file = new Argument<string>("FILE") { Description = "The .zip to create." };
        var (url, key, data, json) = (CommandOptions.Url(), CommandOptions.Key(), CommandOptions.Data(), CommandOptions.Json());
        var command = new Command("export", $"Export everything as a .zip file. {Where}") { file, url, key, data, json };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var (output, path) = (CommandOutput.Of(parsed, json), parsed.GetRequiredValue(file));
                var exported = parsed.GetValue(url) is { } address
                    ? await ExportAsync(address, parsed.GetValue(key), cancellationToken)
                    : await ExportAsync(parsed.GetValue(data), cancellationToken);
                if (!exported.IsOk)
                {
                    return output.Fail(exported.Problem);
                }

                await File.WriteAllBytesAsync(path, exported.Value, cancellationToken);
                return output.Done(
                    new { file = Path.GetFullPath(path), bytes = exported.Value.Length },
                    $"Created {path}, {exported.Value.Length:N0} bytes."
                );
            }
        );
        return command;
    }

    public static Command CreateImport()
    {
        var files = new Argument<string[]>("FILES")
        {
            Description = "One or more .zip, .md or .yaml files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var preview = new Option<bool>("--preview") { Description = "Show what would change, without writing anything." };
        var (url, key, data, json) = (CommandOptions.Url(), CommandOptions.Key(), CommandOptions.Data(), CommandOptions.Json());
        var command = new Command("import", $"Import files. {Where}") { files, preview, url, key, data, json };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var output = CommandOutput.Of(parsed, json);
                var paths = parsed.GetRequiredValue(files);
                if (paths.FirstOrDefault(path => !File.Exists(path)) is { } missing)
                {
                    return output.Fail($"{missing} does not exist.");
                }

                var report = parsed.GetValue(url) is { } address
                    ? await ImportAsync(address, parsed.GetValue(key), paths, parsed.GetValue(preview), cancellationToken)
                    : await ImportAsync(parsed.GetValue(data), paths, parsed.GetValue(preview), cancellationToken);
                return report.IsOk ? Report(report.Value, output) : output.Fail(report.Problem);
            }
        );
        return command;
    }

    private const string Where = "Uses a running portal (--url), or a data directory whose portal is stopped.";

    private static async Task<Result<byte[]>> ExportAsync(string url, string? key, CancellationToken cancellationToken)
    {
        var opened = RemotePortal.Open(url, key);
        if (!opened.IsOk)
        {
            return opened.Problem;
        }

        using var portal = opened.Value;
        return await portal.SendAsync(HttpMethod.Get, "export", null, cancellationToken);
    }

    private static async Task<Result<byte[]>> ExportAsync(string? data, CancellationToken cancellationToken)
    {
        var (portal, failure) = await LocalPortal.OpenAsync(data, needsStopped: true, cancellationToken);
        if (portal is null)
        {
            return Problem.Conflict(failure!.Text);
        }

        await using var _ = portal;
        var exported = await portal.Get<ExchangeService>().ExportAsync(Actor.System, new ExportSelection([], []), cancellationToken);
        return exported.Map(file => file.Content);
    }

    private static async Task<Result<JsonElement>> ImportAsync(
        string url,
        string? key,
        string[] paths,
        bool preview,
        CancellationToken cancellationToken
    )
    {
        var opened = RemotePortal.Open(url, key);
        if (!opened.IsOk)
        {
            return opened.Problem;
        }

        using var portal = opened.Value;
        using var form = new MultipartFormDataContent();
        foreach (var path in paths)
        {
            form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(path, cancellationToken)), "file", Path.GetFileName(path));
        }

        var answer = await portal.SendAsync(HttpMethod.Post, $"import?preview={(preview ? "true" : "false")}", form, cancellationToken);
        return answer.Map(body => JsonSerializer.Deserialize<JsonElement>(body));
    }

    private static async Task<Result<JsonElement>> ImportAsync(
        string? data,
        string[] paths,
        bool preview,
        CancellationToken cancellationToken
    )
    {
        var (portal, failure) = await LocalPortal.OpenAsync(data, needsStopped: true, cancellationToken);
        if (portal is null)
        {
            return Problem.Conflict(failure!.Text);
        }

        await using var _ = portal;
        var files = new List<ImportFile>();
        foreach (var path in paths)
        {
            files.Add(new ImportFile(Path.GetFileName(path), await File.ReadAllBytesAsync(path, cancellationToken)));
        }

        var (exchange, choices) = (portal.Get<ExchangeService>(), ImportChoices.None);
        var report = preview
            ? await exchange.PreviewAsync(Actor.System, files, choices, cancellationToken)
            : await exchange.ImportAsync(Actor.System, files, choices, cancellationToken);
        return report.Map(made => JsonSerializer.SerializeToElement(ImportAnswer.From(made), AppJson.Options));
    }

    private static string Reasons(JsonElement item) =>
        item.TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array
            ? string.Concat(reasons.EnumerateArray().Select(reason => $"{Environment.NewLine}    {reason}"))
            : "";

    private static int Report(JsonElement report, CommandOutput output)
    {
        var lines = report
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => $"{item.GetProperty("action")}  {item.GetProperty("file")}{Reasons(item)}");
        output.Done(report, string.Join(Environment.NewLine, lines));
        return report.GetProperty("refused").GetInt32() == 0 ? 0 : 1;
    }
}
