using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Feedback;

internal sealed class FeedbackConfiguration : IEntityTypeConfiguration<Feedback>
{
    public void Configure(EntityTypeBuilder<Feedback> builder)
    {
        builder.ToTable("Feedback");
        builder.Property(f => f.Comment).HasMaxLength(4000);
        builder.Property(f => f.Revision).IsConcurrencyToken();
        builder.Property(f => f.EndUser).HasMaxLength(FeedbackService.MaxEndUser);
        builder
            .HasIndex(f => new
            {
                f.ExecutionId,
                f.UserId,
                f.EndUser,
            })
            .IsUnique();
        builder.HasIndex(f => f.CreatedAt);
        builder.HasIndex(f => new { f.Rating, f.CreatedAt });
        builder.HasIndex(f => new { f.PromptId, f.Rating });
        builder.HasOne<ExecutionLog>().WithMany().HasForeignKey(f => f.ExecutionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(f => f.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
