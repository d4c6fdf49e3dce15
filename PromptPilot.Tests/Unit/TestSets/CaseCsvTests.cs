using System.Text;
using System.Text.Json;
using CsCheck;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.TestSets;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.TestSets;

public class CaseCsvTests
{
    private static readonly TestVariable[] Variables =
    [
        new("notes", VariableType.Text),
        new("count", VariableType.Number),
        new("formal", VariableType.Boolean),
        new("items", VariableType.Json),
    ];

    [Fact]
    public void Read_ByType_MakesValues()
    {
        var cases = CaseCsv
            .Read(
                "name,notes,count,formal,items,expected,tags\nFirst,\"a, \"\"b\"\"\nc\",3,TRUE,\"[1,2]\",Yes,\"x, y\"\n,12,,,,,\n",
                Variables
            )
            .Value;

        cases.Should().HaveCount(2);
        cases[0].Name.Should().Be("First");
        cases[0].Inputs["notes"].GetString().Should().Be("a, \"b\"\nc");
        cases[0].Inputs["count"].GetInt32().Should().Be(3);
        cases[0].Inputs["formal"].GetBoolean().Should().BeTrue();
        cases[0].Inputs["items"].GetArrayLength().Should().Be(2);
        cases[0].Expected.Should().Be("Yes");
        cases[0].Tags.Should().Equal("x", "y");
        cases[1].Inputs["notes"].GetString().Should().Be("12", "a text stays a text");
        cases[1].Inputs.Should().NotContainKey("count");
    }

    [Theory]
    [InlineData("notes,count\nx,three\n", "Row 1: “three” in column “count” is not a number")]
    [InlineData("notes,notes\nx,y\n", "Two columns are named “notes”")]
    [InlineData("notes\n", "no rows")]
    [InlineData("", "The first line must name each column")]
    [InlineData("notes,count\nonly one\n", "not valid CSV")]
    public void Read_OfAFileWithAFault_SaysWhichAndWhere(string csv, string fault) =>
        CaseCsv.Read(csv, Variables).Problem!.Errors[0].Message.Should().Contain(fault);

    [Fact]
    public void Write_ThenRead_GivesTheSameCases()
    {
        string[] special = ["=1+1", "'=1", "''", "@x", "\t", "a\nb", "name"];
        var texts = Gen.OneOf(
            Gen.String[Gen.Char["ab,\"\n'=+-@ ü"], 1, 12],
            Gen.Int[0, special.Length - 1].Select(index => special[index])
        );
        Gen.Select(texts, texts, texts)
            .Array[1, 4]
            .Sample(
                rows =>
                {
                    var cases = rows.Select(row => new TestCase
                        {
                            TestSetId = "set",
                            Name = row.Item1,
                            Inputs = new()
                            {
                                ["notes"] = JsonSerializer.SerializeToElement(row.Item2),
                                ["name"] = JsonSerializer.SerializeToElement(row.Item3),
                            },
                            Expected = row.Item3,
                        })
                        .ToList();

                    var read = CaseCsv.Read(Encoding.UTF8.GetString(CaseCsv.Write(cases)).TrimStart('\uFEFF'), Variables).Value;

                    read.Select(test => (test.Name, test.Expected, test.Inputs["notes"].GetString(), test.Inputs["name"].GetString()))
                        .Should()
                        .Equal(
                            cases.Select(test =>
                                (test.Name, test.Expected, test.Inputs["notes"].GetString(), test.Inputs["name"].GetString())
                            )
                        );
                },
                iter: Samples.Count(200, 20_000)
            );
    }
}
