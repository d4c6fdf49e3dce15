using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Files;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Settings;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Audit;

/// <summary>
/// Every entity: how its changes are audited, or why they are not. A test fails if an entity or a property is missing.
/// </summary>
internal static class AuditCatalog
{
    public const string User = "user";
    public const string Protection = "protection";
    public const string ApiKey = "API key";
    public const string Session = "session";
    public const string Workflow = "workflow";
    public const string AuditLog = "audit log";
    public const string Backup = "backup";
    public const string Library = "prompts and workflows";
    public const string Insights = "insights";

    public static IReadOnlyDictionary<Type, AuditedKind> Audited { get; } =
        new Dictionary<Type, AuditedKind>
        {
            [typeof(User)] = Of<User>(
                User,
                user => user.Name,
                [
                    "Name",
                    "Email",
                    "Role",
                    "IsLocked",
                    "TwoFactorEnabled",
                    "Preferences.DefaultModel",
                    "Preferences.Theme",
                    "Preferences.NoSingleKeys",
                ],
                ["PasswordHash", "TotpKey", "RecoveryCodes"],
                [
                    "Id",
                    "AccessFailedCount",
                    "ConcurrencyStamp",
                    "CreatedAt",
                    "EmailConfirmed",
                    "LastLogin",
                    "LockoutEnabled",
                    "LockoutEnd",
                    "NormalizedEmail",
                    "NormalizedUserName",
                    "PhoneNumber",
                    "PhoneNumberConfirmed",
                    "Revision",
                    "SecurityStamp",
                    "TotpStep",
                    "UserName",
                ]
            ),
            [typeof(IdentityUserPasskey<string>)] = Of<IdentityUserPasskey<string>>(
                "passkey",
                passkey => passkey.Data?.Name ?? "",
                ["UserId"],
                ["CredentialId"],
                []
            ),
            [typeof(IdentityUserLogin<string>)] = Of<IdentityUserLogin<string>>(
                "linked sign-in",
                login => login.ProviderDisplayName ?? "",
                ["UserId", "LoginProvider"],
                [],
                ["ProviderKey", "ProviderDisplayName"]
            ),
            [typeof(ApiKey)] = Of<ApiKey>(
                ApiKey,
                key => key.Name,
                ["Name", "Prefix", "UserId", "Scope", "ModelProfileIds", "ExpiresAt", "RevokedAt"],
                ["Hash"],
                ["Id", "CreatedAt", "LastUsedAt"]
            ),
            [typeof(ModelProfile)] = Of<ModelProfile>(
                "model profile",
                profile => profile.Name,
                [
                    "Name",
                    "Provider",
                    "Endpoint",
                    "Model",
                    "Enabled",
                    "Fallbacks",
                    "CachesPrompts",
                    "ContextTokens",
                    "EndsOn",
                    "ExtraBody",
                    "StructuredOutput",
                    "HideThinking",
                    "MaxTokensField",
                    "SendsStreamOptions",
                    "TakesPictures",
                    "Budgets.Day",
                    "Budgets.Month",
                    "Limits.AttemptSeconds",
                    "Limits.ConcurrentCalls",
                    "Limits.FirstTokenSeconds",
                    "Limits.IdleSeconds",
                    "Limits.RequestsPerMinute",
                    "Parameters.Effort",
                    "Parameters.MaxTokens",
                    "Parameters.Seed",
                    "Parameters.Stop",
                    "Parameters.Temperature",
                    "Parameters.TopP",
                    "Prices.CachedInputPerMillion",
                    "Prices.CacheWritePerMillion",
                    "Prices.InputPerMillion",
                    "Prices.OutputPerMillion",
                    "Roles",
                ],
                ["ApiKey", "ExtraHeaders"],
                ["Id", "ApiKeySetAt", "CreatedAt", "CreatedBy", "NormalizedName", "Revision", "UpdatedAt"]
            ),
            [typeof(Prompt)] = Of<Prompt>(
                "prompt",
                prompt => prompt.Name,
                [
                    "Name",
                    "Version",
                    "Content",
                    "SystemMessage",
                    "Messages",
                    "VariableDefinitions",
                    "Metadata.Category",
                    "Metadata.Tags",
                    "Metadata.IsPart",
                    "Archived",
                    "CreatedBy",
                ],
                [],
                ["Id", "CreatedAt", "LatestVersionId", "NormalizedName", "Parts", "Revision", "UpdatedAt", "Variables"]
            ),
            [typeof(PromptLabel)] = Of<PromptLabel>(
                "label",
                label => label.Name,
                ["PromptId", "PromptVersionId"],
                [],
                ["Name", "UpdatedAt", "UpdatedBy"]
            ),
            [typeof(Workflow)] = Of<Workflow>(
                Workflow,
                workflow => workflow.Name,
                ["Name", "Tags", "Inputs", "Limits", "Options", "Owner", "PublishedVersion", "Status", "AreArmsStopped"],
                [],
                [
                    "Id",
                    "CreatedAt",
                    "HasUnpublishedChanges",
                    "PublishedVersionId",
                    "Revision",
                    "TestSetId",
                    "BudgetOf",
                    "UpdatedAt",
                    "UpdatedBy",
                ]
            ),
            [typeof(WorkflowStep)] = Of<WorkflowStep>(
                "step",
                step => step.OutputKey,
                ["WorkflowId", "OutputKey", "PromptId", "PromptVersion", "PromptLabel", "Model", "InputMapping", "Options"],
                [],
                ["Id", "Order"]
            ),
            [typeof(Trigger)] = Of<Trigger>(
                "trigger",
                trigger => trigger.Type.ToString().ToLowerInvariant(),
                ["WorkflowId", "Type", "Enabled", "Inputs", "Schedule"],
                ["Webhook"],
                ["Id", "CreatedAt", "LastFiredAt", "NextAt", "Revision"]
            ),
            [typeof(IntegrationHook)] = Of<IntegrationHook>(
                "hook",
                hook => hook.Name,
                ["Name", "Type", "TargetUrl", "Body", "LinkedWorkflowId", "On", "Outputs", "Enabled", "DisabledReason"],
                ["AuthToken", "SecretUrl"],
                ["Id", "CreatedAt", "CreatedBy", "NormalizedName", "Revision"]
            ),
            [typeof(StoredSetting)] = Of<StoredSetting>(
                "setting",
                setting => setting.Key,
                ["Value"],
                ["Secret"],
                ["Key", "Revision", "UpdatedAt", "UpdatedBy"]
            ),
            [typeof(Feedback.Feedback)] = Of<Feedback.Feedback>(
                "rating",
                rating => $"{rating.Rating} of 5",
                ["ExecutionId", "Rating"],
                ["Comment", "CorrectedOutput"],
                ["Id", "CreatedAt", "EndUser", "PromptId", "Revision", "Tags", "UpdatedAt", "UserId"]
            ),
            [typeof(TestSet)] = Of<TestSet>(
                "test set",
                set => set.Name,
                ["Name", "PromptId", "WorkflowId", "OutputKey", "IsBatch", "Checks"],
                [],
                ["Id", "CreatedAt", "CreatedBy", "NormalizedName", "Revision", "UpdatedAt", "Version"]
            ),
            [typeof(Experiment)] = Of<Experiment>(
                "experiment",
                experiment => experiment.Name,
                ["Name", "TestSetId", "Variants", "Judges", "Repetitions", "Status"],
                [],
                [
                    "Id",
                    "CostBound",
                    "CreatedAt",
                    "Definitions",
                    "FinishedAt",
                    "IdempotencyActor",
                    "IdempotencyHash",
                    "IdempotencyKey",
                    "Revision",
                    "StartedBy",
                    "TestSetVersionId",
                ]
            ),
            [typeof(Protection)] = Of<Protection>(
                Protection,
                protection => protection.Label ?? "publishing",
                ["PromptId", "Label", "WorkflowId", "TestSetId", "ModelProfileId", "MinPassPercent", "MaxRegressions", "Approvals"],
                [],
                ["Id", "Revision", "UpdatedAt", "UpdatedBy"]
            ),
            [typeof(ChangeRequest)] = Of<ChangeRequest>(
                "change request",
                request => request.Label ?? "publishing",
                ["PromptId", "Label", "WorkflowId", "From", "To", "WorkflowVersionId", "Note", "Status", "Reason", "ExperimentId"],
                [],
                ["Id", "AuthorId", "ClosedAt", "ClosedBy", "RequestedAt", "RequestedBy", "Revision"]
            ),
            [typeof(ChangeEntry)] = Of<ChangeEntry>(
                "change request entry",
                entry => entry.Kind.ToString().ToLowerInvariant(),
                ["ChangeRequestId", "Kind"],
                ["Text"],
                ["Id", "At", "UserId"]
            ),
            [typeof(TestCase)] = Of<TestCase>(
                "test case",
                test => test.Name.Length > 0 ? test.Name : $"case {test.Number}",
                ["TestSetId", "Number", "Name", "Origin"],
                ["Inputs", "Expected"],
                ["Id", "CreatedAt", "CreatedBy", "OriginId", "Tags"]
            ),
        };

