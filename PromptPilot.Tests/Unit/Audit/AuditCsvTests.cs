using System.Text;
using PromptPilot.Core.Audit;

namespace PromptPilot.Tests.Unit.Audit;

public class AuditCsvTests
{
    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1+1")]
    [InlineData("-1+1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1+1")]
    [InlineData("\r=1+1")]
    public void Cell_ThatStartsAFormula_IsNeutralized(string text)
    {
        var csv = Encoding.UTF8.GetString(AuditCsv.Write([Item(text, new AuditChange("name", text, null))]));

        csv.Should().NotContain("," + text).And.NotContain("\"" + text).And.Contain("'" + text);
    }

    [Fact]
    public void Cell_WithQuotesCommasAndLines_StaysOneCell()
    {
        var csv = Encoding.UTF8.GetString(AuditCsv.Write([Item("a \"b\", c\nd")]));

        csv.Should().Contain("\"a \"\"b\"\", c\nd\"");
    }

    private static AuditItem Item(string name, params AuditChange[] changes) =>
        new(
            1,
            DateTime.UnixEpoch,
            AuditActorKind.Person,
            "u",
            name,
            null,
            AuditAction.Changed,
            "user",
            "u",
            name,
            "::1",
            "curl/8",
            changes
        );
}
