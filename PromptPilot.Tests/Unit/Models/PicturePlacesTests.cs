using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>Texts and pictures are in the order that the author wrote.</summary>
public class PicturePlacesTests
{
    [Theory]
    [InlineData("a [picture 2] b [picture 1] c", "a [picture 2]|2| b [picture 1]|1| c")]
    [InlineData("[picture 1][picture 2]", "[picture 1]|1|[picture 2]|2")]
    [InlineData("[picture 1] [picture 2]\n", "[picture 1]|1| [picture 2]|2")]
    [InlineData("[picture 1] or [picture 1], [picture 2]", "[picture 1]|1| or [picture 1], [picture 2]|2")]
    public void Text_IsSplitBehindMarks(string text, string parts) => Parts(new ModelMessage(ModelRole.User, text)).Should().Equal(parts);

    [Fact]
    public void MarkOutsideOfUserMessages_PutsThePictureBeforeTheLastOne() =>
        Parts(
                new(ModelRole.System, "Judge [picture 1]."),
                new(ModelRole.User, "Look at [picture 2]."),
                new(ModelRole.Assistant, "[picture 1] is better."),
                new(ModelRole.User, "Why?")
            )
            .Should()
            .Equal(null, "Look at [picture 2]|2|.", null, "[picture 1]|1|Why?");

    private static IEnumerable<string?> Parts(params ModelMessage[] messages) =>
        PicturePlaces
            .Of(messages, [new SentPicture("[picture 1]", new byte[1], "1"), new SentPicture("[picture 2]", new byte[1], "2")])
            .Select(parts => parts is null ? null : string.Join('|', parts.Select(part => part.Picture?.MediaType ?? part.Text)));
}
