using System.Text.Json;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Experiments;

public class BatchFileTests
{
    private static readonly ExperimentsOptions Limits = new() { MaxBatchRows = 3, MaxBatchKilobytes = 1 };

    private static readonly WorkflowInput[] Inputs =
    [
        new() { Name = "meeting_notes" },
        new()
        {
            Name = "words",
            Type = VariableType.Number,
            Required = true,
            Default = JsonSerializer.SerializeToElement(100),
        },
        new()
        {
            Name = "items",
            Type = VariableType.Json,
            Required = false,
        },
    ];

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("a,a\nx,y\n", "Two columns are named “a”")]
    [InlineData("a\n", "no rows")]
    [InlineData("a,b\nonly one\n", "not valid CSV")]
    [InlineData("a\n1\n2\n3\n4\n", "more than 3 rows")]
    public void Read_OfAFileWithAFault_SaysWhich(string csv, string fault) =>
        BatchFile.Read(csv, Limits).Problem!.Errors.Should().ContainSingle().Which.Message.Should().Contain(fault);

    [Fact]
    public void Read_OfMoreBytesThanAllowed_IsRefused_AlsoWhereCharactersAreFewer() =>
        BatchFile.Read($"a\n{new string('é', 600)}\n", Limits).Problem!.Message.Should().Contain("larger than 1 KB");

    [Theory]
    [InlineData("Meeting notes,WORDS", 0, 1)]
    [InlineData("words,x,meeting-notes", 2, 0)]
    [InlineData("Meeting Notes,meeting_notes,words", 1, 2)]
    public void Match_FindsColumnsByName_TheExactOneFirst(string header, int notes, int words)
    {
        var matched = File($"{header}\n{header}\n").Match(Inputs, null);

        matched["meeting_notes"].Should().Be(notes);
        matched["words"].Should().Be(words);
        matched.Should().NotContainKey("items");
    }

    [Fact]
    public void Match_TakesTheChosenColumn_OrNone()
    {
        var chosen = new Dictionary<string, string> { ["meeting_notes"] = "body", ["words"] = "" };

        var matched = File("body,words\nx,1\n").Match(Inputs, chosen);

        matched.Should().BeEquivalentTo(new Dictionary<string, int> { ["meeting_notes"] = 0 });
    }

    [Fact]
    public void ColumnErrors_NameWhatIsMissingOrUnknown()
    {
        var chosen = new Dictionary<string, string> { ["word"] = "a", ["items"] = "none" };

        var errors = File("a\nx\n").ColumnErrors(Inputs, chosen).ToList();

        errors.Select(error => error.Field).Should().Equal("columns.word", "columns.items", "columns.meeting_notes");
        errors[0].Message.Should().Contain("words", "it is close");
    }

    [Fact]
    public void ValuesOf_ReadsByType_AndNamesEachFault()
    {
        var file = File("meeting_notes,words,items\nText,,\"[1, 2]\"\n,many,{\n12,3,\n");
        var matched = file.Match(Inputs, null);

        var (first, second, third) = (
            file.ValuesOf(0, Inputs, matched),
            file.ValuesOf(1, Inputs, matched),
            file.ValuesOf(2, Inputs, matched)
        );

        first.Errors.Should().BeEmpty("an empty cell takes the default");
        first.Values.Keys.Should().BeEquivalentTo("meeting_notes", "items");
        first.Values["items"].GetArrayLength().Should().Be(2);
        second.Errors.Keys.Should().BeEquivalentTo("meeting_notes", "words", "items");
        second.Errors["words"].Should().Be("“many” is not a number.");
        third.Values["meeting_notes"].GetString().Should().Be("12", "a text stays a text");
    }

    private static BatchFile File(string csv) => BatchFile.Read(csv, Limits).Value;
}
