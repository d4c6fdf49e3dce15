using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ExamplesAsCases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Saved examples become cases of the prompt's test set "Examples", which is made where there is none. Its id is that of the
            // prompt's first example.
            migrationBuilder.Sql(
                """
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
                """);

            migrationBuilder.DropTable(
                name: "PromptExamples");

            migrationBuilder.AddColumn<string>(
                name: "IdempotencyActor",
                table: "Experiments",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "IdempotencyHash",
                table: "Experiments",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "IdempotencyKey",
                table: "Experiments",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Fingerprint",
                table: "ExperimentCells",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ReusedFrom",
                table: "ExperimentCells",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_IdempotencyActor_IdempotencyKey",
                table: "Experiments",
                columns: new[] { "IdempotencyActor", "IdempotencyKey" },
                unique: true,
                filter: "\"IdempotencyKey\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ExperimentCells_Fingerprint",
                table: "ExperimentCells",
                column: "Fingerprint",
                filter: "\"Fingerprint\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Experiments_IdempotencyActor_IdempotencyKey",
                table: "Experiments");

            migrationBuilder.DropIndex(
                name: "IX_ExperimentCells_Fingerprint",
                table: "ExperimentCells");

            migrationBuilder.DropColumn(
                name: "IdempotencyActor",
                table: "Experiments");

            migrationBuilder.DropColumn(
                name: "IdempotencyHash",
                table: "Experiments");

            migrationBuilder.DropColumn(
                name: "IdempotencyKey",
                table: "Experiments");

            migrationBuilder.DropColumn(
                name: "Fingerprint",
                table: "ExperimentCells");

            migrationBuilder.DropColumn(
                name: "ReusedFrom",
                table: "ExperimentCells");

            migrationBuilder.CreateTable(
                name: "PromptExamples",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    PromptId = table.Column<string>(type: "TEXT", nullable: false),
                    Values = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PromptExamples", x => x.Id);
                    table.ForeignKey(
                        name: "FK_PromptExamples_Prompts_PromptId",
                        column: x => x.PromptId,
                        principalTable: "Prompts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_PromptExamples_Users_CreatedBy",
                        column: x => x.CreatedBy,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateIndex(
                name: "IX_PromptExamples_CreatedBy",
                table: "PromptExamples",
                column: "CreatedBy");

            migrationBuilder.CreateIndex(
                name: "IX_PromptExamples_PromptId_Name",
                table: "PromptExamples",
                columns: new[] { "PromptId", "Name" },
                unique: true);

            // Examples with the name of another one stay cases: they never were examples.
            migrationBuilder.Sql(
                """
                INSERT OR IGNORE INTO "PromptExamples" ("Id", "PromptId", "Name", "Values", "CreatedBy", "CreatedAt")
                SELECT c."Id", s."PromptId", c."Name", c."Inputs", c."CreatedBy", c."CreatedAt"
                FROM "TestCases" c
                JOIN "TestSets" s ON s."Id" = c."TestSetId"
                WHERE c."Origin" = 'Example'
                ORDER BY c."CreatedAt", c."Id";

                UPDATE "TestCases" SET "Origin" = 'Manual' WHERE "Origin" = 'Example' AND "Id" NOT IN (SELECT "Id" FROM "PromptExamples");

                DELETE FROM "TestCases" WHERE "Origin" = 'Example';

                DELETE FROM "TestSets"
                WHERE "NormalizedName" = 'EXAMPLES'
                    AND "Id" IN (SELECT "Id" FROM "PromptExamples")
                    AND NOT EXISTS (SELECT 1 FROM "TestCases" c WHERE c."TestSetId" = "TestSets"."Id");
                """);
        }
    }
}
