using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class SharedEventRows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Following",
                table: "RunEvents",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Each event gets a row of its own, as before.
            migrationBuilder.Sql(
                """
                INSERT INTO "RunEvents" ("RunId", "Seq", "Type", "StepId", "ItemIndex", "Attempt", "Payload", "At")
                SELECT
                    r."RunId",
                    r."Seq" + 1 + f."key",
                    upper(substr(f."value" ->> 'type', 1, 1)) || substr(f."value" ->> 'type', 2),
                    f."value" ->> 'stepId',
                    f."value" ->> 'itemIndex',
                    f."value" ->> 'attempt',
                    f."value" -> 'payload',
                    replace(rtrim(f."value" ->> 'at', 'Z'), 'T', ' ')
                FROM "RunEvents" r, json_each(r."Following") f
                """);

            migrationBuilder.DropColumn(
                name: "Following",
                table: "RunEvents");
        }
    }
}
