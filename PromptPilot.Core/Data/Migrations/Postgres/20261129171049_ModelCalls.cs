using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ModelCalls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "CachesPrompts",
                table: "ModelProfiles",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "EndsOn",
                table: "ModelProfiles",
                type: "text",
                maxLength: 10,
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "ExtraBody",
                table: "ModelProfiles",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "ExtraHeaders",
                table: "ModelProfiles",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<List<string>>(
                name: "Fallbacks",
                table: "ModelProfiles",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "Parameters_Effort",
                table: "ModelProfiles",
                type: "text",
                maxLength: 32,
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<int>(
                name: "Parameters_Seed",
                table: "ModelProfiles",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Prices_CacheWritePerMillion",
                table: "ModelProfiles",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CacheSaving",
                table: "ExecutionLogs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "CacheWriteTokens",
                table: "ExecutionLogs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "CachedTokens",
                table: "ExecutionLogs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "FallbackReason",
                table: "ExecutionLogs",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<int>(
                name: "ReasoningTokens",
                table: "ExecutionLogs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Thinking",
                table: "ExecutionLogs",
                type: "text",
                nullable: true,
                collation: "C");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "CachesPrompts",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "EndsOn",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "ExtraBody",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "ExtraHeaders",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "Fallbacks",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "Parameters_Effort",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "Parameters_Seed",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "Prices_CacheWritePerMillion",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "CacheSaving",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "CacheWriteTokens",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "CachedTokens",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "FallbackReason",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "ReasoningTokens",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "Thinking",
                table: "ExecutionLogs");
        }
    }
}
