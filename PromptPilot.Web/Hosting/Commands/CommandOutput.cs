using System.CommandLine;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>What a command says: one sentence or lines for people, or JSON for programs. Errors go to standard error.</summary>
internal sealed class CommandOutput(ParseResult parsed, Option<bool> json)
{
    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    private readonly bool _asJson = parsed.GetValue(json);

    /// <summary>Writes a result.</summary>
    /// <returns>0.</returns>
    public int Done(object result, string text)
    {
        parsed.InvocationConfiguration.Output.WriteLine(_asJson ? JsonSerializer.Serialize(result, Indented) : text);
        return 0;
    }

    /// <summary>Writes what went wrong.</summary>
    public int Fail(string message, ExitCode code = ExitCode.Failed)
    {
        parsed.InvocationConfiguration.Error.WriteLine(
            _asJson ? JsonSerializer.Serialize(new { error = message, exitCode = (int)code }, Indented) : message
        );
        return (int)code;
    }

    public int Fail(Problem problem) =>
        Fail(
            string.Join(Environment.NewLine, problem.Errors.Select(error => $"  {error.Field}: {error.Message}").Prepend(problem.Message))
        );
}
