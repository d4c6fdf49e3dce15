using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
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
