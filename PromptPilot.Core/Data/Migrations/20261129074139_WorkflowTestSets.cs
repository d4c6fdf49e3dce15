using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class WorkflowTestSets : Migration
    {
        private const string MakeAnew = """
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
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // SQLite cannot make a column nullable: the table is made anew. Foreign keys are off meanwhile, or the old table would take its
            // cases along, and that can only be said outside a transaction. The script has its own, and gives the same when it runs again:
            // a start that is killed at any point is repeated as a whole.
            migrationBuilder.Sql(MakeAnew, suppressTransaction: true);

            migrationBuilder.AddColumn<string>(
                name: "BudgetOf",
                table: "Workflows",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Columns",
                table: "TestSetVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "OutputKey",
                table: "TestSetVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Definitions",
                table: "Experiments",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Workflows_BudgetOf",
                table: "Workflows",
                column: "BudgetOf",
                filter: "\"BudgetOf\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_TestSets_Workflows_WorkflowId",
                table: "TestSets");

            migrationBuilder.DropIndex(
                name: "IX_Workflows_BudgetOf",
                table: "Workflows");

            migrationBuilder.DropIndex(
                name: "IX_TestSets_WorkflowId_NormalizedName",
                table: "TestSets");

            migrationBuilder.DropColumn(
                name: "BudgetOf",
                table: "Workflows");

            migrationBuilder.DropColumn(
                name: "Columns",
                table: "TestSetVersions");

            migrationBuilder.DropColumn(
                name: "OutputKey",
                table: "TestSetVersions");

            migrationBuilder.DropColumn(
                name: "IsBatch",
                table: "TestSets");

            migrationBuilder.DropColumn(
                name: "OutputKey",
                table: "TestSets");

            migrationBuilder.DropColumn(
                name: "WorkflowId",
                table: "TestSets");

            migrationBuilder.DropColumn(
                name: "Definitions",
                table: "Experiments");

            migrationBuilder.AlterColumn<string>(
                name: "PromptId",
                table: "TestSets",
                type: "TEXT",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldNullable: true);
        }
    }
}
