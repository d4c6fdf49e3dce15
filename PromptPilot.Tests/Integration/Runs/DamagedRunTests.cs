using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A database with runs that cannot be read starts: those runs end with a cause, and all others go on.</summary>
[Trait("Database", "SQLite")]
public sealed class DamagedRunTests
{
    /// <summary>What is wrong with each copy of a run in mid-execution, and what its error says.</summary>
    private static readonly (string Id, string Sql, string Cause)[] Damages =
    [
        ("bad-inputs", "UPDATE WorkflowRuns SET Inputs = '{\"text\":' WHERE Id = $id", "inputs are not valid JSON"),
        (
            "deep-inputs",
            $"UPDATE WorkflowRuns SET Inputs = '{{\"text\":{JsonShapes.Of("array", 400)}}}' WHERE Id = $id",
            "inputs are not valid JSON"
        ),
        ("bad-event", "UPDATE RunEvents SET Payload = '{\"logId\":' WHERE RunId = $id AND Seq = 2", "event 2 is not valid JSON"),
        (
            "deep-event",
            $"UPDATE RunEvents SET Payload = '{{\"output\":{JsonShapes.Of("mixed", 400)}}}' WHERE RunId = $id AND Seq = 2",
            "event 2 is not valid JSON"
        ),
        ("bad-following", "UPDATE RunEvents SET Following = '[{\"type\":' WHERE RunId = $id AND Seq = 1", "event 2 is not valid JSON"),
        ("odd-event", "UPDATE RunEvents SET Type = 'AttemptEnded', Payload = NULL WHERE RunId = $id AND Seq = 2", "is inconsistent"),
        ("bad-trigger", "UPDATE WorkflowRuns SET TriggerPayload = '[' WHERE Id = $id", "is inconsistent"),
        ("no-plan", "UPDATE WorkflowRuns SET Definition = '{', WorkflowVersionId = NULL WHERE Id = $id", "no longer exists"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WithRunsThatCannotBeRead_FailsThoseAndResumesTheOthers()
    {
        var path = Path.Combine(Path.GetTempPath(), $"promptpilot-damaged-{Ids.New()}.db");
        try
        {
            var model = new ScriptedModel();
            await using (var before = await EngineHost.StartAsync(model, path))
            {
                var workflow = await before.AddWorkflowAsync(("one", ["text"]));
                var original = await before.EndOfAsync(await before.StartRunAsync(workflow));
                await CopyAsync(path, original.Id, "sound", null);
                foreach (var (id, sql, _) in Damages)
                {
                    await CopyAsync(path, original.Id, id, sql);
                }

                await CopyAsync(
                    path,
                    original.Id,
                    "deep-but-readable",
                    $"UPDATE WorkflowRuns SET Inputs = '{{\"text\":\"x\",\"more\":{JsonShapes.Of("array", 64)}}}' WHERE Id = $id"
                );
            }

            await using var host = await EngineHost.StartAsync(model, path);
            await Eventually.HoldsAsync(
                async () =>
                {
                    await using var db = host.Db();
                    return !await db.WorkflowRuns.AnyAsync(run => run.FinishedAt == null, Token);
                },
                "all runs to end"
            );

            foreach (var (id, _, cause) in Damages)
            {
                var view = (await host.Runs.FindAsync(host.Person, id, Token)).Value;
                view.Status.Should().Be(RunStatus.Failed, id);
                view.Error!.Code.Should().Be(ErrorCode.Internal, id);
                view.Error.Message.Should().Contain(cause, id);
            }

            foreach (var id in new[] { "sound", "deep-but-readable" })
            {
                (await host.Runs.FindAsync(host.Person, id, Token)).Value.Status.Should().Be(RunStatus.Succeeded, id);
            }

            var list = await host.Runs.ListAsync(host.Person, new RunFilter(), new PageRequest(null, 50), Token);
            list.Value.Items.Should().HaveCount(Damages.Length + 3);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            File.Delete(path);
        }
    }

    /// <summary>Puts a copy of an ended run beside it that is in mid-execution, as a host leaves it that dies.</summary>
    private static async Task CopyAsync(string path, string from, string id, string? damage)
    {
        await using var connection = new SqliteConnection($"Data Source={path}");
        await connection.OpenAsync(Token);
        foreach (
            var sql in new[]
            {
                "CREATE TEMP TABLE r AS SELECT * FROM WorkflowRuns WHERE Id = $from",
                "UPDATE r SET Id = $id, Status = 'Running', FinishedAt = NULL, DurationMs = NULL, Outputs = NULL, LastSeq = 2, "
                    + "LeaseOwner = 'gone'",
                "INSERT INTO WorkflowRuns SELECT * FROM r",
                "CREATE TEMP TABLE e AS SELECT * FROM RunEvents WHERE RunId = $from AND Seq <= 2",
                "UPDATE e SET RunId = $id, Following = NULL",
                "INSERT INTO e (RunId, Seq, Type, At) SELECT RunId, 2, 'Claimed', At FROM e",
                "INSERT INTO RunEvents SELECT * FROM e",
                "DROP TABLE r",
                "DROP TABLE e",
                damage,
            }.OfType<string>()
        )
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$from", from);
            command.Parameters.AddWithValue("$id", id);
            await command.ExecuteNonQueryAsync(Token);
        }
    }
}
