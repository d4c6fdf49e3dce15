using PromptPilot.Core.Storage;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Storage;

public sealed class DatabaseCheckTests : IDisposable
{
    private const string History = "CREATE TABLE __EFMigrationsHistory (MigrationId TEXT, ProductVersion TEXT)";
    private const string Known = "INSERT INTO __EFMigrationsHistory VALUES ('1_First', '1')";
    private const string Rows =
        "CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i, "
        + "hex(randomblob(50)) AS b FROM n";

    private readonly TempDirectory _directory = new();

    private string Database => _directory.File("promptpilot.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Refusal_OfOurs_OfNone_AndOfAnEmptyFile_IsNone()
    {
        Refusal().Should().BeNull("there is no file yet");
        File.WriteAllText(Database, "");
        Refusal().Should().BeNull("an empty file is an empty database");

        DatabaseFiles.Make(Database, History, Known, Rows);
        Refusal().Should().BeNull("a database from before it was marked");
        DatabaseCheck.Mark(Database, new Version(1, 2, 3));
        Refusal().Should().BeNull();
    }

    [Theory]
    [InlineData("PRAGMA application_id = 1196444487")]
    [InlineData("DROP TABLE __EFMigrationsHistory")]
    [InlineData("UPDATE __EFMigrationsHistory SET MigrationId = 'Foreign_1'")]
    public void Refusal_OfAnotherApplicationsDatabase_SaysSo(string change)
    {
        DatabaseFiles.Make(Database, History, Known, Rows, change);

        Refusal().Should().Contain("another application").And.Contain(Database).And.Contain("PromptPilot:DataDirectory");
    }

    [Theory]
    [InlineData(2_005_000, "PromptPilot 2.5.0")]
    [InlineData(0, "another version of PromptPilot")]
    public void Refusal_OfANewerDatabase_NamesBothVersions(int version, string by)
    {
        DatabaseFiles.Make(
            Database,
            History,
            Known,
            "INSERT INTO __EFMigrationsHistory VALUES ('9_Later', '1')",
            $"PRAGMA user_version = {version}"
        );

        Refusal().Should().Contain(by).And.Contain("This is PromptPilot 1.2.3").And.Contain("9_Later").And.Contain(Database);
    }

    [Fact]
    public void Refusal_OfADamagedFile_SaysHowToRestore()
    {
        DatabaseFiles.Make(Database, History, Known, Rows);
        var whole = File.ReadAllBytes(Database);

        File.WriteAllBytes(Database, whole[..(whole.Length / 2)]);
        Refusal().Should().Contain("is damaged").And.Contain(Database).And.Contain("restore FILE", "it is truncated");

        var damaged = (byte[])whole.Clone();
        Array.Fill(damaged, (byte)0xA5, whole.Length / 8192 * 4096, 4096);
        File.WriteAllBytes(Database, damaged);
        Refusal().Should().Contain("is damaged", "a page of it is garbage");

        damaged = (byte[])whole.Clone();
        Array.Fill(damaged, (byte)0xA5, 100, 2000);
        File.WriteAllBytes(Database, damaged);
        Refusal().Should().Contain("is damaged", "its schema is garbage");

        File.WriteAllText(Database, "SQLite format 2, or a text of some length");
        Refusal().Should().Contain("not a SQLite database");
    }

    private string? Refusal() => DatabaseCheck.Refusal(Database, ["1_First", "2_Second"], new Version(1, 2, 3));
}
