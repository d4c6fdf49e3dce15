CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

BEGIN TRANSACTION;
CREATE TABLE "AuditEntries" (
    "Sequence" INTEGER NOT NULL CONSTRAINT "PK_AuditEntries" PRIMARY KEY AUTOINCREMENT,
    "At" TEXT NOT NULL,
    "ActorKind" TEXT NOT NULL,
    "ActorId" TEXT NULL,
    "ActorName" TEXT NOT NULL,
    "ApiKeyId" TEXT NULL,
    "ApiKeyName" TEXT NULL,
    "Action" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "SubjectId" TEXT NULL,
    "SubjectName" TEXT NOT NULL,
    "RemoteAddress" TEXT NULL,
    "UserAgent" TEXT NULL,
    "Changes" TEXT NOT NULL
);

CREATE TABLE "DeletedCosts" (
    "Day" TEXT NOT NULL,
    "ModelProfileId" TEXT NOT NULL,
    "WorkflowId" TEXT NOT NULL,
    "Cost" INTEGER NOT NULL,
    CONSTRAINT "PK_DeletedCosts" PRIMARY KEY ("Day", "ModelProfileId", "WorkflowId")
);

CREATE TABLE "Users" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Users" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Role" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "LastLogin" TEXT NULL,
    "IsLocked" INTEGER NOT NULL,
    "TotpKey" TEXT NULL,
    "TotpStep" INTEGER NOT NULL,
    "RecoveryCodes" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    "Preferences_DefaultModel" TEXT NULL,
    "Preferences_NoSingleKeys" INTEGER NOT NULL,
    "Preferences_Theme" TEXT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" TEXT NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL
);

CREATE TABLE "ApiKeys" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ApiKeys" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Prefix" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "Scope" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL,
    "LastUsedAt" TEXT NULL,
    "RevokedAt" TEXT NULL,
    CONSTRAINT "FK_ApiKeys_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AspNetUserClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetUserClaims" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetUserClaims_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AspNetUserLogins" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserLogins" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AspNetUserLogins_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AspNetUserPasskeys" (
    "CredentialId" BLOB NOT NULL CONSTRAINT "PK_AspNetUserPasskeys" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Data" TEXT NOT NULL,
    CONSTRAINT "FK_AspNetUserPasskeys_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AspNetUserTokens" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AspNetUserTokens" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AspNetUserTokens_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "ModelProfiles" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ModelProfiles" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "NormalizedName" TEXT NOT NULL,
    "Provider" TEXT NOT NULL,
    "Endpoint" TEXT NULL,
    "Model" TEXT NOT NULL,
    "ApiKey" TEXT NULL,
    "ApiKeySetAt" TEXT NULL,
    "Roles" TEXT NOT NULL,
    "StructuredOutput" INTEGER NOT NULL,
    "Enabled" INTEGER NOT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    "Budgets_Day" INTEGER NULL,
    "Budgets_Month" INTEGER NULL,
    "Limits_AttemptSeconds" INTEGER NOT NULL,
    "Limits_ConcurrentCalls" INTEGER NULL,
    "Limits_FirstTokenSeconds" INTEGER NOT NULL,
    "Limits_IdleSeconds" INTEGER NOT NULL,
    "Limits_RequestsPerMinute" INTEGER NULL,
    "Parameters_MaxTokens" INTEGER NOT NULL,
    "Parameters_Stop" TEXT NOT NULL,
    "Parameters_Temperature" REAL NULL,
    "Parameters_TopP" REAL NULL,
    "Prices_CachedInputPerMillion" INTEGER NULL,
    "Prices_InputPerMillion" INTEGER NOT NULL,
    "Prices_OutputPerMillion" INTEGER NOT NULL,
    CONSTRAINT "FK_ModelProfiles_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "Notifications" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Notifications" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Title" TEXT NOT NULL,
    "Cause" TEXT NOT NULL,
    "Link" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ReadAt" TEXT NULL,
    "FactKey" TEXT NOT NULL,
    "CauseKey" TEXT NULL,
    "MailDueAt" TEXT NULL,
    "MailAttempts" INTEGER NOT NULL,
    CONSTRAINT "FK_Notifications_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Prompts" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Prompts" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "NormalizedName" TEXT NOT NULL,
    "Content" TEXT NOT NULL,
    "SystemMessage" TEXT NULL,
    "Variables" TEXT NOT NULL,
    "VariableDefinitions" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "LatestVersionId" TEXT NOT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Archived" INTEGER NOT NULL,
    "Revision" INTEGER NOT NULL,
    "Metadata_Category" TEXT NOT NULL,
    "Metadata_Tags" TEXT NOT NULL,
    CONSTRAINT "FK_Prompts_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "Sessions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Sessions" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "LastSeenAt" TEXT NOT NULL,
    "IsStrong" INTEGER NOT NULL,
    "RemoteAddress" TEXT NULL,
    "UserAgent" TEXT NULL,
    CONSTRAINT "FK_Sessions_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Workflows" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Workflows" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Tags" TEXT NOT NULL,
    "Inputs" TEXT NOT NULL,
    "Options" TEXT NOT NULL,
    "Limits" TEXT NOT NULL,
    "Owner" TEXT NULL,
    "Status" TEXT NOT NULL,
    "PublishedVersion" INTEGER NULL,
    "PublishedVersionId" TEXT NULL,
    "HasUnpublishedChanges" INTEGER NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "UpdatedBy" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Workflows_Users_Owner" FOREIGN KEY ("Owner") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_Workflows_Users_UpdatedBy" FOREIGN KEY ("UpdatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "PromptExamples" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_PromptExamples" PRIMARY KEY,
    "PromptId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Values" TEXT NOT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_PromptExamples_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_PromptExamples_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "PromptVersions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_PromptVersions" PRIMARY KEY,
    "PromptId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Version" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Content" TEXT NOT NULL,
    "SystemMessage" TEXT NULL,
    "Variables" TEXT NOT NULL,
    "VariableDefinitions" TEXT NOT NULL,
    "Message" TEXT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "Metadata_Category" TEXT NOT NULL,
    "Metadata_Tags" TEXT NOT NULL,
    CONSTRAINT "FK_PromptVersions_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE
);

