using System.CommandLine;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>What a command says: one sentence or lines for people, or JSON for programs. Errors go to standard error.</summary>
internal sealed class CommandOutput(bool asJson, TextWriter output, TextWriter errors)
{
    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    /// <param name="json">The option that asks for JSON.</param>
    public static CommandOutput Of(ParseResult parsed, Option<bool> json) =>
        new(parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);

    /// <summary>Writes a result.</summary>
    /// <returns>0.</returns>
    public int Done(object result, string text)
    {
        output.WriteLine(asJson ? JsonSerializer.Serialize(result, Indented) : text);
        return 0;
    }

    /// <summary>Writes what went wrong.</summary>
    public int Fail(string message, ExitCode code = ExitCode.Failed)
    {
        errors.WriteLine(asJson ? JsonSerializer.Serialize(new { error = message, exitCode = (int)code }, Indented) : message);
        return (int)code;
    }

    public int Fail(Problem problem) =>
        Fail(
            string.Join(Environment.NewLine, problem.Errors.Select(error => $"  {error.Field}: {error.Message}").Prepend(problem.Message))
        );
}
