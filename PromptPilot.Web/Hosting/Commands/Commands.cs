using System.CommandLine;
using System.Runtime.CompilerServices;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>
/// What the program does instead of serving, by its first argument. <c>restore</c>, <c>migrate</c> and <c>copy-to-postgres</c> belong to
/// the start and are handled there.
/// </summary>
internal static class Commands
{
    private static readonly string[] Names = ["backup", "doctor", "export", "import", "run", "users", "help", "--help", "-h", "-?"];

    public static bool Contain(string[] args) => args is [var first, ..] && Names.Contains(first, StringComparer.Ordinal);

    /// <summary>Apart, because the library that reads arguments is loaded with it.</summary>
    /// <param name="output">Where results go; null: standard output.</param>
    /// <param name="errors">Where errors go; null: standard error.</param>
    /// <returns>The exit code: 0 when it worked, 2 for wrong arguments, otherwise what the command says.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        (configuration.Output, configuration.Error) = (output ?? configuration.Output, errors ?? configuration.Error);
        var root = new RootCommand(
            "PromptPilot. Without a command, it starts the portal. restore FILE, migrate and copy-to-postgres need a stopped portal."
        )
        {
            BackupCommand.Create(),
            DoctorCommand.Create(),
            ExchangeCommands.CreateExport(),
            ExchangeCommands.CreateImport(),
            RunCommand.Create(),
            UsersCommand.Create(),
        };
        var parsed = root.Parse(args is ["help", .. var rest] ? [.. rest, "--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await configuration.Error.WriteLineAsync(error.Message);
            }

            await configuration.Error.WriteLineAsync("Run it with --help to see the arguments.");
            return (int)Start.ExitCode.Settings;
        }

        return await parsed.InvokeAsync(configuration);
    }
}