    /// <summary>Entities whose changes are not audited, and why.</summary>
    public static IReadOnlyDictionary<Type, string> Unaudited { get; } =
        new Dictionary<Type, string>
        {
            [typeof(AuditEntry)] = "is the log",
            [typeof(IdentityUserClaim<string>)] = "not used",
            [typeof(IdentityUserToken<string>)] = "two-factor secrets; the user's own entry shows the switch",
            [typeof(OpenIdSession)] = "belongs to a session",
            [typeof(Session)] = "sign-in, sign-out and ending a session have their own entries",
            [typeof(PromptVersion)] = "never changes; the prompt's entry names each new one",
            [typeof(WorkflowVersion)] = "never changes; the workflow's entry names each new one",
            [typeof(WorkflowRun)] = "the journal of runs is a log of its own",
            [typeof(RunEvent)] = "the journal of runs is a log of its own",
            [typeof(ExecutionLog)] = "the journal of runs is a log of its own",
            [typeof(DeletedCost)] = "totals of what retention deleted",
            [typeof(RunRollup)] = "sums of runs",
            [typeof(CallRollup)] = "sums of calls",
            [typeof(RatingRollup)] = "sums of ratings",
            [typeof(RollupProgress)] = "how far the sums have been counted",
            [typeof(TriggerFiring)] = "a log of its own",
            [typeof(WebhookReceipt)] = "a log of its own",
            [typeof(HookDelivery)] = "a log of its own",
            [typeof(HookAttempt)] = "a log of its own",
            [typeof(ExperimentCell)] = "the calls of an experiment, which has its own entry",
            [typeof(TestSetVersion)] = "repeats the test set as an experiment used it",
            [typeof(StoredFile)] = "belongs to the runs and test cases that use it",
            [typeof(FileChunk)] = "the content of a file",
            [typeof(FileText)] = "the text of a file",
            [typeof(FileUse)] = "what a file is kept for",
            [typeof(Notification)] = "repeats facts that have their own entries",
        };

    /// <summary>Whether changes to a row are audited. Not for the workflow in which experiments run, since no user created it.</summary>
    public static bool IsAudited(object entity) => entity is not Workflows.Workflow { TestSetId: not null };

    /// <summary>All words for kinds, to filter by.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        .. Audited
            .Values.Select(audited => audited.Kind)
            .Append(AuditLog)
            .Append(Backup)
            .Append(Library)
            .Append(Insights)
            .Append(Session)
            .Order(StringComparer.Ordinal),
    ];

    private static AuditedKind Of<T>(string kind, Func<T, string> name, string[] shown, string[] secret, string[] quiet) =>
        new(kind, entity => name((T)entity), shown, secret, quiet);
}
