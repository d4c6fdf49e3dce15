using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Tests.Unit.Data;

/// <summary>Both databases have the same tables, and migrations of their own for each change of the model.</summary>
public sealed class ModelParityTests
{
    /// <summary>The only differences: SQLite numbers its rows itself.</summary>
    private static readonly string[] OnlyInPostgres =
    [
        "column ExecutionLogs.RowNumber",
        "column Feedback.RowNumber",
        "column RunEvents.RowNumber",
        "index ExecutionLogs (RowNumber) unique ",
        "index Feedback (RowNumber) unique ",
        "index RunEvents (RowNumber) unique ",
    ];

    [Fact]
    public void Models_OfBothDatabases_AreTheSame()
    {
        using var sqlite = new SqliteDesignTimeFactory().CreateDbContext([]);
        using var postgres = new PostgresDesignTimeFactory().CreateDbContext([]);
        var (left, right) = (Describe(sqlite), Describe(postgres));

        right.Except(left).Should().BeEquivalentTo(OnlyInPostgres);
        left.Except(right).Should().BeEmpty();
        left.Should().HaveCountGreaterThan(300, "tables, columns and indexes are compared");
    }

    [Fact]
    public void Migrations_OfPostgres_LackNothing()
    {
        using var postgres = new PostgresDesignTimeFactory().CreateDbContext([]);

        postgres
            .Database.HasPendingModelChanges()
            .Should()
            .BeFalse("each change of the model needs a migration for PostgreSQL too: CONTRIBUTING.md, “Add a migration”");
        postgres.Database.GetMigrations().First().Should().EndWith("_Initial", "installations have it: migrations are only added");
    }

    private static List<string> Describe(DbContext db) =>
        [
            .. db.GetService<IDesignTimeModel>()
                .Model.GetRelationalModel()
                .Tables.SelectMany(table =>
                    (IEnumerable<string>)
                        [
                            $"key {table.Name} ({Names(table.PrimaryKey!.Columns)})",
                            .. table.Columns.Select(column => $"column {table.Name}.{column.Name}{(column.IsNullable ? " null" : "")}"),
                            .. table.Indexes.Select(index =>
                                $"index {table.Name} ({Names(index.Columns)}) {(index.IsUnique ? "unique" : "")} {index.Filter}"
                            ),
                            .. table.ForeignKeyConstraints.Select(key =>
                                $"reference {table.Name} ({Names(key.Columns)}) to {key.PrincipalTable.Name} "
                                + $"({Names(key.PrincipalColumns)}) {key.OnDeleteAction}"
                            ),
                        ]
                ),
        ];

    private static string Names(IEnumerable<IColumn> columns) => string.Join(", ", columns.Select(column => column.Name));
}
