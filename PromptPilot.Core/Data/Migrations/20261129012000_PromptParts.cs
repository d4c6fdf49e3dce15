using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class PromptParts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Metadata_IsPart",
                table: "Prompts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Parts",
                table: "Prompts",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<bool>(
                name: "Metadata_IsPart",
                table: "PromptVersions",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Parts",
                table: "PromptVersions",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<string>(
                name: "PartVersions",
                table: "ExecutionLogs",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "PartVersions",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "Parts",
                table: "PromptVersions");

            migrationBuilder.DropColumn(
                name: "Metadata_IsPart",
                table: "PromptVersions");

            migrationBuilder.DropColumn(
                name: "Parts",
                table: "Prompts");

            migrationBuilder.DropColumn(
                name: "Metadata_IsPart",
                table: "Prompts");
        }
    }
}
