using System.CommandLine;
using System.Runtime.CompilerServices;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>
/// What the program does instead of serving, by its first argument. <c>restore</c>, <c>migrate</c> and <c>copy-to-postgres</c> belong to
/// the start and are handled there.
/// </summary>
internal static class Commands
{
    private static readonly string[] Questions = ["--help", "-h", "-?", "--version"];
    private static readonly string[] OfTheStart = ["restore", "migrate", "copy-to-postgres"];

    /// <summary>Whether the arguments begin with a command, even an unknown one: with neither a dash, a slash nor a value.</summary>
    public static bool Contain(string[] args) =>
        args is [var first, .. var rest]
        && (Questions.Contains(first) || (IsWord(first) && (!OfTheStart.Contains(first) || rest.Any(Questions.Contains))));

    /// <summary>Apart, because the library that reads arguments is loaded with it.</summary>
    /// <param name="output">Where results go; null: standard output.</param>
    /// <param name="errors">Where errors go; null: standard error.</param>
    /// <returns>The exit code: 0 when it worked, 2 for wrong arguments, otherwise what the command says.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        (configuration.Output, configuration.Error) = (output ?? configuration.Output, errors ?? configuration.Error);
        var root = new RootCommand("PromptPilot. Without a command, it starts the portal.")
        {
            BackupCommand.Create(),
            DoctorCommand.Create(),
            ExchangeCommands.CreateExport(),
            ExchangeCommands.CreateImport(),
            RunCommand.Create(),
            UsersCommand.Create(),
            // Only for the help: the start reads their arguments.
            new Command("restore", "Restore a backup into an empty data directory. Stop the portal first.")
            {
                new Argument<string>("FILE") { Description = "The backup." },
                CommandOptions.Json(),
            },
            new Command("migrate", "Upgrade the database and exit. Stop the portal first."),
            new Command(
                "copy-to-postgres",
                "Copy the portal of the data directory to an empty PostgreSQL database. Stop the portal first."
            ),
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

    private static bool IsWord(string argument) => argument is [not ('-' or '/'), ..] && !argument.Contains('=', StringComparison.Ordinal);
}
