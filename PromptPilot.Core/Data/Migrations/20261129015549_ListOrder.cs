using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ListOrder : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WorkflowRuns_QueuedAt",
                table: "WorkflowRuns");

            migrationBuilder.DropIndex(
                name: "IX_ExecutionLogs_Timestamp",
                table: "ExecutionLogs");

            migrationBuilder.AddColumn<string>(
                name: "PromptId",
                table: "Feedback",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.Sql(
                """UPDATE "Feedback" SET "PromptId" = coalesce((SELECT "PromptId" FROM "ExecutionLogs" WHERE "Id" = "Feedback"."ExecutionId"), '');""");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_Drafts",
                table: "WorkflowRuns",
                column: "QueuedAt",
                filter: "\"IsDraft\"");

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
                name: "IX_WorkflowRuns_TriggerKind_QueuedAt",
                table: "WorkflowRuns",
                columns: new[] { "TriggerKind", "QueuedAt" },
                filter: "\"TriggerKind\" <> 'Manual'");

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_PromptId_Rating",
                table: "Feedback",
                columns: new[] { "PromptId", "Rating" });

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_Status_Timestamp",
                table: "ExecutionLogs",
                columns: new[] { "Status", "Timestamp" },
                filter: "\"Status\" <> 'Success'");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_Timestamp_Id",
                table: "ExecutionLogs",
                columns: new[] { "Timestamp", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WorkflowRuns_Drafts",
                table: "WorkflowRuns");

            migrationBuilder.DropIndex(
                name: "IX_WorkflowRuns_Pinned",
                table: "WorkflowRuns");

            migrationBuilder.DropIndex(
                name: "IX_WorkflowRuns_QueuedAt_Id",
                table: "WorkflowRuns");

            migrationBuilder.DropIndex(
                name: "IX_WorkflowRuns_TriggerKind_QueuedAt",
                table: "WorkflowRuns");

            migrationBuilder.DropIndex(
                name: "IX_Feedback_PromptId_Rating",
                table: "Feedback");

            migrationBuilder.DropIndex(
                name: "IX_ExecutionLogs_Status_Timestamp",
                table: "ExecutionLogs");

            migrationBuilder.DropIndex(
                name: "IX_ExecutionLogs_Timestamp_Id",
                table: "ExecutionLogs");

            migrationBuilder.DropColumn(
                name: "PromptId",
                table: "Feedback");

            migrationBuilder.CreateIndex(
                name: "IX_WorkflowRuns_QueuedAt",
                table: "WorkflowRuns",
                column: "QueuedAt");

            migrationBuilder.CreateIndex(
                name: "IX_ExecutionLogs_Timestamp",
                table: "ExecutionLogs",
                column: "Timestamp");
        }
    }
}
