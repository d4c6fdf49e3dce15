using System.CommandLine;
using System.Runtime.CompilerServices;
using PromptPilot.Core.Data;
using PromptPilot.Core.Settings;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary><c>doctor</c>: checks an installation, also while the portal runs. It changes nothing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var calls = new Option<bool>("--call-models")
        {
            Description = "Make a short call to each enabled model profile. This costs money.",
        };
        var (url, data, json) = (CommandOptions.Url(), CommandOptions.Data(), CommandOptions.Json());
        url.Description = "The public address of the portal, to check its reverse proxy. Default: PromptPilot:PublicUrl.";
        var command = new Command(
            "doctor",
            "Check settings, disk, database, keys, proxy, mail and providers. Exits with code 1 if a check fails."
        )
        {
            url,
            data,
            calls,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var portal = LocalPortal.Create(parsed.GetValue(data));
                var findings = new List<Finding>();
                var checks = CheckAsync(portal, parsed.GetValue(url), parsed.GetValue(calls), cancellationToken);
                await foreach (var finding in checks)
                {
                    findings.Add(finding);
                }

                var isWell = findings.TrueForAll(finding => finding.Status != FindingStatus.Failed);
                CommandOutput.Of(parsed, json).Done(new { ok = isWell, checks = findings }, string.Join(Environment.NewLine, findings));
                return isWell ? 0 : (int)ExitCode.Failed;
            }
        );
        return command;
    }

    private static async IAsyncEnumerable<Finding> CheckAsync(
        LocalPortal portal,
        string? url,
        bool callsModels,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var local = new LocalChecks(portal);
        var settings = local.Settings().ToList();
        foreach (var finding in settings.Append(local.Disk()))
        {
            yield return finding;
        }

        var database = settings.Exists(finding => finding.Status == FindingStatus.Failed)
            ? Finding.Skipped("Database", "Correct the settings first.")
            : await local.DatabaseAsync(cancellationToken);
        yield return database;
        var isReadable = database.Status == FindingStatus.Ok;
        if (isReadable)
        {
            yield return local.Keys();
            await portal.Get<StoredSettings>().LoadAsync(cancellationToken);
            portal.Get<ReadyGate>().Open();
        }

        var remote = new RemoteChecks(portal);
        foreach (var finding in await remote.ProxyAsync(url, cancellationToken))
        {
            yield return finding;
        }

        yield return await remote.MailAsync(cancellationToken);
        if (isReadable)
        {
            foreach (var finding in await remote.ProvidersAsync(callsModels, cancellationToken))
            {
                yield return finding;
            }
        }
    }
}