CREATE TABLE "IntegrationHooks" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_IntegrationHooks" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "NormalizedName" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "TargetUrl" TEXT NOT NULL,
    "SecretUrl" TEXT NULL,
    "AuthToken" TEXT NULL,
    "LinkedWorkflowId" TEXT NOT NULL,
    "On" TEXT NOT NULL,
    "Outputs" TEXT NULL,
    "Enabled" INTEGER NOT NULL,
    "DisabledReason" TEXT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_IntegrationHooks_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_IntegrationHooks_Workflows_LinkedWorkflowId" FOREIGN KEY ("LinkedWorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Triggers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Triggers" PRIMARY KEY,
    "WorkflowId" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "Enabled" INTEGER NOT NULL,
    "Inputs" TEXT NOT NULL,
    "Schedule" TEXT NULL,
    "NextAt" TEXT NULL,
    "LastFiredAt" TEXT NULL,
    "Webhook" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Triggers_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WorkflowRuns" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WorkflowRuns" PRIMARY KEY,
    "WorkflowId" TEXT NOT NULL,
    "WorkflowName" TEXT NOT NULL,
    "WorkflowVersionId" TEXT NULL,
    "WorkflowVersion" INTEGER NULL,
    "IsDraft" INTEGER NOT NULL,
    "OnlyStep" TEXT NULL,
    "Definition" TEXT NULL,
    "ResolvedPrompts" TEXT NOT NULL,
    "ParentRunId" TEXT NULL,
    "Status" TEXT NOT NULL,
    "Inputs" TEXT NOT NULL,
    "Outputs" TEXT NULL,
    "ErrorCode" TEXT NULL,
    "ErrorMessage" TEXT NULL,
    "ErrorStepId" TEXT NULL,
    "TriggerKind" TEXT NOT NULL,
    "TriggerId" TEXT NULL,
    "TriggerPayload" TEXT NULL,
    "StartedBy" TEXT NULL,
    "Priority" TEXT NOT NULL,
    "QueuedAt" TEXT NOT NULL,
    "StartedAt" TEXT NULL,
    "FinishedAt" TEXT NULL,
    "DurationMs" INTEGER NULL,
    "InputTokens" INTEGER NOT NULL,
    "OutputTokens" INTEGER NOT NULL,
    "Cost" INTEGER NOT NULL,
    "LastSeq" INTEGER NOT NULL,
    "CancelRequested" INTEGER NOT NULL,
    "LeaseOwner" TEXT NULL,
    "LeaseUntil" TEXT NULL,
    "LeaseEpoch" INTEGER NOT NULL,
    "ResumeAt" TEXT NULL,
    "OpenReviews" INTEGER NOT NULL,
    "Pinned" INTEGER NOT NULL,
    "IdempotencyActor" TEXT NULL,
    "IdempotencyKey" TEXT NULL,
    "IdempotencyHash" TEXT NULL,
    CONSTRAINT "FK_WorkflowRuns_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WorkflowSteps" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WorkflowSteps" PRIMARY KEY,
    "WorkflowId" TEXT NOT NULL,
    "PromptId" TEXT NOT NULL,
    "PromptVersion" TEXT NULL,
    "PromptLabel" TEXT NULL,
    "Model" TEXT NOT NULL,
    "InputMapping" TEXT NOT NULL,
    "OutputKey" TEXT NOT NULL,
    "Order" INTEGER NOT NULL,
    "Options" TEXT NOT NULL,
    CONSTRAINT "FK_WorkflowSteps_ModelProfiles_Model" FOREIGN KEY ("Model") REFERENCES "ModelProfiles" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_WorkflowSteps_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_WorkflowSteps_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WorkflowVersions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WorkflowVersions" PRIMARY KEY,
    "WorkflowId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Definition" TEXT NOT NULL,
    "Message" TEXT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_WorkflowVersions_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "PromptLabels" (
    "PromptId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "PromptVersionId" TEXT NOT NULL,
    "UpdatedBy" TEXT NULL,
    "UpdatedAt" TEXT NOT NULL,
    CONSTRAINT "PK_PromptLabels" PRIMARY KEY ("PromptId", "Name"),
    CONSTRAINT "FK_PromptLabels_PromptVersions_PromptVersionId" FOREIGN KEY ("PromptVersionId") REFERENCES "PromptVersions" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_PromptLabels_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE
);

CREATE TABLE "HookDeliveries" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_HookDeliveries" PRIMARY KEY,
    "HookId" TEXT NOT NULL,
    "RunId" TEXT NULL,
    "Event" TEXT NULL,
    "State" TEXT NOT NULL,
    "Payload" TEXT NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "Failures" INTEGER NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "NextAttemptAt" TEXT NULL,
    "EndedAt" TEXT NULL,
    "LastVerdict" TEXT NULL,
    "LastStatus" INTEGER NULL,
    "LastError" TEXT NULL,
    CONSTRAINT "FK_HookDeliveries_IntegrationHooks_HookId" FOREIGN KEY ("HookId") REFERENCES "IntegrationHooks" ("Id") ON DELETE CASCADE
);

CREATE TABLE "TriggerFirings" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TriggerFirings" PRIMARY KEY,
    "TriggerId" TEXT NOT NULL,
    "WorkflowId" TEXT NOT NULL,
    "DueAt" TEXT NOT NULL,
    "DecidedAt" TEXT NOT NULL,
    "Outcome" TEXT NOT NULL,
    "Reason" TEXT NULL,
    "RunId" TEXT NULL,
    "Count" INTEGER NOT NULL,
    "AskedBy" TEXT NULL,
    CONSTRAINT "FK_TriggerFirings_Triggers_TriggerId" FOREIGN KEY ("TriggerId") REFERENCES "Triggers" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WebhookReceipts" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WebhookReceipts" PRIMARY KEY,
    "TriggerId" TEXT NOT NULL,
    "ReceivedAt" TEXT NOT NULL,
    "Verdict" TEXT NOT NULL,
    "Reason" TEXT NOT NULL,
    "StatusCode" INTEGER NOT NULL,
    "ContentType" TEXT NULL,
    "Headers" TEXT NOT NULL,
    "Body" TEXT NOT NULL,
    "BodyBytes" INTEGER NOT NULL,
    "IsWhole" INTEGER NOT NULL,
    "IsAuthentic" INTEGER NOT NULL,
    "MessageKey" TEXT NULL,
    "RunId" TEXT NULL,
    "ReplayOf" TEXT NULL,
    "RemoteAddress" TEXT NULL,
    CONSTRAINT "FK_WebhookReceipts_Triggers_TriggerId" FOREIGN KEY ("TriggerId") REFERENCES "Triggers" ("Id") ON DELETE CASCADE
);

