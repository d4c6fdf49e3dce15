using PromptPilot.Core.Experiments;
using PromptPilot.Core.Files;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Settings;

/// <summary>
/// The settings of Core that the page shows, in its order. Paths, addresses to listen at and the first admin are not set on the page.
/// </summary>
internal static class SettingCatalog
{
    private const string Smtp = SmtpSettings.Section;
    private const string Runs = RunsOptions.Section;
    private const string Hooks = IntegrationsOptions.Section;
    private const string Webhooks = WebhooksOptions.Section;
    private const string Users = UsersOptions.Section;

    public static IReadOnlyList<Setting> All { get; } =
    [.. Portal, .. Mail, .. SignIn, .. OpenIdCatalog.All, .. Network, .. Retention, .. Limits];

    private static IEnumerable<Setting> Portal =>
        [
            Setting.Of<PortalSettings>(
                PortalSettings.Section,
                nameof(PortalSettings.Name),
                SettingGroup.Portal,
                "Portal name",
                "Shown at the top of every page, on the sign-in page and in the browser tab."
            ),
            new(
                PortalAddress.Key,
                SettingGroup.Portal,
                SettingKind.Text,
                "Address",
                "Where people open the portal. Used for links in e-mails, Slack messages and webhooks. Empty: the address it "
                    + "listens on, which only works on this machine."
            ),
        ];

    private static IEnumerable<Setting> Mail =>
        [
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.Host),
                SettingGroup.Mail,
                "Mail server",
                "Name or address of the SMTP server. Empty: no e-mail is sent, and invitations are shown as links."
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
                "StartTls for most servers, Tls if yours requires it. None only for a server on this machine or in a network you trust."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.UserName),
                SettingGroup.Mail,
                "User name",
                "Empty: the server requires no sign-in."
            ),
            new(
                PasswordKey,
                SettingGroup.Mail,
                SettingKind.Secret,
                "Password",
                "Stored encrypted and never shown again. Must be entered again when the server, port or encryption changes."
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
                "Sender address of all e-mails. The server must allow this user to send from that address."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.FromName),
                SettingGroup.Mail,
                "From name",
                "Sender name that recipients see."
            ),
            Setting.Of<SmtpSettings>(
                Smtp,
                nameof(SmtpSettings.TimeoutSeconds),
                SettingGroup.Mail,
                "Timeout",
                "E-mails that take longer to send fail."
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
                "Require two-factor for everyone",
                "Users without a second factor can only open the page that sets one up. This includes you: set up yours first."
            ),
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.LockoutAttempts),
                SettingGroup.SignIn,
                "Failed sign-ins before lockout",
                "After this many wrong passwords or codes in a row, the account is locked."
            ) with
            {
                Reach = SettingReach.AllHosts,
            },
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.LockoutMinutes),
                SettingGroup.SignIn,
                "Lockout duration",
                "How long an account stays locked."
            ) with
            {
                Unit = "minutes",
            },
            Setting.Of<UsersOptions>(
                Users,
                nameof(UsersOptions.RevalidationSeconds),
                SettingGroup.SignIn,
                "Check open pages every",
                "Longest time a locked, demoted or signed-out user still sees an open page. Their actions are refused immediately."
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
                "Private or non-TLS hosts that model profiles may call. Names or addresses exactly as in the endpoint, one per line."
            ) with
            {
                Default = string.Join('\n', NetworkOptions.ThisMachine),
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.AllowedPrivateHosts),
                SettingGroup.Network,
                "Private hosts for hooks",
                "The same for hooks, which architects create. Every architect can reach every host listed here, so list as few as possible."
            ),
        ];

    private static IEnumerable<Setting> Retention =>
        [
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.KeepDays),
                SettingGroup.Retention,
                "Keep runs for",
                "Ended runs and calls older than this are removed unless rated or pinned. Workflows can override it. 0: keep forever."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.KeepRuns),
                SettingGroup.Retention,
                "Runs per workflow",
                "How many of the newest ended runs are kept, in addition to rated and pinned ones. 0: no limit."
            ) with
            {
                Reach = SettingReach.AllHosts,
            },
            Setting.Of<SchedulesOptions>(
                SchedulesOptions.Section,
                nameof(SchedulesOptions.KeepFiringsDays),
                SettingGroup.Retention,
                "Keep schedule history for",
                "The outcome of each firing of a schedule."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.KeepDays),
                SettingGroup.Retention,
                "Keep webhook requests for",
                "Requests received by webhook triggers."
            ) with
            {
                Unit = "days",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.KeepRequests),
                SettingGroup.Retention,
                "Webhook requests per trigger",
                "How many of the newest accepted requests are kept, and as many refused ones."
            ) with
            {
                Reach = SettingReach.AllHosts,
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.KeepDays),
                SettingGroup.Retention,
                "Keep deliveries for",
                "Sent and failed hook deliveries with their attempts."
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
                "Concurrent runs",
                "Further runs wait in the queue. A workflow can set a lower limit."
            ) with
            {
                Reach = SettingReach.PerHost,
            },
            Setting.Of<RunsOptions>(
                Runs,
                nameof(RunsOptions.MaxInputLength),
                SettingGroup.Limits,
                "Run input size",
                "Largest total size of a run's inputs."
            ) with
            {
                Unit = "characters",
            },
            Setting.Of<FilesOptions>(
                FilesOptions.Section,
                nameof(FilesOptions.MaxFileMegabytes),
                SettingGroup.Limits,
                "File size",
                "Largest picture or document."
            ) with
            {
                Unit = "MB",
            },
            Setting.Of<FilesOptions>(
                FilesOptions.Section,
                nameof(FilesOptions.MaxFilesPerRun),
                SettingGroup.Limits,
                "Files per run",
                "How many pictures and documents a run, call or test case may have."
            ),
            Setting.Of<FilesOptions>(
                FilesOptions.Section,
                nameof(FilesOptions.MaxTotalMegabytes),
                SettingGroup.Limits,
                "File storage",
                "Space for all files together. When it is full, new files are refused."
            ) with
            {
                Unit = "MB",
                Reach = SettingReach.AllHosts,
            },
            Setting.Of<ExperimentsOptions>(
                ExperimentsOptions.Section,
                nameof(ExperimentsOptions.MaxBatchRows),
                SettingGroup.Limits,
                "Rows per batch",
                "Files with more rows are refused before anything runs."
            ),
            Setting.Of<ExperimentsOptions>(
                ExperimentsOptions.Section,
                nameof(ExperimentsOptions.MaxBatchKilobytes),
                SettingGroup.Limits,
                "Batch file size",
                "Largest CSV file of a batch."
            ) with
            {
                Unit = "KB",
            },
            Setting.Of<IntegrationsOptions>(
                Hooks,
                nameof(IntegrationsOptions.TimeoutSeconds),
                SettingGroup.Limits,
                "Hook timeout",
                "An attempt without a response in this time fails and is retried later."
            ) with
            {
                Unit = "seconds",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.RequestsPerSecond),
                SettingGroup.Limits,
                "Webhook request rate",
                "Sustained rate per sender and trigger. Requests above it get a 429."
            ) with
            {
                Reach = SettingReach.PerHost,
                Unit = "per second",
            },
            Setting.Of<WebhooksOptions>(
                Webhooks,
                nameof(WebhooksOptions.Burst),
                SettingGroup.Limits,
                "Webhook request burst",
                "How many requests one sender may send at once before the rate applies."
            ) with
            {
                Reach = SettingReach.PerHost,
            },
        ];

    private const string PasswordKey = $"{Smtp}:{nameof(SmtpSettings.Password)}";
}
