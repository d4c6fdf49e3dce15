using System.CommandLine;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary><c>backup FILE</c>: an encrypted backup of a data directory, also while the portal runs.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file to create." };
        var (data, json) = (CommandOptions.Data(), CommandOptions.Json());
        var command = new Command("backup", $"Back up a data directory. Works while the portal runs. {Passphrase}") { file, data, json };
        command.SetAction(
            (parsed, cancellationToken) =>
                BackUpAsync(parsed.GetRequiredValue(file), parsed.GetValue(data), CommandOutput.Of(parsed, json), cancellationToken)
        );
        return command;
    }

    private const string Passphrase = $"The passphrase is asked for, or read from {RestoreCommand.PassphraseVariable}.";

    private static async Task<int> BackUpAsync(string file, string? data, CommandOutput output, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            return output.Fail($"{file} exists. Choose another name.");
        }

        var (portal, failure) = await LocalPortal.OpenAsync(data, needsStopped: false, cancellationToken);
        if (portal is null)
        {
            return output.Fail(failure!.Text, failure.Code);
        }

        await using var _ = portal;
        if (RestoreCommand.Passphrase() is not { Length: > 0 } passphrase)
        {
            return output.Fail($"Enter a passphrase, or set {RestoreCommand.PassphraseVariable}.", ExitCode.Settings);
        }

        var made = await portal.Get<BackupService>().CreateAsync(Actor.System, passphrase, cancellationToken);
        if (!made.IsOk)
        {
            return output.Fail(made.Problem);
        }

        await using var content = made.Value.Content;
        await using (var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write))
        {
            await content.CopyToAsync(target, cancellationToken);
        }

        var bytes = new FileInfo(file).Length;
        return output.Done(new { file = Path.GetFullPath(file), bytes }, $"Created {file}, {bytes:N0} bytes.");
    }
}
