using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Hosting.Commands;

namespace PromptPilot.Web.Hosting.Start;

/// <summary><c>restore FILE [--json]</c> on the command line: puts a backup into an empty data directory and ends.</summary>
internal static class RestoreCommand
{
    public const string PassphraseVariable = "PROMPTPILOT_PASSPHRASE";

    private const string Json = "--json";

    /// <summary>The exit code of the command; null when the arguments are not this command.</summary>
    public static int? Run(IServiceProvider services, string[] args)
    {
        if (args is not ["restore", .. var given])
        {
            return null;
        }

        var rest = given.Where(argument => argument != Json).ToArray();
        var output = new CommandOutput(asJson: rest.Length < given.Length, Console.Out, Console.Error);

        if (PostgresConnection.Find(services.GetRequiredService<IConfiguration>()) is not null)
        {
            return output.Fail(
                $"{PostgresConnection.Key} is set, and PostgreSQL restores its own dumps: create an empty database, run "
                    + "pg_restore --no-owner --dbname=promptpilot promptpilot.dump, and start the portal. To restore a backup of a SQLite "
                    + $"portal, start without {PostgresConnection.Key}."
            );
        }

        if (rest is not [var file] || !File.Exists(file))
        {
            return output.Fail(
                "Specify the backup file: restore "
                    + $"promptpilot-2026-01-31-0600.backup{(rest is [var missing] ? $" ({missing} does not exist)" : "")}"
            );
        }

        var directory = services.GetRequiredService<DataDirectory>();
        if (directory.Errors(services.GetRequiredService<IConfiguration>()) is [var error, ..])
        {
            return output.Fail(error);
        }

        if (directory.Lock() is { } refusal)
        {
            return output.Fail(refusal.Text, refusal.Code);
        }

        if (Passphrase() is not { Length: > 0 } passphrase)
        {
            return output.Fail($"Enter the passphrase of the backup, or set {PassphraseVariable}.");
        }

        var restored = BackupRestore.Restore(file, passphrase, services.GetRequiredService<StoragePaths>());
        if (!restored.IsOk)
        {
            return output.Fail(restored.Problem.Message);
        }

        if (PrivateFiles.Restrict(directory.Path) is { } openness)
        {
            Console.Error.WriteLine(openness);
        }

        return output.Done(
            new { directory = directory.Path },
            $"Restored to {directory.Path}. Start the portal as usual. Runs that were in progress when the backup was created will resume."
        );
    }

    internal static string? Passphrase()
    {
        if (Environment.GetEnvironmentVariable(PassphraseVariable) is { Length: > 0 } set)
        {
            return set;
        }

        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine();
        }

        Console.Write("Passphrase: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.WriteLine();
        return typed.ToString();
    }
}
