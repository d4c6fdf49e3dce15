using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Data;

public class DatabaseFaultTests
{
    [Theory]
    [InlineData(5, "kept the database locked")]
    [InlineData(6, "kept the database locked")]
    [InlineData(8, "read-only")]
    [InlineData(10, "cannot be read or written")]
    [InlineData(11, "damaged")]
    [InlineData(13, "is full")]
    [InlineData(14, "cannot be read or written")]
    [InlineData(26, "damaged")]
    public void Explain_OfEachCode_NamesItsCauseAndNoOther(int code, string words)
    {
        string[] all = ["kept the database locked", "read-only", "cannot be read or written", "damaged", "is full"];

        var problem = DatabaseFault.Explain(new DbUpdateException("x", new SqliteException("x", code)))!;

        problem.Kind.Should().Be(ProblemKind.Unavailable);
        problem.Message.Should().Contain(words).And.NotContainAny(all.Where(other => other != words));
        DatabaseFault.CanPass(new SqliteException("x", code)).Should().BeTrue();
    }

    [Theory]
    [InlineData("53100", "disk is full")]
    [InlineData("53300", "no free connections")]
    [InlineData("57P01", "cannot be reached")]
    [InlineData("57P03", "cannot be reached")]
    [InlineData("08006", "cannot be reached")]
    [InlineData("58030", "cannot be reached")]
    [InlineData("25006", "read-only")]
    [InlineData("40001", "at the same moment")]
    [InlineData("40P01", "at the same moment")]
    [InlineData("55P03", "busy with another change")]
    public void Explain_OfEachStateOfPostgres_NamesItsCause_AndTriesAgain(string state, string words)
    {
        var fault = new DbUpdateException("x", new PostgresException("x", "ERROR", "ERROR", state));

        DatabaseFault.Explain(fault)!.Kind.Should().Be(ProblemKind.Unavailable);
        DatabaseFault.Explain(fault)!.Message.Should().Contain(words);
        DatabaseFault.FindCause(fault).Should().NotBeNull();
        DatabaseFault.CanPass(fault).Should().BeTrue();
        fault.IsConstraint().Should().BeFalse();
    }

    [Theory]
    [InlineData("23505")]
    [InlineData("23503")]
    public void IsConstraint_OfARuleOfTheSchema_IsTrue_AndNoTryHelps(string state)
    {
        var fault = new DbUpdateException("x", new PostgresException("x", "ERROR", "ERROR", state));

        fault.IsConstraint().Should().BeTrue();
        DatabaseFault.CanPass(fault).Should().BeFalse();
    }

    [Fact]
    public void LostConnection_OfPostgres_CanPass_AndWhatItCanNeverStoreCannot()
    {
        var lost = new NpgsqlException("x", new IOException("gone"));

        DatabaseFault.CanPass(lost).Should().BeTrue();
        DatabaseFault.Explain(lost)!.Message.Should().Contain("cannot be reached");
        DatabaseFault.CanPass(new PostgresException("U+0000", "ERROR", "ERROR", "22021")).Should().BeFalse();
        DatabaseFault.CanPass(new PostgresException("index row too large", "ERROR", "ERROR", "54000")).Should().BeFalse();
    }

    [Fact]
    public void CanPass_OfWhatNoTryCanWrite_IsFalse()
    {
        DatabaseFault.CanPass(new SqliteException("constraint", 19)).Should().BeFalse();
        DatabaseFault.CanPass(new SqliteException("too big", 18)).Should().BeFalse();
        DatabaseFault.CanPass(new JsonException("depth")).Should().BeFalse();
        DatabaseFault.CanPass(new InvalidOperationException("undefined element")).Should().BeFalse();
        DatabaseFault.Explain(new JsonException("depth")).Should().BeNull();
        DatabaseFault.Explain(new SqliteException("too big", 18))!.Kind.Should().Be(ProblemKind.TooLarge);
    }
}
