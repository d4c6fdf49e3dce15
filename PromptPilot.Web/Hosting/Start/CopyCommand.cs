using System.Runtime.CompilerServices;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Storage;

namespace PromptPilot.Web.Hosting.Start;

/// <summary><c>copy-to-postgres</c> on the command line: copies the portal of the data directory to PostgreSQL and ends.</summary>
internal static class CopyCommand
{
    private const string Name = "copy-to-postgres";

    /// <summary>The exit code of the command; null when the arguments are not this command.</summary>
    public static Task<int?> RunAsync(IServiceProvider services, string[] args) =>
        args is [Name, ..] ? CopyAsync(services, args) : Task.FromResult<int?>(null);

    /// <summary>Apart, because PostgreSQL's client is loaded with it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int?> CopyAsync(IServiceProvider services, string[] args)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        if (args.Length > 1 || PostgresConnection.Find(configuration) is null)
        {
            return Fail(
                $"Set {PostgresConnection.Key} to an empty PostgreSQL database, and run {Name} without arguments. It copies the portal of "
                    + $"{DataDirectory.Key}."
            );
        }

        var directory = services.GetRequiredService<DataDirectory>();
        var errors = new PostgresConnection().Errors(configuration).Concat(directory.Errors(configuration)).ToList();
        if (errors.Count > 0)
        {
            return Fail(errors[0]);
        }

        if (directory.Lock() is { } refusal)
        {
            return refusal.Report();
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var version = typeof(CopyCommand).Assembly.GetName().Version!;
            if (await services.GetRequiredService<PostgresMove>().RunAsync(version, Console.WriteLine, stop.Token) is { } problem)
            {
                return Fail(problem);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Fail("Cancelled. Nothing was copied.");
        }

        Console.WriteLine(
            $"Copied and compared. Start the portal with {PostgresConnection.Key} as it is now. Runs that were in progress will resume. "
                + $"Keep {directory.Database} until you have checked the portal; nothing reads it anymore."
        );
        return 0;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