CREATE TABLE "ExecutionLogs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ExecutionLogs" PRIMARY KEY,
    "RunId" TEXT NULL,
    "WorkflowId" TEXT NULL,
    "StepId" TEXT NULL,
    "OutputKey" TEXT NULL,
    "PromptId" TEXT NOT NULL,
    "PromptVersionId" TEXT NOT NULL,
    "ModelProfileId" TEXT NOT NULL,
    "ItemIndex" INTEGER NULL,
    "Attempt" INTEGER NOT NULL,
    "Input" TEXT NOT NULL,
    "Output" TEXT NOT NULL,
    "ModelUsed" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "ErrorCode" TEXT NULL,
    "ErrorMessage" TEXT NULL,
    "Truncated" INTEGER NOT NULL,
    "Timestamp" TEXT NOT NULL,
    "DurationMs" INTEGER NOT NULL,
    "FirstTokenMs" INTEGER NULL,
    "InputTokens" INTEGER NOT NULL,
    "OutputTokens" INTEGER NOT NULL,
    "Cost" INTEGER NOT NULL,
    "UserId" TEXT NULL,
    "ItemKey" AS (coalesce("ItemIndex", -1)),
    CONSTRAINT "FK_ExecutionLogs_WorkflowRuns_RunId" FOREIGN KEY ("RunId") REFERENCES "WorkflowRuns" ("Id") ON DELETE CASCADE
);

CREATE TABLE "RunEvents" (
    "RunId" TEXT NOT NULL,
    "Seq" INTEGER NOT NULL,
    "Type" TEXT NOT NULL,
    "StepId" TEXT NULL,
    "ItemIndex" INTEGER NULL,
    "Attempt" INTEGER NULL,
    "Payload" TEXT NULL,
    "At" TEXT NOT NULL,
    CONSTRAINT "PK_RunEvents" PRIMARY KEY ("RunId", "Seq"),
    CONSTRAINT "FK_RunEvents_WorkflowRuns_RunId" FOREIGN KEY ("RunId") REFERENCES "WorkflowRuns" ("Id") ON DELETE CASCADE
);

