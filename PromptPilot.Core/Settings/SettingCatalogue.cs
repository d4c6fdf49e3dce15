using PromptPilot.Core.Integrations;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Settings;

/// <summary>
/// The settings of Core that the page shows, in its order. Paths, addresses to listen at and the first admin are no business of a page.
/// </summary>
internal static class SettingCatalogue
{
    private const string Smtp = SmtpSettings.Section;
    private const string Runs = RunsOptions.Section;
    private const string Hooks = IntegrationsOptions.Section;
    private const string Webhooks = WebhooksOptions.Section;
    private const string Users = UsersOptions.Section;

    public static IReadOnlyList<Setting> All { get; } = [.. Portal, .. Mail, .. SignIn, .. Network, .. Retention, .. Limits];

    private static IEnumerable<Setting> Portal =>
        [
            Setting.Of<PortalSettings>(
                PortalSettings.Section,
                nameof(PortalSettings.Name),
                SettingGroup.Portal,
                "Portal name",
                "Stands at the top of each page, on the sign-in page and in the browser's tab."
            ),
            new(
                PortalAddress.Key,
                SettingGroup.Portal,
                SettingKind.Text,
                "Address",
                "Where people open the portal, e.g. https://prompts.example.org: for links in mails, Slack messages and webhooks. Empty: where it listens, which works on its own machine only."
            ),
        ];

    private static IEnumerable<Setting> Mail =>
        [
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.Host),
                SettingGroup.Mail,
                "Mail server",
                "Name or address of the SMTP server. Empty: no mail is sent, and invitations are shown as links."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.Port),
                SettingGroup.Mail,
                "Port",
                "Empty: 587 for StartTls, 465 for Tls, 25 for None."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.Security),
                SettingGroup.Mail,
                "Encryption",
                "StartTls for most servers, Tls if yours says so; None only for a server on this machine or in a network you trust."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.UserName),
                SettingGroup.Mail,
                "User name",
                "Empty: the server wants no sign-in."
            ),
            new(
                PasswordKey,
                SettingGroup.Mail,
                SettingKind.Secret,
                "Password",
                "Stored encrypted, never shown again. Typed again whenever server, port or encryption change."
            )
            {
                GoesTo =
                [
                    $"{Smtp}:{nameof(SmtpSettings.Host)}",
                    $"{Smtp}:{nameof(SmtpSettings.Port)}",
                    $"{Smtp}:{nameof(SmtpSettings.Security)}",
                ],
            },
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.From),
                SettingGroup.Mail,
                "From",
                "The e-mail address that mail comes from; the server must let this user send from it."
            ),
            Setting.Of<SmtpSettings>(Smtp, nameof(SmtpSettings.FromName), SettingGroup.Mail, "From name", "What people see as the sender."),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.TimeoutSeconds),
                SettingGroup.Mail,
                "Time limit",
                "The most that one mail may take."
            ) with
            {
                Unit = "seconds",
            },
        ];

    private static IEnumerable<Setting> SignIn =>
        [
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.RequireTwoFactor),
                SettingGroup.SignIn,
                "Two-factor for everyone",
                "Whoever has no second factor reaches the page that sets one up, and nothing else. You too: set yours up first."
            ),
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.LockoutAttempts),
                SettingGroup.SignIn,
                "Wrong passwords",
                "After so many in a row an account cannot be signed in to for a while."
            ) with
            {
                Unit = "tries",
            },
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.LockoutMinutes),
                SettingGroup.SignIn,
                "Locked out for",
                "How long that lasts."
            ) with
            {
                Unit = "minutes",
            },
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.RevalidationSeconds),
                SettingGroup.SignIn,
                "Check open pages each",
                "So long at most somebody who was locked, demoted or signed out keeps seeing an open page. Whatever they do there is refused at once."
            ) with
            {
                Unit = "seconds",
            },
        ];

    private static IEnumerable<Setting> Network =>
        [
            Setting.Of<NetworkOptions>(
                NetworkOptions.Section,
                nameof(NetworkOptions.AllowedPrivateHosts),
                SettingGroup.Network,
                "Private hosts for models",
                "Hosts inside private networks, or without TLS, that model profiles may call: names or addresses as they stand in the endpoint, one a line."
            ) with
            {
                Default = string.Join('\n', NetworkOptions.ThisMachine),
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.AllowedPrivateHosts),
                SettingGroup.Network,
                "Private hosts for hooks",
                "The same for hooks, which architects set. Each host here can be reached by every architect: name as few as you can."
            ),
        ];

    private static IEnumerable<Setting> Retention =>
        [
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.KeepDays),
                SettingGroup.Retention,
                "Keep runs for",
                "Ended runs and calls go after so long, unless rated or pinned; a workflow can say otherwise. 0: for ever."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.KeepRuns),
                SettingGroup.Retention,
                "Runs of each workflow",
                "Only the newest so many ended ones stay, besides rated and pinned ones. 0: no limit."
            ) with
            {
                Unit = "runs",
            },
            Setting.Of<SchedulesOptions>(
                SchedulesOptions.Section,
                nameof(SchedulesOptions.KeepFiringsDays),
                SettingGroup.Retention,
                "Keep firings for",
                "What became of each firing of a schedule."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.KeepDays),
                SettingGroup.Retention,
                "Keep the inbox for",
                "Requests that webhook triggers received."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.KeepRequests),
                SettingGroup.Retention,
                "Requests of each trigger",
                "Of authentic requests the newest so many stay, and as many that were refused."
            ) with
            {
                Unit = "requests",
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.KeepDays),
                SettingGroup.Retention,
                "Keep deliveries for",
                "What hooks sent or gave up, with the log of attempts."
            ) with
            {
                Unit = "days",
            },
        ];

    private static IEnumerable<Setting> Limits =>
        [
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.MaxConcurrentRuns),
                SettingGroup.Limits,
                "Runs at the same time",
                "Further runs wait in line. A workflow can set less for itself."
            ) with
            {
                Unit = "runs",
            },
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.MaxInputLength),
                SettingGroup.Limits,
                "Inputs of a run",
                "The most text that the inputs of a run may hold."
            ) with
            {
                Unit = "characters",
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.TimeoutSeconds),
                SettingGroup.Limits,
                "A hook's receiver answers within",
                "After that the attempt counts as failed, and is repeated later."
            ) with
            {
                Unit = "seconds",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.RequestsPerSecond),
                SettingGroup.Limits,
                "Webhook requests",
                "So many one sender may go on sending to one trigger; what is above is answered 429."
            ) with
            {
                Unit = "a second",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.Burst),
                SettingGroup.Limits,
                "Webhook requests at once",
                "So many it may send in one go."
            ) with
            {
                Unit = "requests",
            },
        ];

    private const string PasswordKey = $"{Smtp}:{nameof(SmtpSettings.Password)}";
}
