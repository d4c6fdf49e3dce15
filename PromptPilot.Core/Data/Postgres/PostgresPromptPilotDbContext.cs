using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Runs;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>The PostgreSQL form of the context; carries PostgreSQL's migrations.</summary>
internal sealed class PostgresPromptPilotDbContext(DbContextOptions<PostgresPromptPilotDbContext> options) : PromptPilotDbContext(options)
{
    /// <summary>A column that only PostgreSQL has: SQLite numbers its rows itself.</summary>
    internal const string RowNumberColumn = "RowNumber";

    internal override bool HasOneWriter => false;

    internal override string RowNumber => $"\"{RowNumberColumn}\"";

    internal override string TextOfTime(string column) => $"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')";

    protected override bool LikeIgnoresCase => false;

    internal override Task LockAsync(bool isExclusive, CancellationToken cancellationToken) =>
        this.ExecuteUncachedAsync(isExclusive ? PostgresLocks.BeginExclusive : PostgresLocks.BeginShared, cancellationToken);

    internal override Task LockAccountAsync(string account, CancellationToken cancellationToken) =>
        this.ExecuteUncachedAsync(PostgresLocks.Account, [("@account", account)], cancellationToken);

    internal override Task ShareSetupCodeAsync(string host, string hash, CancellationToken cancellationToken) =>
        Database.ExecuteSqlRawAsync(HostTable.ShareCode, [hash, host], cancellationToken);

    internal override Task<bool> HasSetupCodeAsync(string hash, CancellationToken cancellationToken) =>
        Database.SqlQueryRaw<bool>(HostTable.HasCode, hash).SingleAsync(cancellationToken);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        // Versions before 18 have no computed columns that are not stored.
        builder.Entity<ExecutionLog>().Property<int>("ItemKey").HasComputedColumnSql("coalesce(\"ItemIndex\", -1)", stored: true);
        foreach (var type in new[] { typeof(RunEvent), typeof(ExecutionLog), typeof(Feedback.Feedback) })
        {
            builder.Entity(type).Property<long>(RowNumberColumn).UseIdentityAlwaysColumn();
            builder.Entity(type).HasIndex(RowNumberColumn).IsUnique();
        }

        foreach (var property in builder.Model.GetEntityTypes().SelectMany(PropertiesOf).Where(IsText))
        {
            // As on SQLite: any length, ordered by code point, whatever locale the database was created with.
            property.SetColumnType("text");
            property.SetCollation("C");
        }
    }

    private static IEnumerable<IMutableProperty> PropertiesOf(IMutableTypeBase type) =>
        type.GetProperties().Concat(type.GetComplexProperties().SelectMany(complex => PropertiesOf(complex.ComplexType)));

    private static bool IsText(IMutableProperty property) =>
        (property.GetValueConverter()?.ProviderClrType ?? property.GetProviderClrType() ?? property.ClrType) == typeof(string);
}

/// <summary>For <c>dotnet ef</c> only.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresPromptPilotDbContext>
{
    public PostgresPromptPilotDbContext CreateDbContext(string[] args) =>
        new(
            new DbContextOptionsBuilder<PostgresPromptPilotDbContext>()
                .UseApplicationServiceProvider(new ServiceCollection().AddIdentitySchema().BuildServiceProvider())
                .UseNpgsql("Host=localhost;Database=design")
                .Options
        );
}