CREATE TABLE "HookAttempts" (
    "DeliveryId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "At" TEXT NOT NULL,
    "Verdict" TEXT NOT NULL,
    "StatusCode" INTEGER NULL,
    "Detail" TEXT NOT NULL,
    "Excerpt" TEXT NOT NULL,
    "DurationMs" INTEGER NOT NULL,
    "NextAttemptAt" TEXT NULL,
    CONSTRAINT "PK_HookAttempts" PRIMARY KEY ("DeliveryId", "Number"),
    CONSTRAINT "FK_HookAttempts_HookDeliveries_DeliveryId" FOREIGN KEY ("DeliveryId") REFERENCES "HookDeliveries" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Feedback" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Feedback" PRIMARY KEY,
    "ExecutionId" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "Rating" INTEGER NOT NULL,
    "Comment" TEXT NOT NULL,
    "Tags" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Feedback_ExecutionLogs_ExecutionId" FOREIGN KEY ("ExecutionId") REFERENCES "ExecutionLogs" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_Feedback_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "IX_ApiKeys_Hash" ON "ApiKeys" ("Hash");

CREATE INDEX "IX_ApiKeys_UserId_CreatedAt" ON "ApiKeys" ("UserId", "CreatedAt");

CREATE INDEX "IX_AspNetUserClaims_UserId" ON "AspNetUserClaims" ("UserId");

CREATE INDEX "IX_AspNetUserLogins_UserId" ON "AspNetUserLogins" ("UserId");

CREATE INDEX "IX_AspNetUserPasskeys_UserId" ON "AspNetUserPasskeys" ("UserId");

CREATE INDEX "IX_AuditEntries_Action_Sequence" ON "AuditEntries" ("Action", "Sequence");

CREATE INDEX "IX_AuditEntries_ActorId_Sequence" ON "AuditEntries" ("ActorId", "Sequence");

CREATE INDEX "IX_AuditEntries_At" ON "AuditEntries" ("At");

CREATE INDEX "IX_AuditEntries_Kind_Sequence" ON "AuditEntries" ("Kind", "Sequence");

CREATE INDEX "IX_DeletedCosts_ModelProfileId" ON "DeletedCosts" ("ModelProfileId");

CREATE INDEX "IX_DeletedCosts_WorkflowId" ON "DeletedCosts" ("WorkflowId");

CREATE INDEX "IX_ExecutionLogs_ModelProfileId_Timestamp" ON "ExecutionLogs" ("ModelProfileId", "Timestamp");

CREATE UNIQUE INDEX "IX_ExecutionLogs_OneSuccess" ON "ExecutionLogs" ("RunId", "StepId", "ItemKey") WHERE "Status" = 'Success' AND "RunId" IS NOT NULL;

CREATE INDEX "IX_ExecutionLogs_PromptId_Timestamp" ON "ExecutionLogs" ("PromptId", "Timestamp");

CREATE INDEX "IX_ExecutionLogs_RunId" ON "ExecutionLogs" ("RunId");

CREATE INDEX "IX_ExecutionLogs_Timestamp" ON "ExecutionLogs" ("Timestamp");

CREATE INDEX "IX_ExecutionLogs_WorkflowId_Timestamp" ON "ExecutionLogs" ("WorkflowId", "Timestamp");

CREATE INDEX "IX_Feedback_CreatedAt" ON "Feedback" ("CreatedAt");

CREATE UNIQUE INDEX "IX_Feedback_ExecutionId_UserId" ON "Feedback" ("ExecutionId", "UserId");

CREATE INDEX "IX_Feedback_UserId" ON "Feedback" ("UserId");

CREATE INDEX "IX_HookDeliveries_Due" ON "HookDeliveries" ("HookId", "NextAttemptAt") WHERE "NextAttemptAt" IS NOT NULL;

CREATE INDEX "IX_HookDeliveries_EndedAt" ON "HookDeliveries" ("EndedAt") WHERE "EndedAt" IS NOT NULL;

CREATE INDEX "IX_HookDeliveries_HookId_CreatedAt" ON "HookDeliveries" ("HookId", "CreatedAt");

CREATE INDEX "IX_HookDeliveries_HookId_State_CreatedAt" ON "HookDeliveries" ("HookId", "State", "CreatedAt");

CREATE INDEX "IX_HookDeliveries_RunId" ON "HookDeliveries" ("RunId");

CREATE INDEX "IX_IntegrationHooks_CreatedBy" ON "IntegrationHooks" ("CreatedBy");

CREATE INDEX "IX_IntegrationHooks_LinkedWorkflowId" ON "IntegrationHooks" ("LinkedWorkflowId");

CREATE INDEX "IX_IntegrationHooks_NormalizedName_Id" ON "IntegrationHooks" ("NormalizedName", "Id");

CREATE INDEX "IX_ModelProfiles_CreatedBy" ON "ModelProfiles" ("CreatedBy");

CREATE UNIQUE INDEX "IX_ModelProfiles_NormalizedName" ON "ModelProfiles" ("NormalizedName");

CREATE INDEX "IX_Notifications_CauseKey_CreatedAt" ON "Notifications" ("CauseKey", "CreatedAt") WHERE "CauseKey" IS NOT NULL;

CREATE INDEX "IX_Notifications_CreatedAt" ON "Notifications" ("CreatedAt");

CREATE INDEX "IX_Notifications_FactKey" ON "Notifications" ("FactKey");

CREATE INDEX "IX_Notifications_MailDueAt" ON "Notifications" ("MailDueAt") WHERE "MailDueAt" IS NOT NULL;

CREATE INDEX "IX_Notifications_Unread" ON "Notifications" ("UserId") WHERE "ReadAt" IS NULL;

CREATE INDEX "IX_Notifications_UserId_CreatedAt_Id" ON "Notifications" ("UserId", "CreatedAt", "Id");

CREATE UNIQUE INDEX "IX_Notifications_UserId_FactKey" ON "Notifications" ("UserId", "FactKey");

CREATE INDEX "IX_PromptExamples_CreatedBy" ON "PromptExamples" ("CreatedBy");

CREATE UNIQUE INDEX "IX_PromptExamples_PromptId_Name" ON "PromptExamples" ("PromptId", "Name");

CREATE INDEX "IX_PromptLabels_Name" ON "PromptLabels" ("Name");

CREATE INDEX "IX_PromptLabels_PromptVersionId" ON "PromptLabels" ("PromptVersionId");

CREATE INDEX "IX_Prompts_Archived_NormalizedName" ON "Prompts" ("Archived", "NormalizedName");

CREATE INDEX "IX_Prompts_Archived_UpdatedAt" ON "Prompts" ("Archived", "UpdatedAt");

CREATE INDEX "IX_Prompts_CreatedBy" ON "Prompts" ("CreatedBy");

CREATE UNIQUE INDEX "IX_Prompts_NormalizedName" ON "Prompts" ("NormalizedName");

CREATE UNIQUE INDEX "IX_PromptVersions_PromptId_Number" ON "PromptVersions" ("PromptId", "Number");

CREATE UNIQUE INDEX "IX_PromptVersions_PromptId_Version" ON "PromptVersions" ("PromptId", "Version");

CREATE INDEX "IX_Sessions_UserId_LastSeenAt" ON "Sessions" ("UserId", "LastSeenAt");

CREATE INDEX "IX_TriggerFirings_DueAt" ON "TriggerFirings" ("DueAt");

CREATE INDEX "IX_TriggerFirings_Open" ON "TriggerFirings" ("Outcome", "DueAt") WHERE "Outcome" IN ('Starting', 'Waiting');

CREATE UNIQUE INDEX "IX_TriggerFirings_TriggerId_DueAt" ON "TriggerFirings" ("TriggerId", "DueAt");

CREATE INDEX "IX_Triggers_NextAt" ON "Triggers" ("NextAt") WHERE "NextAt" IS NOT NULL;

CREATE INDEX "IX_Triggers_Type" ON "Triggers" ("Type") WHERE "Type" <> 'Manual';

CREATE INDEX "IX_Triggers_WorkflowId_Type" ON "Triggers" ("WorkflowId", "Type");

CREATE UNIQUE INDEX "EmailIndex" ON "Users" ("NormalizedEmail");

CREATE INDEX "IX_Users_Name" ON "Users" ("Name");

CREATE UNIQUE INDEX "UserNameIndex" ON "Users" ("NormalizedUserName");

CREATE INDEX "IX_WebhookReceipts_ReceivedAt" ON "WebhookReceipts" ("ReceivedAt");

CREATE INDEX "IX_WebhookReceipts_TriggerId_IsAuthentic_ReceivedAt" ON "WebhookReceipts" ("TriggerId", "IsAuthentic", "ReceivedAt");

CREATE INDEX "IX_WebhookReceipts_TriggerId_MessageKey" ON "WebhookReceipts" ("TriggerId", "MessageKey") WHERE "MessageKey" IS NOT NULL;

CREATE INDEX "IX_WebhookReceipts_TriggerId_ReceivedAt" ON "WebhookReceipts" ("TriggerId", "ReceivedAt");

CREATE UNIQUE INDEX "IX_WorkflowRuns_IdempotencyActor_IdempotencyKey" ON "WorkflowRuns" ("IdempotencyActor", "IdempotencyKey") WHERE "IdempotencyKey" IS NOT NULL;

CREATE INDEX "IX_WorkflowRuns_OpenReviews" ON "WorkflowRuns" ("OpenReviews") WHERE "OpenReviews" > 0;

CREATE INDEX "IX_WorkflowRuns_ParentRunId" ON "WorkflowRuns" ("ParentRunId") WHERE "ParentRunId" IS NOT NULL;

CREATE INDEX "IX_WorkflowRuns_QueuedAt" ON "WorkflowRuns" ("QueuedAt");

CREATE INDEX "IX_WorkflowRuns_StartedBy_QueuedAt" ON "WorkflowRuns" ("StartedBy", "QueuedAt");

CREATE INDEX "IX_WorkflowRuns_Status_FinishedAt" ON "WorkflowRuns" ("Status", "FinishedAt") WHERE "FinishedAt" IS NOT NULL;

CREATE INDEX "IX_WorkflowRuns_Status_QueuedAt" ON "WorkflowRuns" ("Status", "QueuedAt");

CREATE INDEX "IX_WorkflowRuns_TriggerId" ON "WorkflowRuns" ("TriggerId") WHERE "TriggerKind" = 'Scheduled';

CREATE INDEX "IX_WorkflowRuns_WorkflowId_QueuedAt" ON "WorkflowRuns" ("WorkflowId", "QueuedAt");

CREATE INDEX "IX_Workflows_Owner" ON "Workflows" ("Owner");

CREATE INDEX "IX_Workflows_Status_UpdatedAt" ON "Workflows" ("Status", "UpdatedAt");

CREATE INDEX "IX_Workflows_UpdatedAt" ON "Workflows" ("UpdatedAt");

CREATE INDEX "IX_Workflows_UpdatedBy" ON "Workflows" ("UpdatedBy");

CREATE INDEX "IX_WorkflowSteps_Model" ON "WorkflowSteps" ("Model");

CREATE INDEX "IX_WorkflowSteps_PromptId" ON "WorkflowSteps" ("PromptId");

CREATE INDEX "IX_WorkflowSteps_WorkflowId_Order" ON "WorkflowSteps" ("WorkflowId", "Order");

CREATE UNIQUE INDEX "IX_WorkflowVersions_WorkflowId_Number" ON "WorkflowVersions" ("WorkflowId", "Number");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123224536_Initial', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "StoredSettings" (
    "Key" TEXT NOT NULL CONSTRAINT "PK_StoredSettings" PRIMARY KEY,
    "Value" TEXT NULL,
    "Secret" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "UpdatedBy" TEXT NULL,
    CONSTRAINT "FK_StoredSettings_Users_UpdatedBy" FOREIGN KEY ("UpdatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE INDEX "IX_StoredSettings_UpdatedBy" ON "StoredSettings" ("UpdatedBy");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261124012900_StoredSettings', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "ModelProfiles" ADD "HideThinking" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ModelProfiles" ADD "MaxTokensField" TEXT NULL;

ALTER TABLE "ModelProfiles" ADD "SendsStreamOptions" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "ExecutionLogs" ADD "EstimatedTokens" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ExecutionLogs" ADD "FinishReason" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261128181500_ProfileDialects', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "Feedback" ADD "CorrectedOutput" TEXT NULL;

CREATE INDEX "IX_Feedback_Rating_CreatedAt" ON "Feedback" ("Rating", "CreatedAt");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129002804_FeedbackCorrections', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "TestSets" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TestSets" PRIMARY KEY,
    "PromptId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "NormalizedName" TEXT NOT NULL,
    "Checks" TEXT NOT NULL,
    "Version" INTEGER NOT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_TestSets_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_TestSets_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "TestCases" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TestCases" PRIMARY KEY,
    "TestSetId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Name" TEXT NOT NULL,
    "Inputs" TEXT NOT NULL,
    "Expected" TEXT NULL,
    "Tags" TEXT NOT NULL,
    "Origin" TEXT NOT NULL,
    "OriginId" TEXT NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_TestCases_TestSets_TestSetId" FOREIGN KEY ("TestSetId") REFERENCES "TestSets" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_TestCases_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "TestSetVersions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TestSetVersions" PRIMARY KEY,
    "TestSetId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Checks" TEXT NOT NULL,
    "Cases" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_TestSetVersions_TestSets_TestSetId" FOREIGN KEY ("TestSetId") REFERENCES "TestSets" ("Id") ON DELETE CASCADE
);

CREATE INDEX "IX_TestCases_CreatedBy" ON "TestCases" ("CreatedBy");

CREATE INDEX "IX_TestCases_OriginId" ON "TestCases" ("OriginId") WHERE "OriginId" IS NOT NULL;

CREATE INDEX "IX_TestCases_TestSetId_Number" ON "TestCases" ("TestSetId", "Number");

CREATE INDEX "IX_TestSets_CreatedBy" ON "TestSets" ("CreatedBy");

CREATE UNIQUE INDEX "IX_TestSets_PromptId_NormalizedName" ON "TestSets" ("PromptId", "NormalizedName");

CREATE INDEX "IX_TestSets_UpdatedAt" ON "TestSets" ("UpdatedAt");

CREATE UNIQUE INDEX "IX_TestSetVersions_TestSetId_Number" ON "TestSetVersions" ("TestSetId", "Number");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129003743_TestSets', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "Prompts" ADD "Messages" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "PromptVersions" ADD "Messages" TEXT NOT NULL DEFAULT '[]';

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129011000_PromptMessages', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "Workflows" ADD "TestSetId" TEXT NULL;

CREATE TABLE "Experiments" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Experiments" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "TestSetId" TEXT NOT NULL,
    "TestSetVersionId" TEXT NOT NULL,
    "Variants" TEXT NOT NULL,
    "Judges" TEXT NOT NULL,
    "Repetitions" INTEGER NOT NULL,
    "Status" TEXT NOT NULL,
    "CostBound" INTEGER NOT NULL,
    "StartedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "FinishedAt" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Experiments_TestSetVersions_TestSetVersionId" FOREIGN KEY ("TestSetVersionId") REFERENCES "TestSetVersions" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_Experiments_TestSets_TestSetId" FOREIGN KEY ("TestSetId") REFERENCES "TestSets" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_Experiments_Users_StartedBy" FOREIGN KEY ("StartedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE TABLE "ExperimentCells" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ExperimentCells" PRIMARY KEY,
    "ExperimentId" TEXT NOT NULL,
    "Variant" INTEGER NOT NULL,
    "CaseId" TEXT NOT NULL,
    "Repetition" INTEGER NOT NULL,
    "Order" INTEGER NOT NULL,
    "Status" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "RunId" TEXT NULL,
    "LogId" TEXT NULL,
    "Verdicts" TEXT NOT NULL,
    "Message" TEXT NULL,
    "InputTokens" INTEGER NOT NULL,
    "OutputTokens" INTEGER NOT NULL,
    "Cost" INTEGER NOT NULL,
    "JudgeCost" INTEGER NOT NULL,
    "DurationMs" INTEGER NOT NULL,
    CONSTRAINT "FK_ExperimentCells_Experiments_ExperimentId" FOREIGN KEY ("ExperimentId") REFERENCES "Experiments" ("Id") ON DELETE CASCADE
);

CREATE INDEX "IX_Workflows_TestSetId" ON "Workflows" ("TestSetId") WHERE "TestSetId" IS NOT NULL;

CREATE UNIQUE INDEX "IX_ExperimentCells_ExperimentId_CaseId_Variant_Repetition" ON "ExperimentCells" ("ExperimentId", "CaseId", "Variant", "Repetition");

CREATE INDEX "IX_ExperimentCells_ExperimentId_Status_Order" ON "ExperimentCells" ("ExperimentId", "Status", "Order");

CREATE INDEX "IX_Experiments_StartedBy" ON "Experiments" ("StartedBy");

CREATE INDEX "IX_Experiments_Status" ON "Experiments" ("Status");

CREATE INDEX "IX_Experiments_TestSetId_CreatedAt" ON "Experiments" ("TestSetId", "CreatedAt");

CREATE INDEX "IX_Experiments_TestSetVersionId" ON "Experiments" ("TestSetVersionId");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129011126_Experiments', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "Prompts" ADD "Metadata_IsPart" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Prompts" ADD "Parts" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "PromptVersions" ADD "Metadata_IsPart" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "PromptVersions" ADD "Parts" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "ExecutionLogs" ADD "PartVersions" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129012000_PromptParts', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
DROP INDEX "IX_WorkflowRuns_QueuedAt";

DROP INDEX "IX_ExecutionLogs_Timestamp";

ALTER TABLE "Feedback" ADD "PromptId" TEXT NOT NULL DEFAULT '';

UPDATE "Feedback" SET "PromptId" = coalesce((SELECT "PromptId" FROM "ExecutionLogs" WHERE "Id" = "Feedback"."ExecutionId"), '');

CREATE INDEX "IX_WorkflowRuns_Drafts" ON "WorkflowRuns" ("QueuedAt") WHERE "IsDraft";

CREATE INDEX "IX_WorkflowRuns_Pinned" ON "WorkflowRuns" ("QueuedAt") WHERE "Pinned";

CREATE INDEX "IX_WorkflowRuns_QueuedAt_Id" ON "WorkflowRuns" ("QueuedAt", "Id");

CREATE INDEX "IX_WorkflowRuns_TriggerKind_QueuedAt" ON "WorkflowRuns" ("TriggerKind", "QueuedAt") WHERE "TriggerKind" <> 'Manual';

CREATE INDEX "IX_Feedback_PromptId_Rating" ON "Feedback" ("PromptId", "Rating");

CREATE INDEX "IX_ExecutionLogs_Status_Timestamp" ON "ExecutionLogs" ("Status", "Timestamp") WHERE "Status" <> 'Success';

CREATE INDEX "IX_ExecutionLogs_Timestamp_Id" ON "ExecutionLogs" ("Timestamp", "Id");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129015549_ListOrder', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "CallRollups" (
    "Span" TEXT NOT NULL,
    "Start" TEXT NOT NULL,
    "IsRemoved" INTEGER NOT NULL,
    "WorkflowId" TEXT NOT NULL,
    "PromptVersionId" TEXT NOT NULL,
    "ModelProfileId" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "Calls" INTEGER NOT NULL,
    "InputTokens" INTEGER NOT NULL,
    "OutputTokens" INTEGER NOT NULL,
    "Cost" INTEGER NOT NULL,
    "Latency" BLOB NOT NULL,
    CONSTRAINT "PK_CallRollups" PRIMARY KEY ("Span", "Start", "WorkflowId", "PromptVersionId", "ModelProfileId", "Status", "IsRemoved")
);

