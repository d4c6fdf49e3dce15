using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "CallRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Start = table.Column<DateTime>(type: "TEXT", nullable: false),
                    IsRemoved = table.Column<bool>(type: "INTEGER", nullable: false),
                    WorkflowId = table.Column<string>(type: "TEXT", nullable: false),
                    PromptVersionId = table.Column<string>(type: "TEXT", nullable: false),
                    ModelProfileId = table.Column<string>(type: "TEXT", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Calls = table.Column<long>(type: "INTEGER", nullable: false),
                    InputTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    OutputTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    Cost = table.Column<long>(type: "INTEGER", nullable: false),
                    Latency = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CallRollups", x => new { x.Span, x.Start, x.WorkflowId, x.PromptVersionId, x.ModelProfileId, x.Status, x.IsRemoved });
                });

            migrationBuilder.CreateTable(
                name: "RatingRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Start = table.Column<DateTime>(type: "TEXT", nullable: false),
                    IsRemoved = table.Column<bool>(type: "INTEGER", nullable: false),
                    WorkflowId = table.Column<string>(type: "TEXT", nullable: false),
                    PromptVersionId = table.Column<string>(type: "TEXT", nullable: false),
                    ModelProfileId = table.Column<string>(type: "TEXT", nullable: false),
                    Ratings = table.Column<long>(type: "INTEGER", nullable: false),
                    Sum = table.Column<long>(type: "INTEGER", nullable: false),
                    Squares = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RatingRollups", x => new { x.Span, x.Start, x.WorkflowId, x.PromptVersionId, x.ModelProfileId, x.IsRemoved });
                });

            migrationBuilder.CreateTable(
                name: "RollupProgress",
                columns: table => new
                {
                    Facts = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Last = table.Column<string>(type: "TEXT", nullable: true),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RollupProgress", x => x.Facts);
                });

            migrationBuilder.CreateTable(
                name: "RunRollups",
                columns: table => new
                {
                    Span = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Start = table.Column<DateTime>(type: "TEXT", nullable: false),
                    IsRemoved = table.Column<bool>(type: "INTEGER", nullable: false),
                    WorkflowId = table.Column<string>(type: "TEXT", nullable: false),
                    TriggerKind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Runs = table.Column<long>(type: "INTEGER", nullable: false),
                    InputTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    OutputTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    Cost = table.Column<long>(type: "INTEGER", nullable: false),
                    Latency = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunRollups", x => new { x.Span, x.Start, x.WorkflowId, x.TriggerKind, x.UserId, x.Status, x.IsRemoved });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "CallRollups");

            migrationBuilder.DropTable(
                name: "RatingRollups");

            migrationBuilder.DropTable(
                name: "RollupProgress");

            migrationBuilder.DropTable(
                name: "RunRollups");
        }
    }
}
