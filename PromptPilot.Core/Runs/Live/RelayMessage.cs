using System.Text.Json;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Live;

/// <summary>A message from the executor of a run to the hosts that watch it.</summary>
/// <param name="Seq">The newest committed event; null in a message with text.</param>
/// <param name="Offset">Where the text belongs in the text of its attempt, in UTF-16 code units.</param>
internal sealed record RelayMessage(int? Seq, string StepId = "", int? Item = null, int Attempt = 0, int Offset = 0, string Text = "")
{
    public AttemptKey Key => new(StepId, Item, Attempt);

    public static RelayMessage Of(AttemptKey key, int offset, string text) =>
        new(null, key.StepId, key.ItemIndex, key.Attempt, offset, text);

    public static RelayMessage? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<RelayMessage>(text);
        }
        catch (JsonException)
        {
            // From another program, or a later version.
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this);
}