CREATE TABLE "RatingRollups" (
    "Span" TEXT NOT NULL,
    "Start" TEXT NOT NULL,
    "IsRemoved" INTEGER NOT NULL,
    "WorkflowId" TEXT NOT NULL,
    "PromptVersionId" TEXT NOT NULL,
    "ModelProfileId" TEXT NOT NULL,
    "Ratings" INTEGER NOT NULL,
    "Sum" INTEGER NOT NULL,
    "Squares" INTEGER NOT NULL,
    CONSTRAINT "PK_RatingRollups" PRIMARY KEY ("Span", "Start", "WorkflowId", "PromptVersionId", "ModelProfileId", "IsRemoved")
);

CREATE TABLE "RollupProgress" (
    "Facts" TEXT NOT NULL CONSTRAINT "PK_RollupProgress" PRIMARY KEY,
    "Last" TEXT NULL,
    "Revision" INTEGER NOT NULL
);

CREATE TABLE "RunRollups" (
    "Span" TEXT NOT NULL,
    "Start" TEXT NOT NULL,
    "IsRemoved" INTEGER NOT NULL,
    "WorkflowId" TEXT NOT NULL,
    "TriggerKind" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "Runs" INTEGER NOT NULL,
    "InputTokens" INTEGER NOT NULL,
    "OutputTokens" INTEGER NOT NULL,
    "Cost" INTEGER NOT NULL,
    "Latency" BLOB NOT NULL,
    CONSTRAINT "PK_RunRollups" PRIMARY KEY ("Span", "Start", "WorkflowId", "TriggerKind", "UserId", "Status", "IsRemoved")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129034204_Rollups', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "ChangeRequests" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ChangeRequests" PRIMARY KEY,
    "PromptId" TEXT NULL,
    "Label" TEXT NULL,
    "WorkflowId" TEXT NULL,
    "From" TEXT NULL,
    "To" TEXT NOT NULL,
    "WorkflowVersionId" TEXT NULL,
    "Note" TEXT NOT NULL,
    "RequestedBy" TEXT NULL,
    "RequestedAt" TEXT NOT NULL,
    "AuthorId" TEXT NULL,
    "ExperimentId" TEXT NULL,
    "Status" TEXT NOT NULL,
    "ClosedBy" TEXT NULL,
    "ClosedAt" TEXT NULL,
    "Reason" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_ChangeRequests_Experiments_ExperimentId" FOREIGN KEY ("ExperimentId") REFERENCES "Experiments" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_ChangeRequests_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_ChangeRequests_Users_ClosedBy" FOREIGN KEY ("ClosedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_ChangeRequests_Users_RequestedBy" FOREIGN KEY ("RequestedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_ChangeRequests_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Protections" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Protections" PRIMARY KEY,
    "PromptId" TEXT NULL,
    "Label" TEXT NULL,
    "WorkflowId" TEXT NULL,
    "TestSetId" TEXT NULL,
    "ModelProfileId" TEXT NULL,
    "MinPassPercent" INTEGER NOT NULL,
    "MaxRegressions" INTEGER NOT NULL,
    "Approvals" INTEGER NOT NULL,
    "UpdatedBy" TEXT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Protections_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_Protections_TestSets_TestSetId" FOREIGN KEY ("TestSetId") REFERENCES "TestSets" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_Protections_Users_UpdatedBy" FOREIGN KEY ("UpdatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_Protections_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);

CREATE TABLE "ChangeEntries" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ChangeEntries" PRIMARY KEY,
    "ChangeRequestId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "UserId" TEXT NULL,
    "Text" TEXT NOT NULL,
    "At" TEXT NOT NULL,
    CONSTRAINT "FK_ChangeEntries_ChangeRequests_ChangeRequestId" FOREIGN KEY ("ChangeRequestId") REFERENCES "ChangeRequests" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_ChangeEntries_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "IX_ChangeEntries_Approval" ON "ChangeEntries" ("ChangeRequestId", "UserId") WHERE "Kind" = 'Approval';

CREATE INDEX "IX_ChangeEntries_ChangeRequestId_At" ON "ChangeEntries" ("ChangeRequestId", "At");

CREATE INDEX "IX_ChangeEntries_UserId" ON "ChangeEntries" ("UserId");

CREATE INDEX "IX_ChangeRequests_ClosedBy" ON "ChangeRequests" ("ClosedBy");

CREATE INDEX "IX_ChangeRequests_ExperimentId" ON "ChangeRequests" ("ExperimentId");

CREATE INDEX "IX_ChangeRequests_PromptId_Label" ON "ChangeRequests" ("PromptId", "Label");

CREATE INDEX "IX_ChangeRequests_RequestedAt_Id" ON "ChangeRequests" ("RequestedAt", "Id");

CREATE INDEX "IX_ChangeRequests_RequestedBy" ON "ChangeRequests" ("RequestedBy");

CREATE INDEX "IX_ChangeRequests_Status_RequestedAt" ON "ChangeRequests" ("Status", "RequestedAt");

CREATE INDEX "IX_ChangeRequests_WorkflowId" ON "ChangeRequests" ("WorkflowId");

CREATE UNIQUE INDEX "IX_Protections_PromptId_Label" ON "Protections" ("PromptId", "Label");

CREATE INDEX "IX_Protections_TestSetId" ON "Protections" ("TestSetId");

CREATE INDEX "IX_Protections_UpdatedBy" ON "Protections" ("UpdatedBy");

CREATE UNIQUE INDEX "IX_Protections_WorkflowId" ON "Protections" ("WorkflowId");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129034725_Approvals', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "RunEvents" ADD "Following" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129040100_SharedEventRows', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "Workflows" ADD "AreArmsStopped" INTEGER NOT NULL DEFAULT 0;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129044000_ArmsSwitch', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
INSERT INTO "TestSets" ("Id", "PromptId", "Name", "NormalizedName", "Checks", "Version", "CreatedAt", "UpdatedAt", "Revision")
SELECT MIN(e."Id"), e."PromptId", 'Examples', 'EXAMPLES', '[]', 0, MIN(e."CreatedAt"), MAX(e."CreatedAt"), 0
FROM "PromptExamples" e
WHERE NOT EXISTS (SELECT 1 FROM "TestSets" s WHERE s."PromptId" = e."PromptId" AND s."NormalizedName" = 'EXAMPLES')
GROUP BY e."PromptId";

UPDATE "TestSets"
SET "Version" = "Version" + 1, "Revision" = "Revision" + 1
WHERE "NormalizedName" = 'EXAMPLES' AND "PromptId" IN (SELECT "PromptId" FROM "PromptExamples");

INSERT INTO "TestCases" ("Id", "TestSetId", "Number", "Name", "Inputs", "Expected", "Tags", "Origin", "CreatedBy", "CreatedAt")
SELECT
    e."Id",
    s."Id",
    (SELECT COALESCE(MAX(c."Number"), 0) FROM "TestCases" c WHERE c."TestSetId" = s."Id")
        + ROW_NUMBER() OVER (PARTITION BY s."Id" ORDER BY e."CreatedAt", e."Id"),
    e."Name",
    e."Values",
    NULL,
    '[]',
    'Example',
    e."CreatedBy",
    e."CreatedAt"
FROM "PromptExamples" e
JOIN "TestSets" s ON s."PromptId" = e."PromptId" AND s."NormalizedName" = 'EXAMPLES';

DROP TABLE "PromptExamples";

ALTER TABLE "Experiments" ADD "IdempotencyActor" TEXT NULL;

ALTER TABLE "Experiments" ADD "IdempotencyHash" TEXT NULL;

ALTER TABLE "Experiments" ADD "IdempotencyKey" TEXT NULL;

ALTER TABLE "ExperimentCells" ADD "Fingerprint" TEXT NULL;

ALTER TABLE "ExperimentCells" ADD "ReusedFrom" TEXT NULL;

CREATE UNIQUE INDEX "IX_Experiments_IdempotencyActor_IdempotencyKey" ON "Experiments" ("IdempotencyActor", "IdempotencyKey") WHERE "IdempotencyKey" IS NOT NULL;

CREATE INDEX "IX_ExperimentCells_Fingerprint" ON "ExperimentCells" ("Fingerprint") WHERE "Fingerprint" IS NOT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129065418_ExamplesAsCases', '10.0.15');

COMMIT;

PRAGMA foreign_keys = 0;
BEGIN IMMEDIATE;
CREATE TABLE "NewTestSets" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TestSets" PRIMARY KEY,
    "Checks" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "CreatedBy" TEXT NULL,
    "IsBatch" INTEGER NOT NULL DEFAULT 0,
    "Name" TEXT NOT NULL,
    "NormalizedName" TEXT NOT NULL,
    "OutputKey" TEXT NULL,
    "PromptId" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Version" INTEGER NOT NULL,
    "WorkflowId" TEXT NULL,
    CONSTRAINT "FK_TestSets_Prompts_PromptId" FOREIGN KEY ("PromptId") REFERENCES "Prompts" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_TestSets_Users_CreatedBy" FOREIGN KEY ("CreatedBy") REFERENCES "Users" ("Id") ON DELETE SET NULL,
    CONSTRAINT "FK_TestSets_Workflows_WorkflowId" FOREIGN KEY ("WorkflowId") REFERENCES "Workflows" ("Id") ON DELETE CASCADE
);
INSERT INTO "NewTestSets"
    ("Id", "Checks", "CreatedAt", "CreatedBy", "Name", "NormalizedName", "PromptId", "Revision", "UpdatedAt", "Version")
SELECT "Id", "Checks", "CreatedAt", "CreatedBy", "Name", "NormalizedName", "PromptId", "Revision", "UpdatedAt", "Version"
FROM "TestSets";
DROP TABLE "TestSets";
ALTER TABLE "NewTestSets" RENAME TO "TestSets";
CREATE INDEX "IX_TestSets_CreatedBy" ON "TestSets" ("CreatedBy");
CREATE UNIQUE INDEX "IX_TestSets_PromptId_NormalizedName" ON "TestSets" ("PromptId", "NormalizedName");
CREATE INDEX "IX_TestSets_UpdatedAt" ON "TestSets" ("UpdatedAt");
CREATE UNIQUE INDEX "IX_TestSets_WorkflowId_NormalizedName" ON "TestSets" ("WorkflowId", "NormalizedName");
COMMIT;
PRAGMA foreign_keys = 1;

BEGIN TRANSACTION;
ALTER TABLE "Workflows" ADD "BudgetOf" TEXT NULL;

ALTER TABLE "TestSetVersions" ADD "Columns" TEXT NULL;

ALTER TABLE "TestSetVersions" ADD "OutputKey" TEXT NULL;

ALTER TABLE "Experiments" ADD "Definitions" TEXT NULL;

CREATE INDEX "IX_Workflows_BudgetOf" ON "Workflows" ("BudgetOf") WHERE "BudgetOf" IS NOT NULL;

COMMIT;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129074139_WorkflowTestSets', '10.0.15');

BEGIN TRANSACTION;
ALTER TABLE "TestSetVersions" ADD "CaseCount" INTEGER NOT NULL DEFAULT 0;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129103000_TestSetCaseCounts', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
DROP INDEX "IX_Feedback_ExecutionId_UserId";

ALTER TABLE "Feedback" ADD "EndUser" TEXT NOT NULL DEFAULT '';

ALTER TABLE "ExecutionLogs" ADD "Source" TEXT NULL;

ALTER TABLE "ApiKeys" ADD "ModelProfileIds" TEXT NOT NULL DEFAULT '[]';

CREATE UNIQUE INDEX "IX_Feedback_ExecutionId_UserId_EndUser" ON "Feedback" ("ExecutionId", "UserId", "EndUser");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129130216_ApplicationCalls', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "OpenIdSessions" (
    "SessionId" TEXT NOT NULL CONSTRAINT "PK_OpenIdSessions" PRIMARY KEY,
    "Issuer" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "ProviderSession" TEXT NULL,
    "RefreshToken" TEXT NULL,
    "CheckedAt" TEXT NOT NULL,
    CONSTRAINT "FK_OpenIdSessions_Sessions_SessionId" FOREIGN KEY ("SessionId") REFERENCES "Sessions" ("Id") ON DELETE CASCADE
);

CREATE INDEX "IX_OpenIdSessions_Issuer_Subject" ON "OpenIdSessions" ("Issuer", "Subject");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129160300_OpenIdSessions', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "ModelProfiles" ADD "CachesPrompts" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ModelProfiles" ADD "EndsOn" TEXT NULL;

ALTER TABLE "ModelProfiles" ADD "ExtraBody" TEXT NULL;

ALTER TABLE "ModelProfiles" ADD "ExtraHeaders" TEXT NULL;

ALTER TABLE "ModelProfiles" ADD "Fallbacks" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "ModelProfiles" ADD "Parameters_Effort" TEXT NULL;

ALTER TABLE "ModelProfiles" ADD "Parameters_Seed" INTEGER NULL;

ALTER TABLE "ModelProfiles" ADD "Prices_CacheWritePerMillion" INTEGER NULL;

ALTER TABLE "ExecutionLogs" ADD "CacheSaving" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ExecutionLogs" ADD "CacheWriteTokens" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ExecutionLogs" ADD "CachedTokens" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ExecutionLogs" ADD "FallbackReason" TEXT NULL;

ALTER TABLE "ExecutionLogs" ADD "ReasoningTokens" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "ExecutionLogs" ADD "Thinking" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129171043_ModelCalls', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "StoredFiles" (
    "Hash" TEXT NOT NULL CONSTRAINT "PK_StoredFiles" PRIMARY KEY,
    "MediaType" TEXT NOT NULL,
    "Size" INTEGER NOT NULL,
    "Width" INTEGER NULL,
    "Height" INTEGER NULL,
    "Pages" INTEGER NULL,
    "TextLength" INTEGER NULL,
    "CreatedBy" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "LastSentAt" TEXT NOT NULL
);

CREATE TABLE "FileChunks" (
    "Hash" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Content" BLOB NOT NULL,
    CONSTRAINT "PK_FileChunks" PRIMARY KEY ("Hash", "Number"),
    CONSTRAINT "FK_FileChunks_StoredFiles_Hash" FOREIGN KEY ("Hash") REFERENCES "StoredFiles" ("Hash") ON DELETE CASCADE
);

CREATE TABLE "FileTexts" (
    "Hash" TEXT NOT NULL CONSTRAINT "PK_FileTexts" PRIMARY KEY,
    "Text" TEXT NOT NULL,
    CONSTRAINT "FK_FileTexts_StoredFiles_Hash" FOREIGN KEY ("Hash") REFERENCES "StoredFiles" ("Hash") ON DELETE CASCADE
);

CREATE TABLE "FileUses" (
    "Hash" TEXT NOT NULL,
    "Owner" TEXT NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "PK_FileUses" PRIMARY KEY ("Hash", "Owner", "OwnerId"),
    CONSTRAINT "FK_FileUses_StoredFiles_Hash" FOREIGN KEY ("Hash") REFERENCES "StoredFiles" ("Hash") ON DELETE RESTRICT
);

CREATE INDEX "IX_FileUses_Owner_OwnerId" ON "FileUses" ("Owner", "OwnerId");

CREATE INDEX "IX_StoredFiles_LastSentAt" ON "StoredFiles" ("LastSentAt");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129191341_FilesAsInputs', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "IntegrationHooks" ADD "Body" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129200410_HookBodies', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "ModelProfiles" ADD "ContextTokens" INTEGER NULL;

ALTER TABLE "ModelProfiles" ADD "TakesPictures" INTEGER NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129225759_ModelAbilities', '10.0.15');

COMMIT;
