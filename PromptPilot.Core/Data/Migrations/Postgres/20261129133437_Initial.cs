using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PromptPilot.Core.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "AuditEntries",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ActorKind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    ActorId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ActorName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    ApiKeyId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ApiKeyName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    Action = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    SubjectId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SubjectName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    RemoteAddress = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    UserAgent = table.Column<string>(type: "text", maxLength: 300, nullable: true, collation: "C"),
                    Changes = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditEntries", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "CallRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Start = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsRemoved = table.Column<bool>(type: "boolean", nullable: false),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ModelProfileId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Calls = table.Column<long>(type: "bigint", nullable: false),
                    InputTokens = table.Column<long>(type: "bigint", nullable: false),
                    OutputTokens = table.Column<long>(type: "bigint", nullable: false),
                    Cost = table.Column<long>(type: "bigint", nullable: false),
                    Latency = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CallRollups", x => new { x.Span, x.Start, x.WorkflowId, x.PromptVersionId, x.ModelProfileId, x.Status, x.IsRemoved });
                });

            migrationBuilder.CreateTable(
                name: "DeletedCosts",
                columns: table => new
                {
                    Day = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ModelProfileId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Cost = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DeletedCosts", x => new { x.Day, x.ModelProfileId, x.WorkflowId });
                });

            migrationBuilder.CreateTable(
                name: "RatingRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Start = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsRemoved = table.Column<bool>(type: "boolean", nullable: false),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ModelProfileId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Ratings = table.Column<long>(type: "bigint", nullable: false),
                    Sum = table.Column<long>(type: "bigint", nullable: false),
                    Squares = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RatingRollups", x => new { x.Span, x.Start, x.WorkflowId, x.PromptVersionId, x.ModelProfileId, x.IsRemoved });
                });

            migrationBuilder.CreateTable(
                name: "RollupProgress",
                columns: table => new
                {
                    Facts = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Last = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RollupProgress", x => x.Facts);
                });

            migrationBuilder.CreateTable(
                name: "RunRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Start = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsRemoved = table.Column<bool>(type: "boolean", nullable: false),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TriggerKind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Runs = table.Column<long>(type: "bigint", nullable: false),
                    InputTokens = table.Column<long>(type: "bigint", nullable: false),
                    OutputTokens = table.Column<long>(type: "bigint", nullable: false),
                    Cost = table.Column<long>(type: "bigint", nullable: false),
                    Latency = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunRollups", x => new { x.Span, x.Start, x.WorkflowId, x.TriggerKind, x.UserId, x.Status, x.IsRemoved });
                });

            migrationBuilder.CreateTable(
                name: "Users",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Role = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastLogin = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    IsLocked = table.Column<bool>(type: "boolean", nullable: false),
                    TotpKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TotpStep = table.Column<long>(type: "bigint", nullable: false),
                    RecoveryCodes = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    Preferences_DefaultModel = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Preferences_NoSingleKeys = table.Column<bool>(type: "boolean", nullable: false),
                    Preferences_Theme = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    UserName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    NormalizedUserName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    Email = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    NormalizedEmail = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    EmailConfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    PasswordHash = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SecurityStamp = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ConcurrencyStamp = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PhoneNumber = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    PhoneNumberConfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    TwoFactorEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    LockoutEnd = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    LockoutEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    AccessFailedCount = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Users", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ApiKeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Prefix = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Hash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Scope = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    ModelProfileIds = table.Column<List<string>>(type: "text[]", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastUsedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RevokedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApiKeys_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserClaims",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ClaimType = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ClaimValue = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserClaims", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AspNetUserClaims_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserLogins",
                columns: table => new
                {
                    LoginProvider = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    ProviderKey = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    ProviderDisplayName = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserLogins", x => new { x.LoginProvider, x.ProviderKey });
                    table.ForeignKey(
                        name: "FK_AspNetUserLogins_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserPasskeys",
                columns: table => new
                {
                    CredentialId = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Data = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserPasskeys", x => x.CredentialId);
                    table.ForeignKey(
                        name: "FK_AspNetUserPasskeys_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserTokens",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    LoginProvider = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Value = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserTokens", x => new { x.UserId, x.LoginProvider, x.Name });
                    table.ForeignKey(
                        name: "FK_AspNetUserTokens_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ModelProfiles",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    NormalizedName = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Provider = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Endpoint = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Model = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ApiKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ApiKeySetAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Roles = table.Column<string[]>(type: "text[]", nullable: false),
                    StructuredOutput = table.Column<bool>(type: "boolean", nullable: false),
                    HideThinking = table.Column<bool>(type: "boolean", nullable: false),
                    MaxTokensField = table.Column<string>(type: "text", maxLength: 40, nullable: true, collation: "C"),
                    SendsStreamOptions = table.Column<bool>(type: "boolean", nullable: false),
                    Enabled = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    Budgets_Day = table.Column<long>(type: "bigint", nullable: true),
                    Budgets_Month = table.Column<long>(type: "bigint", nullable: true),
                    Limits_AttemptSeconds = table.Column<int>(type: "integer", nullable: false),
                    Limits_ConcurrentCalls = table.Column<int>(type: "integer", nullable: true),
                    Limits_FirstTokenSeconds = table.Column<int>(type: "integer", nullable: false),
                    Limits_IdleSeconds = table.Column<int>(type: "integer", nullable: false),
                    Limits_RequestsPerMinute = table.Column<int>(type: "integer", nullable: true),
                    Parameters_MaxTokens = table.Column<int>(type: "integer", nullable: false),
                    Parameters_Stop = table.Column<List<string>>(type: "text[]", nullable: false),
                    Parameters_Temperature = table.Column<double>(type: "double precision", nullable: true),
                    Parameters_TopP = table.Column<double>(type: "double precision", nullable: true),
                    Prices_CachedInputPerMillion = table.Column<long>(type: "bigint", nullable: true),
                    Prices_InputPerMillion = table.Column<long>(type: "bigint", nullable: false),
                    Prices_OutputPerMillion = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelProfiles", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ModelProfiles_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "Notifications",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Title = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Cause = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Link = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ReadAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FactKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CauseKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    MailDueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    MailAttempts = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Notifications", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Notifications_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Prompts",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    NormalizedName = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Content = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SystemMessage = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Messages = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Parts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Variables = table.Column<List<string>>(type: "text[]", nullable: false),
                    VariableDefinitions = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    LatestVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Archived = table.Column<bool>(type: "boolean", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    Metadata_Category = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Metadata_IsPart = table.Column<bool>(type: "boolean", nullable: false),
                    Metadata_Tags = table.Column<List<string>>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Prompts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Prompts_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "Sessions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastSeenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsStrong = table.Column<bool>(type: "boolean", nullable: false),
                    RemoteAddress = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    UserAgent = table.Column<string>(type: "text", maxLength: 300, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sessions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Sessions_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StoredSettings",
                columns: table => new
                {
                    Key = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Value = table.Column<string>(type: "text", maxLength: 8000, nullable: true, collation: "C"),
                    Secret = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedBy = table.Column<string>(type: "text", maxLength: 36, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StoredSettings", x => x.Key);
                    table.ForeignKey(
                        name: "FK_StoredSettings_Users_UpdatedBy",
                        column: x => x.UpdatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "Workflows",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    Inputs = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Options = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Limits = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Owner = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    PublishedVersion = table.Column<int>(type: "integer", nullable: true),
                    PublishedVersionId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    AreArmsStopped = table.Column<bool>(type: "boolean", nullable: false),
                    HasUnpublishedChanges = table.Column<bool>(type: "boolean", nullable: false),
                    TestSetId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    BudgetOf = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Workflows", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Workflows_Users_Owner",
                        column: x => x.Owner,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_Workflows_Users_UpdatedBy",
                        column: x => x.UpdatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "PromptVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Content = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SystemMessage = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Messages = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Parts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Variables = table.Column<List<string>>(type: "text[]", nullable: false),
                    VariableDefinitions = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Metadata_Category = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Metadata_IsPart = table.Column<bool>(type: "boolean", nullable: false),
                    Metadata_Tags = table.Column<List<string>>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PromptVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_PromptVersions_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "IntegrationHooks",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    NormalizedName = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Type = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    TargetUrl = table.Column<string>(type: "text", maxLength: 2000, nullable: false, collation: "C"),
                    SecretUrl = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    AuthToken = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    LinkedWorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    On = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Outputs = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Enabled = table.Column<bool>(type: "boolean", nullable: false),
                    DisabledReason = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IntegrationHooks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_IntegrationHooks_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_IntegrationHooks_Workflows_LinkedWorkflowId",
                        column: x => x.LinkedWorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TestSets",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    OutputKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IsBatch = table.Column<bool>(type: "boolean", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 120, nullable: false, collation: "C"),
                    NormalizedName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Checks = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TestSets", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TestSets_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TestSets_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_TestSets_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Triggers",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Type = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Enabled = table.Column<bool>(type: "boolean", nullable: false),
                    Inputs = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Schedule = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    NextAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastFiredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Webhook = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Triggers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Triggers_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WorkflowRuns",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowVersionId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    WorkflowVersion = table.Column<int>(type: "integer", nullable: true),
                    IsDraft = table.Column<bool>(type: "boolean", nullable: false),
                    OnlyStep = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Definition = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ResolvedPrompts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ParentRunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Inputs = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Outputs = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ErrorCode = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    ErrorMessage = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ErrorStepId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TriggerKind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    TriggerId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TriggerPayload = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    StartedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Priority = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    QueuedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DurationMs = table.Column<long>(type: "bigint", nullable: true),
                    InputTokens = table.Column<long>(type: "bigint", nullable: false),
                    OutputTokens = table.Column<long>(type: "bigint", nullable: false),
                    Cost = table.Column<long>(type: "bigint", nullable: false),
                    LastSeq = table.Column<int>(type: "integer", nullable: false),
                    CancelRequested = table.Column<bool>(type: "boolean", nullable: false),
                    LeaseOwner = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    LeaseUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LeaseEpoch = table.Column<int>(type: "integer", nullable: false),
                    ResumeAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    OpenReviews = table.Column<int>(type: "integer", nullable: false),
                    Pinned = table.Column<bool>(type: "boolean", nullable: false),
                    IdempotencyActor = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IdempotencyKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IdempotencyHash = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WorkflowRuns", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WorkflowRuns_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WorkflowSteps",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptVersion = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PromptLabel = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Model = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    InputMapping = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    OutputKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Order = table.Column<int>(type: "integer", nullable: false),
                    Options = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WorkflowSteps", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WorkflowSteps_ModelProfiles_Model",
                        column: x => x.Model,
                        principalTable: "ModelProfiles",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_WorkflowSteps_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_WorkflowSteps_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WorkflowVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Definition = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WorkflowVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WorkflowVersions_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PromptLabels",
                columns: table => new
                {
                    PromptId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    PromptVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UpdatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PromptLabels", x => new { x.PromptId, x.Name });
                    table.ForeignKey(
                        name: "FK_PromptLabels_PromptVersions_PromptVersionId",
                        column: x => x.PromptVersionId,
                        principalTable: "PromptVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_PromptLabels_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "HookDeliveries",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    HookId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    RunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Event = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    State = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Payload = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    Failures = table.Column<int>(type: "integer", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    NextAttemptAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastVerdict = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    LastStatus = table.Column<int>(type: "integer", nullable: true),
                    LastError = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_HookDeliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_HookDeliveries_IntegrationHooks_HookId",
                        column: x => x.HookId,
                        principalTable: "IntegrationHooks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Protections",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Label = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TestSetId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ModelProfileId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    MinPassPercent = table.Column<int>(type: "integer", nullable: false),
                    MaxRegressions = table.Column<int>(type: "integer", nullable: false),
                    Approvals = table.Column<int>(type: "integer", nullable: false),
                    UpdatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Protections", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Protections_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Protections_TestSets_TestSetId",
                        column: x => x.TestSetId,
                        principalTable: "TestSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Protections_Users_UpdatedBy",
                        column: x => x.UpdatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_Protections_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TestCases",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TestSetId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Inputs = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Expected = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    Origin = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    OriginId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TestCases", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TestCases_TestSets_TestSetId",
                        column: x => x.TestSetId,
                        principalTable: "TestSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TestCases_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "TestSetVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TestSetId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Checks = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Cases = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CaseCount = table.Column<int>(type: "integer", nullable: false),
                    OutputKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Columns = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TestSetVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TestSetVersions_TestSets_TestSetId",
                        column: x => x.TestSetId,
                        principalTable: "TestSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TriggerFirings",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TriggerId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DecidedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Outcome = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Reason = table.Column<string>(type: "text", maxLength: 1000, nullable: true, collation: "C"),
                    RunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Count = table.Column<int>(type: "integer", nullable: false),
                    AskedBy = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TriggerFirings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TriggerFirings_Triggers_TriggerId",
                        column: x => x.TriggerId,
                        principalTable: "Triggers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WebhookReceipts",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TriggerId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ReceivedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Verdict = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Reason = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    StatusCode = table.Column<int>(type: "integer", nullable: false),
                    ContentType = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Headers = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Body = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    BodyBytes = table.Column<long>(type: "bigint", nullable: false),
                    IsWhole = table.Column<bool>(type: "boolean", nullable: false),
                    IsAuthentic = table.Column<bool>(type: "boolean", nullable: false),
                    MessageKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ReplayOf = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RemoteAddress = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookReceipts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WebhookReceipts_Triggers_TriggerId",
                        column: x => x.TriggerId,
                        principalTable: "Triggers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ExecutionLogs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    RunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    StepId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    OutputKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PartVersions = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Source = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    ModelProfileId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ItemIndex = table.Column<int>(type: "integer", nullable: true),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    Input = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Output = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ModelUsed = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    ErrorCode = table.Column<string>(type: "text", maxLength: 32, nullable: true, collation: "C"),
                    ErrorMessage = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Truncated = table.Column<bool>(type: "boolean", nullable: false),
                    FinishReason = table.Column<string>(type: "text", maxLength: 60, nullable: true, collation: "C"),
                    EstimatedTokens = table.Column<bool>(type: "boolean", nullable: false),
                    Timestamp = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DurationMs = table.Column<long>(type: "bigint", nullable: false),
                    FirstTokenMs = table.Column<long>(type: "bigint", nullable: true),
                    InputTokens = table.Column<int>(type: "integer", nullable: false),
                    OutputTokens = table.Column<int>(type: "integer", nullable: false),
                    Cost = table.Column<long>(type: "bigint", nullable: false),
                    UserId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ItemKey = table.Column<int>(type: "integer", nullable: false, computedColumnSql: "coalesce(\"ItemIndex\", -1)", stored: true),
                    RowNumber = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExecutionLogs", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ExecutionLogs_WorkflowRuns_RunId",
                        column: x => x.RunId,
                        principalTable: "WorkflowRuns",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RunEvents",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Seq = table.Column<int>(type: "integer", nullable: false),
                    Type = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    StepId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ItemIndex = table.Column<int>(type: "integer", nullable: true),
                    Attempt = table.Column<int>(type: "integer", nullable: true),
                    Payload = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Following = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RowNumber = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunEvents", x => new { x.RunId, x.Seq });
                    table.ForeignKey(
                        name: "FK_RunEvents_WorkflowRuns_RunId",
                        column: x => x.RunId,
                        principalTable: "WorkflowRuns",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "HookAttempts",
                columns: table => new
                {
                    DeliveryId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Verdict = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    StatusCode = table.Column<int>(type: "integer", nullable: true),
                    Detail = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Excerpt = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DurationMs = table.Column<long>(type: "bigint", nullable: false),
                    NextAttemptAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_HookAttempts", x => new { x.DeliveryId, x.Number });
                    table.ForeignKey(
                        name: "FK_HookAttempts_HookDeliveries_DeliveryId",
                        column: x => x.DeliveryId,
                        principalTable: "HookDeliveries",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Experiments",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    TestSetId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TestSetVersionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Variants = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Definitions = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Judges = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Repetitions = table.Column<int>(type: "integer", nullable: false),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    CostBound = table.Column<long>(type: "bigint", nullable: false),
                    StartedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IdempotencyActor = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IdempotencyKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IdempotencyHash = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Experiments", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Experiments_TestSetVersions_TestSetVersionId",
                        column: x => x.TestSetVersionId,
                        principalTable: "TestSetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Experiments_TestSets_TestSetId",
                        column: x => x.TestSetId,
                        principalTable: "TestSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Experiments_Users_StartedBy",
                        column: x => x.StartedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "Feedback",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ExecutionId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    EndUser = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Rating = table.Column<int>(type: "integer", nullable: false),
                    Comment = table.Column<string>(type: "text", maxLength: 4000, nullable: false, collation: "C"),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    CorrectedOutput = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    RowNumber = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Feedback", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Feedback_ExecutionLogs_ExecutionId",
                        column: x => x.ExecutionId,
                        principalTable: "ExecutionLogs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Feedback_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ChangeRequests",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PromptId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Label = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    WorkflowId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    From = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    To = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WorkflowVersionId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Note = table.Column<string>(type: "text", maxLength: 1000, nullable: false, collation: "C"),
                    RequestedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RequestedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    AuthorId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ExperimentId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    ClosedBy = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ClosedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Reason = table.Column<string>(type: "text", maxLength: 1000, nullable: true, collation: "C"),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ChangeRequests", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ChangeRequests_Experiments_ExperimentId",
                        column: x => x.ExperimentId,
                        principalTable: "Experiments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_ChangeRequests_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ChangeRequests_Users_ClosedBy",
                        column: x => x.ClosedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_ChangeRequests_Users_RequestedBy",
                        column: x => x.RequestedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_ChangeRequests_Workflows_WorkflowId",
                        column: x => x.WorkflowId,
                        principalTable: "Workflows",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ExperimentCells",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ExperimentId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Variant = table.Column<int>(type: "integer", nullable: false),
                    CaseId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Repetition = table.Column<int>(type: "integer", nullable: false),
                    Order = table.Column<int>(type: "integer", nullable: false),
                    Status = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    RunId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    LogId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Verdicts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    InputTokens = table.Column<long>(type: "bigint", nullable: false),
                    OutputTokens = table.Column<long>(type: "bigint", nullable: false),
                    Cost = table.Column<long>(type: "bigint", nullable: false),
                    JudgeCost = table.Column<long>(type: "bigint", nullable: false),
                    DurationMs = table.Column<long>(type: "bigint", nullable: false),
                    Fingerprint = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ReusedFrom = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExperimentCells", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ExperimentCells_Experiments_ExperimentId",
                        column: x => x.ExperimentId,
                        principalTable: "Experiments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ChangeEntries",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ChangeRequestId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Text = table.Column<string>(type: "text", maxLength: 4000, nullable: false, collation: "C"),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ChangeEntries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ChangeEntries_ChangeRequests_ChangeRequestId",
                        column: x => x.ChangeRequestId,
                        principalTable: "ChangeRequests",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ChangeEntries_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_Hash",
                table: "ApiKeys",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_UserId_CreatedAt",
                table: "ApiKeys",
                columns: new[] { "UserId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserClaims_UserId",
                table: "AspNetUserClaims",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserLogins_UserId",
                table: "AspNetUserLogins",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserPasskeys_UserId",
                table: "AspNetUserPasskeys",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_Action_Sequence",
                table: "AuditEntries",
                columns: new[] { "Action", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_ActorId_Sequence",
                table: "AuditEntries",
                columns: new[] { "ActorId", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_At",
                table: "AuditEntries",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_Kind_Sequence",
                table: "AuditEntries",
                columns: new[] { "Kind", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_ChangeEntries_Approval",
                table: "ChangeEntries",
                columns: new[] { "ChangeRequestId", "UserId" },
                unique: true,
                filter: "\"Kind\" = 'Approval'");

            migrationBuilder.CreateIndex(
                name: "IX_ChangeEntries_ChangeRequestId_At",
                table: "ChangeEntries",
                columns: new[] { "ChangeRequestId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_ChangeEntries_UserId",
                table: "ChangeEntries",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_ClosedBy",
                table: "ChangeRequests",
                column: "ClosedBy");

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_ExperimentId",
                table: "ChangeRequests",
                column: "ExperimentId");

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_PromptId_Label",
                table: "ChangeRequests",
                columns: new[] { "PromptId", "Label" });

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_RequestedAt_Id",
                table: "ChangeRequests",
                columns: new[] { "RequestedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_RequestedBy",
                table: "ChangeRequests",
                column: "RequestedBy");

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_Status_RequestedAt",
                table: "ChangeRequests",
                columns: new[] { "Status", "RequestedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ChangeRequests_WorkflowId",
                table: "ChangeRequests",
                column: "WorkflowId");

            migrationBuilder.CreateIndex(
                name: "IX_DeletedCosts_ModelProfileId",
                table: "DeletedCosts",
                column: "ModelProfileId");

            migrationBuilder.CreateIndex(
                name: "IX_DeletedCosts_WorkflowId",
                table: "DeletedCosts",
                column: "WorkflowId");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_ModelProfileId_Timestamp",
                table: "ExecutionLogs",
                columns: new[] { "ModelProfileId", "Timestamp" });

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_OneSuccess",
                table: "ExecutionLogs",
                columns: new[] { "RunId", "StepId", "ItemKey" },
                unique: true,
                filter: "\"Status\" = 'Success' AND \"RunId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_PromptId_Timestamp",
                table: "ExecutionLogs",
                columns: new[] { "PromptId", "Timestamp" });

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_RowNumber",
                table: "ExecutionLogs",
                column: "RowNumber",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_RunId",
                table: "ExecutionLogs",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_Status_Timestamp",
                table: "ExecutionLogs",
                columns: new[] { "Status", "Timestamp" },
                filter: "\"Status\" <> 'Success'");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_Timestamp_Id",
                table: "ExecutionLogs",
                columns: new[] { "Timestamp", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_WorkflowId_Timestamp",
                table: "ExecutionLogs",
                columns: new[] { "WorkflowId", "Timestamp" });

            migrationBuilder.CreateIndex(
                name: "IX_ExperimentCells_ExperimentId_CaseId_Variant_Repetition",
                table: "ExperimentCells",
                columns: new[] { "ExperimentId", "CaseId", "Variant", "Repetition" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ExperimentCells_ExperimentId_Status_Order",
                table: "ExperimentCells",
                columns: new[] { "ExperimentId", "Status", "Order" });

            migrationBuilder.CreateIndex(
                name: "IX_ExperimentCells_Fingerprint",
                table: "ExperimentCells",
                column: "Fingerprint",
                filter: "\"Fingerprint\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_IdempotencyActor_IdempotencyKey",
                table: "Experiments",
                columns: new[] { "IdempotencyActor", "IdempotencyKey" },
                unique: true,
                filter: "\"IdempotencyKey\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_StartedBy",
                table: "Experiments",
                column: "StartedBy");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_Status",
                table: "Experiments",
                column: "Status");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_TestSetId_CreatedAt",
                table: "Experiments",
                columns: new[] { "TestSetId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_TestSetVersionId",
                table: "Experiments",
                column: "TestSetVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_CreatedAt",
                table: "Feedback",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_ExecutionId_UserId_EndUser",
                table: "Feedback",
                columns: new[] { "ExecutionId", "UserId", "EndUser" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_PromptId_Rating",
                table: "Feedback",
                columns: new[] { "PromptId", "Rating" });

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_Rating_CreatedAt",
                table: "Feedback",
                columns: new[] { "Rating", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_RowNumber",
                table: "Feedback",
                column: "RowNumber",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_UserId",
                table: "Feedback",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_HookDeliveries_Due",
                table: "HookDeliveries",
                columns: new[] { "HookId", "NextAttemptAt" },
                filter: "\"NextAttemptAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_HookDeliveries_EndedAt",
                table: "HookDeliveries",
                column: "EndedAt",
                filter: "\"EndedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_HookDeliveries_HookId_CreatedAt",
                table: "HookDeliveries",
                columns: new[] { "HookId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_HookDeliveries_HookId_State_CreatedAt",
                table: "HookDeliveries",
                columns: new[] { "HookId", "State", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_HookDeliveries_RunId",
                table: "HookDeliveries",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_IntegrationHooks_CreatedBy",
                table: "IntegrationHooks",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_IntegrationHooks_LinkedWorkflowId",
                table: "IntegrationHooks",
                column: "LinkedWorkflowId");

            migrationBuilder.CreateIndex(
                name: "IX_IntegrationHooks_NormalizedName_Id",
                table: "IntegrationHooks",
                columns: new[] { "NormalizedName", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ModelProfiles_CreatedBy",
                table: "ModelProfiles",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_ModelProfiles_NormalizedName",
                table: "ModelProfiles",
                column: "NormalizedName",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_CauseKey_CreatedAt",
                table: "Notifications",
                columns: new[] { "CauseKey", "CreatedAt" },
                filter: "\"CauseKey\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_CreatedAt",
                table: "Notifications",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_FactKey",
                table: "Notifications",
                column: "FactKey");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_MailDueAt",
                table: "Notifications",
                column: "MailDueAt",
                filter: "\"MailDueAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_Unread",
                table: "Notifications",
                column: "UserId",
                filter: "\"ReadAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_UserId_CreatedAt_Id",
                table: "Notifications",
                columns: new[] { "UserId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Notifications_UserId_FactKey",
                table: "Notifications",
                columns: new[] { "UserId", "FactKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PromptLabels_Name",
                table: "PromptLabels",
                column: "Name");

            migrationBuilder.CreateIndex(
                name: "IX_PromptLabels_PromptVersionId",
                table: "PromptLabels",
                column: "PromptVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_Prompts_Archived_NormalizedName",
                table: "Prompts",
                columns: new[] { "Archived", "NormalizedName" });

            migrationBuilder.CreateIndex(
                name: "IX_Prompts_Archived_UpdatedAt",
                table: "Prompts",
                columns: new[] { "Archived", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Prompts_CreatedBy",
                table: "Prompts",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_Prompts_NormalizedName",
                table: "Prompts",
                column: "NormalizedName",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PromptVersions_PromptId_Number",
                table: "PromptVersions",
                columns: new[] { "PromptId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PromptVersions_PromptId_Version",
                table: "PromptVersions",
                columns: new[] { "PromptId", "Version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Protections_PromptId_Label",
                table: "Protections",
                columns: new[] { "PromptId", "Label" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Protections_TestSetId",
                table: "Protections",
                column: "TestSetId");

            migrationBuilder.CreateIndex(
                name: "IX_Protections_UpdatedBy",
                table: "Protections",
                column: "UpdatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_Protections_WorkflowId",
                table: "Protections",
                column: "WorkflowId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RunEvents_RowNumber",
                table: "RunEvents",
                column: "RowNumber",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Sessions_UserId_LastSeenAt",
                table: "Sessions",
                columns: new[] { "UserId", "LastSeenAt" });

            migrationBuilder.CreateIndex(
                name: "IX_StoredSettings_UpdatedBy",
                table: "StoredSettings",
                column: "UpdatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_TestCases_CreatedBy",
                table: "TestCases",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_TestCases_OriginId",
                table: "TestCases",
                column: "OriginId",
                filter: "\"OriginId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_TestCases_TestSetId_Number",
                table: "TestCases",
                columns: new[] { "TestSetId", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_TestSets_CreatedBy",
                table: "TestSets",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_TestSets_PromptId_NormalizedName",
                table: "TestSets",
                columns: new[] { "PromptId", "NormalizedName" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TestSets_UpdatedAt",
                table: "TestSets",
                column: "UpdatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_TestSets_WorkflowId_NormalizedName",
                table: "TestSets",
                columns: new[] { "WorkflowId", "NormalizedName" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TestSetVersions_TestSetId_Number",
                table: "TestSetVersions",
                columns: new[] { "TestSetId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TriggerFirings_DueAt",
                table: "TriggerFirings",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_TriggerFirings_Open",
                table: "TriggerFirings",
                columns: new[] { "Outcome", "DueAt" },
                filter: "\"Outcome\" IN ('Starting', 'Waiting')");

            migrationBuilder.CreateIndex(
                name: "IX_TriggerFirings_TriggerId_DueAt",
                table: "TriggerFirings",
                columns: new[] { "TriggerId", "DueAt" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Triggers_NextAt",
                table: "Triggers",
                column: "NextAt",
                filter: "\"NextAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Triggers_Type",
                table: "Triggers",
                column: "Type",
                filter: "\"Type\" <> 'Manual'");

            migrationBuilder.CreateIndex(
                name: "IX_Triggers_WorkflowId_Type",
                table: "Triggers",
                columns: new[] { "WorkflowId", "Type" });

            migrationBuilder.CreateIndex(
                name: "EmailIndex",
                table: "Users",
                column: "NormalizedEmail",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Users_Name",
                table: "Users",
                column: "Name");

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                table: "Users",
                column: "NormalizedUserName",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_WebhookReceipts_ReceivedAt",
                table: "WebhookReceipts",
                column: "ReceivedAt");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookReceipts_TriggerId_IsAuthentic_ReceivedAt",
                table: "WebhookReceipts",
                columns: new[] { "TriggerId", "IsAuthentic", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookReceipts_TriggerId_MessageKey",
                table: "WebhookReceipts",
                columns: new[] { "TriggerId", "MessageKey" },
                filter: "\"MessageKey\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookReceipts_TriggerId_ReceivedAt",
                table: "WebhookReceipts",
                columns: new[] { "TriggerId", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_Drafts",
                table: "WorkflowRuns",
                column: "QueuedAt",
                filter: "\"IsDraft\"");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_IdempotencyActor_IdempotencyKey",
                table: "WorkflowRuns",
                columns: new[] { "IdempotencyActor", "IdempotencyKey" },
                unique: true,
                filter: "\"IdempotencyKey\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_OpenReviews",
                table: "WorkflowRuns",
                column: "OpenReviews",
                filter: "\"OpenReviews\" > 0");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_ParentRunId",
                table: "WorkflowRuns",
                column: "ParentRunId",
                filter: "\"ParentRunId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_Pinned",
                table: "WorkflowRuns",
                column: "QueuedAt",
                filter: "\"Pinned\"");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_QueuedAt_Id",
                table: "WorkflowRuns",
                columns: new[] { "QueuedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_StartedBy_QueuedAt",
                table: "WorkflowRuns",
                columns: new[] { "StartedBy", "QueuedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_Status_FinishedAt",
                table: "WorkflowRuns",
                columns: new[] { "Status", "FinishedAt" },
                filter: "\"FinishedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_Status_QueuedAt",
                table: "WorkflowRuns",
                columns: new[] { "Status", "QueuedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_TriggerId",
                table: "WorkflowRuns",
                column: "TriggerId",
                filter: "\"TriggerKind\" = 'Scheduled'");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_TriggerKind_QueuedAt",
                table: "WorkflowRuns",
                columns: new[] { "TriggerKind", "QueuedAt" },
                filter: "\"TriggerKind\" <> 'Manual'");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_WorkflowId_QueuedAt",
                table: "WorkflowRuns",
                columns: new[] { "WorkflowId", "QueuedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_BudgetOf",
                table: "Workflows",
                column: "BudgetOf",
                filter: "\"BudgetOf\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_Owner",
                table: "Workflows",
                column: "Owner");

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_Status_UpdatedAt",
                table: "Workflows",
                columns: new[] { "Status", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_TestSetId",
                table: "Workflows",
                column: "TestSetId",
                filter: "\"TestSetId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_UpdatedAt",
                table: "Workflows",
                column: "UpdatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_UpdatedBy",
                table: "Workflows",
                column: "UpdatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowSteps_Model",
                table: "WorkflowSteps",
                column: "Model");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowSteps_PromptId",
                table: "WorkflowSteps",
                column: "PromptId");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowSteps_WorkflowId_Order",
                table: "WorkflowSteps",
                columns: new[] { "WorkflowId", "Order" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowVersions_WorkflowId_Number",
                table: "WorkflowVersions",
                columns: new[] { "WorkflowId", "Number" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "AspNetUserClaims");

            migrationBuilder.DropTable(
                name: "AspNetUserLogins");

            migrationBuilder.DropTable(
                name: "AspNetUserPasskeys");

            migrationBuilder.DropTable(
                name: "AspNetUserTokens");

            migrationBuilder.DropTable(
                name: "AuditEntries");

            migrationBuilder.DropTable(
                name: "CallRollups");

            migrationBuilder.DropTable(
                name: "ChangeEntries");

            migrationBuilder.DropTable(
                name: "DeletedCosts");

            migrationBuilder.DropTable(
                name: "ExperimentCells");

            migrationBuilder.DropTable(
                name: "Feedback");

            migrationBuilder.DropTable(
                name: "HookAttempts");

            migrationBuilder.DropTable(
                name: "Notifications");

            migrationBuilder.DropTable(
                name: "PromptLabels");

            migrationBuilder.DropTable(
                name: "Protections");

            migrationBuilder.DropTable(
                name: "RatingRollups");

            migrationBuilder.DropTable(
                name: "RollupProgress");

            migrationBuilder.DropTable(
                name: "RunEvents");

            migrationBuilder.DropTable(
                name: "RunRollups");

            migrationBuilder.DropTable(
                name: "Sessions");

            migrationBuilder.DropTable(
                name: "StoredSettings");

            migrationBuilder.DropTable(
                name: "TestCases");

            migrationBuilder.DropTable(
                name: "TriggerFirings");

            migrationBuilder.DropTable(
                name: "WebhookReceipts");

            migrationBuilder.DropTable(
                name: "WorkflowSteps");

            migrationBuilder.DropTable(
                name: "WorkflowVersions");

            migrationBuilder.DropTable(
                name: "ChangeRequests");

            migrationBuilder.DropTable(
                name: "ExecutionLogs");

            migrationBuilder.DropTable(
                name: "HookDeliveries");

            migrationBuilder.DropTable(
                name: "PromptVersions");

            migrationBuilder.DropTable(
                name: "Triggers");

            migrationBuilder.DropTable(
                name: "ModelProfiles");

            migrationBuilder.DropTable(
                name: "Experiments");

            migrationBuilder.DropTable(
                name: "WorkflowRuns");

            migrationBuilder.DropTable(
                name: "IntegrationHooks");

            migrationBuilder.DropTable(
                name: "TestSetVersions");

            migrationBuilder.DropTable(
                name: "TestSets");

            migrationBuilder.DropTable(
                name: "Prompts");

            migrationBuilder.DropTable(
                name: "Workflows");

            migrationBuilder.DropTable(
                name: "Users");
        }
    }
}
