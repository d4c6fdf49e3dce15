using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ProfileDialects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "HideThinking",
                table: "ModelProfiles",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "MaxTokensField",
                table: "ModelProfiles",
                type: "TEXT",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "SendsStreamOptions",
                table: "ModelProfiles",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "EstimatedTokens",
                table: "ExecutionLogs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "FinishReason",
                table: "ExecutionLogs",
                type: "TEXT",
                maxLength: 60,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "EstimatedTokens",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "FinishReason",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "HideThinking",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "MaxTokensField",
                table: "ModelProfiles");

            migrationBuilder.DropColumn(
                name: "SendsStreamOptions",
                table: "ModelProfiles");
        }
    }
}
