using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers.Webhooks;

namespace PromptPilot.Tests.Unit.Data;

/// <summary>
/// PostgreSQL refuses a row whose entry in an index is longer than about 2,700 bytes, and SQLite does not. So every text in an index is
/// bounded, by the model or by the code that this list names.
/// </summary>
public sealed class IndexedTextTests
{
    /// <summary>In bytes, of all texts of an index. A character has up to four.</summary>
    private const int Most = 2600;

    private const int Id = 36;
    private const int Hash = 64;

    /// <summary>What has an id, and the id.</summary>
    private const int Actor = 60;

    /// <summary>See IdempotencyKey.</summary>
    private const int Key = 255;

    /// <summary>Columns without a length in the model, and the most characters that the code lets through.</summary>
    private static readonly Dictionary<string, int> Bounded = new(StringComparer.Ordinal)
    {
        ["ApiKeys.Hash"] = Hash,
        ["ChangeRequests.ClosedBy"] = Id,
        ["ChangeRequests.RequestedBy"] = Id,
        ["ExperimentCells.Fingerprint"] = Hash,
        ["Experiments.IdempotencyActor"] = Actor,
        ["Experiments.IdempotencyKey"] = Key,
        ["Experiments.StartedBy"] = Id,
        ["IntegrationHooks.CreatedBy"] = Id,
        ["ModelProfiles.CreatedBy"] = Id,
        // Kinds, ids and the names of enum values.
        ["Notifications.CauseKey"] = 200,
        ["Notifications.FactKey"] = 120,
        ["Prompts.CreatedBy"] = Id,
        ["PromptVersions.Version"] = 40,
        ["Protections.UpdatedBy"] = Id,
        ["TestCases.CreatedBy"] = Id,
        ["TestSets.CreatedBy"] = Id,
        ["TestSets.NormalizedName"] = TestSetService.MaxName,
        ["WebhookReceipts.MessageKey"] = WebhookVerifier.MaxIdLength + 5,
        ["WorkflowRuns.IdempotencyActor"] = Actor,
        ["WorkflowRuns.IdempotencyKey"] = Key,
        ["WorkflowRuns.StartedBy"] = Id,
        ["Workflows.BudgetOf"] = Id,
        ["Workflows.Owner"] = Id,
        ["Workflows.UpdatedBy"] = Id,
        ["WorkflowSteps.Model"] = Id,
    };

    [Fact]
    public void Texts_InAnIndex_AreBounded()
    {
        using var db = new PostgresDesignTimeFactory().CreateDbContext([]);
        var indexes = db.GetService<IDesignTimeModel>()
            .Model.GetRelationalModel()
            .Tables.SelectMany(table =>
                table
                    .Indexes.Select(index => (index.Name, index.Columns))
                    .Concat(table.UniqueConstraints.Select(key => (key.Name, key.Columns)))
            )
            .ToList();

        indexes.Should().HaveCountGreaterThan(50);
        indexes.SelectMany(index => index.Columns).Where(column => LengthOf(column) is null).Select(NameOf).Distinct().Should().BeEmpty();
        indexes.Where(index => index.Columns.Sum(column => LengthOf(column) * 4) > Most).Select(index => index.Name).Should().BeEmpty();
        Bounded
            .Keys.Except(indexes.SelectMany(index => index.Columns).Select(NameOf))
            .Should()
            .BeEmpty("the list has no more than there is");
    }

    private static string NameOf(IColumn column) => $"{column.Table.Name}.{column.Name}";

    /// <summary>Null: unbounded.</summary>
    private static int? LengthOf(IColumn column)
    {
        var property = column.PropertyMappings[0].Property;
        var type = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        return type != typeof(string) ? 0
            : property.ClrType.IsEnum || Nullable.GetUnderlyingType(property.ClrType) is { IsEnum: true } ? 40
            : property.GetMaxLength()
                ?? (
                    Bounded.TryGetValue(NameOf(column), out var length) ? length
                    : column.Name == "Id" || column.Name.EndsWith("Id", StringComparison.Ordinal) ? Id
                    : null
                );
    }
}
