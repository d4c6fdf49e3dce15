using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ApplicationCalls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Feedback_ExecutionId_UserId",
                table: "Feedback");

            migrationBuilder.AddColumn<string>(
                name: "EndUser",
                table: "Feedback",
                type: "TEXT",
                maxLength: 200,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Source",
                table: "ExecutionLogs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ModelProfileIds",
                table: "ApiKeys",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_ExecutionId_UserId_EndUser",
                table: "Feedback",
                columns: new[] { "ExecutionId", "UserId", "EndUser" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Feedback_ExecutionId_UserId_EndUser",
                table: "Feedback");

            migrationBuilder.DropColumn(
                name: "EndUser",
                table: "Feedback");

            migrationBuilder.DropColumn(
                name: "Source",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "ModelProfileIds",
                table: "ApiKeys");

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_ExecutionId_UserId",
                table: "Feedback",
                columns: new[] { "ExecutionId", "UserId" },
                unique: true);
        }
    }
}
