using CsCheck;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class RelayedRunTests
{
    private static readonly AttemptKey Key = new("step", null, 1);

    [Fact]
    public void Viewer_ThatMissesMessages_HasTheSameText_OnceAndInOrder() =>
        Gen.Select(Gen.String[0, 12].Array[1, 30], Gen.Bool.Array[400], Gen.Int[0, 29])
            .Sample((pieces, losses, late) => Deliver(pieces, losses, late));

    [Fact]
    public void Half_OfAPair_WaitsForTheOther()
    {
        var run = new LiveRun("run");
        var relayed = new RelayedRun();
        run.Open(Key).Append("a\ud83d");

        relayed.Next(run).Single().Text.Should().Be("a");
        run.Open(Key).Append("\ude00");

        relayed.Next(run).Single().Should().Be(RelayMessage.Of(Key, 1, "\ud83d\ude00"));
        relayed.Next(run).Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[1]")]
    public void Read_OfAnythingElse_IsNothing(string text) => RelayMessage.Read(text).Should().BeNull();

    private static void Deliver(string[] pieces, bool[] losses, int late)
    {
        var (here, there, relayed, sent) = (new LiveRun("run"), new LiveRun("run"), new RelayedRun(), 0);
        for (var i = 0; i < pieces.Length; i++)
        {
            here.Open(Key).Append(Paired(pieces[i]));
            Pass(loses: i >= late || i < 3);
        }

        // The viewer asks again from time to time.
        relayed.Repeat();
        Pass(loses: false);
        there.Open(Key).ToString().Should().Be(here.Open(Key).ToString());

        void Pass(bool loses)
        {
            foreach (var message in relayed.Next(here).ToList())
            {
                var isLost = loses && losses[sent++ % losses.Length];
                if (!isLost && !there.Open(message.Key).TryAppend(message.Offset, RelayMessage.Read(message.ToString())!.Text))
                {
                    relayed.Repeat();
                }
            }

            here.Open(Key).ToString().Should().StartWith(there.Open(Key).ToString());
        }
    }

    /// <summary>Models send whole characters in the end; halves alone are replaced before they are kept.</summary>
    private static string Paired(string text) => string.Concat(text.Where(letter => !char.IsSurrogate(letter)));
}
