using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Data;

/// <summary>The SQLite form of the context; carries SQLite's migrations.</summary>
internal sealed class SqlitePromptPilotDbContext(DbContextOptions<SqlitePromptPilotDbContext> options) : PromptPilotDbContext(options);

/// <summary>For <c>dotnet ef</c> only.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqlitePromptPilotDbContext>
{
    public SqlitePromptPilotDbContext CreateDbContext(string[] args) =>
        new(
            new DbContextOptionsBuilder<SqlitePromptPilotDbContext>()
                .UseApplicationServiceProvider(new ServiceCollection().AddIdentitySchema().BuildServiceProvider())
                .UseSqlite("Data Source=design.db")
                .Options
        );
}

/// <summary>Returns the provider's context where the neutral one is requested.</summary>
internal sealed class NeutralContextFactory(IDbContextFactory<SqlitePromptPilotDbContext> inner) : IDbContextFactory<PromptPilotDbContext>
{
    public PromptPilotDbContext CreateDbContext() => inner.CreateDbContext();

    public async Task<PromptPilotDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await inner.CreateDbContextAsync(cancellationToken);
}
