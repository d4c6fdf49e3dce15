using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptPilot.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class FeedbackCorrections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "CorrectedOutput",
                table: "Feedback",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Feedback_Rating_CreatedAt",
                table: "Feedback",
                columns: new[] { "Rating", "CreatedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Feedback_Rating_CreatedAt",
                table: "Feedback");

            migrationBuilder.DropColumn(
                name: "CorrectedOutput",
                table: "Feedback");
        }
    }
}
