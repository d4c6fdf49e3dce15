using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class OpenIdSessions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "OpenIdSessions",
                columns: table => new
                {
                    SessionId = table.Column<string>(type: "text", maxLength: 36, nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", maxLength: 255, nullable: false, collation: "C"),
                    Subject = table.Column<string>(type: "text", maxLength: 255, nullable: false, collation: "C"),
                    ProviderSession = table.Column<string>(type: "text", maxLength: 255, nullable: true, collation: "C"),
                    RefreshToken = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CheckedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OpenIdSessions", x => x.SessionId);
                    table.ForeignKey(
                        name: "FK_OpenIdSessions_Sessions_SessionId",
                        column: x => x.SessionId,
                        principalTable: "Sessions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_OpenIdSessions_Issuer_Subject",
                table: "OpenIdSessions",
                columns: new[] { "Issuer", "Subject" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "OpenIdSessions");
        }
    }
}
