using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Data;

/// <summary>The SQLite form of the context; carries SQLite's migrations.</summary>
internal sealed class SqlitePromptPilotDbContext(DbContextOptions<SqlitePromptPilotDbContext> options) : PromptPilotDbContext(options)
{
    internal override bool HasOneWriter => true;

    internal override string RowNumber => "rowid";

    internal override string TextOfTime(string column) => column;

    /// <summary>One host owns the file, so its own gate is all there is.</summary>
    internal override Task LockAsync(bool isExclusive, CancellationToken cancellationToken) => Task.CompletedTask;
}

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
internal sealed class NeutralContextFactory<T>(IDbContextFactory<T> inner) : IDbContextFactory<PromptPilotDbContext>
    where T : PromptPilotDbContext
{
    public PromptPilotDbContext CreateDbContext() => inner.CreateDbContext();

    public async Task<PromptPilotDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await inner.CreateDbContextAsync(cancellationToken);
}
