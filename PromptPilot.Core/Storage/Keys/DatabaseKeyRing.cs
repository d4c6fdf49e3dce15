using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Storage.Keys;

/// <summary>The key ring in a table of the database, which all hosts share. Data Protection reads and writes it synchronously.</summary>
public sealed class DatabaseKeyRing(IDbContextFactory<PromptPilotDbContext> contexts) : IXmlRepository
{
    /// <summary>Made outside of the migrations, since no query of EF knows it.</summary>
    public const string Table = "KeyRing";

    private const string Create = $"""
        CREATE TABLE IF NOT EXISTS "{Table}"
        ("Name" text PRIMARY KEY, "Xml" text NOT NULL, "CreatedAt" timestamptz NOT NULL DEFAULT now())
        """;

    /// <summary>Makes the table; at each start, after the migrations and before the first key is asked for.</summary>
    public static Task EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync(Create, cancellationToken);

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext();
        var stored = db.Database.SqlQueryRaw<string>($"SELECT \"Xml\" AS \"Value\" FROM \"{Table}\" ORDER BY \"CreatedAt\", \"Name\"");
        return [.. stored.AsEnumerable().Select(text => XElement.Parse(text))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        db.Database.ExecuteSqlRaw(
            $"INSERT INTO \"{Table}\" (\"Name\", \"Xml\") VALUES ({{0}}, {{1}})",
            friendlyName,
            element.ToString(SaveOptions.DisableFormatting)
        );
    }
}
