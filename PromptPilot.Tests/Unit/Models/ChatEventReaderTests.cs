using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.OpenAIFamily;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>Events come on the thread of the network read, and what they brought is taken on the caller's.</summary>
public sealed class ChatEventReaderTests
{
    private const int Events = 20_000;

    [Fact]
    public async Task Take_WhileEventsAreRead_LosesNoText()
    {
        using var reader = new ChatEventReader(_ => new ModelFault(ErrorCode.ProviderError, "a fault"));
        var reading = Task.Run(
            () =>
            {
                for (var i = 0; i < Events; i++)
                {
                    reader.Read("message", Encoding.UTF8.GetBytes($$$"""{"choices":[{"delta":{"content":"{{{i}}} "}}]}"""));
                }
            },
            TestContext.Current.CancellationToken
        );
        var text = new StringBuilder();
        while (!reading.IsCompleted)
        {
            text.Append(reader.Take().Text);
        }

        await reading;
        text.Append(reader.Take().Text);

        text.ToString().Should().Be(string.Concat(Enumerable.Range(0, Events).Select(i => $"{i} ")));
    }
}
