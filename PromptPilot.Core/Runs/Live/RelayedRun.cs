using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Live;

/// <summary>
/// What was already sent of a run of this host that others watch. Text is sent again from memory, so nothing has to be stored elsewhere.
/// </summary>
internal sealed class RelayedRun
{
    private readonly Dictionary<AttemptKey, int> _sent = [];
    private int _seq;
    private bool _repeats = true;

    /// <summary>
    /// When the last viewer is considered gone, unless it asks again: a time of <see cref="Environment.TickCount64"/>.
    /// </summary>
    public long Until { get; set; }

    /// <summary>Whether this host executed the run at the last look, and sent its text.</summary>
    public bool IsSent { get; set; }

    /// <summary>Sends everything again, for a viewer that is new or has missed something.</summary>
    public void Repeat() => _repeats = true;

    /// <summary>The text that arrived since the last call.</summary>
    public IEnumerable<RelayMessage> Next(LiveRun run)
    {
        if (_repeats)
        {
            _repeats = false;
            _sent.Clear();
            _seq = 0;
        }

        foreach (var (key, text) in run.Texts)
        {
            var sent = _sent.GetValueOrDefault(key);
            var isComplete = text.IsComplete;
            var news = text.Slice(sent);
            // The other half of a surrogate pair has not arrived yet, and JSON cannot contain one alone.
            if (!isComplete && news.Length > 0 && char.IsHighSurrogate(news[^1]))
            {
                news = news[..^1];
            }

            if (news.Length > 0)
            {
                _sent[key] = sent + news.Length;
                yield return RelayMessage.Of(key, sent, news);
            }
        }

        if (run.State is { } state && state.LastSeq > _seq)
        {
            _seq = state.LastSeq;
            yield return new RelayMessage(_seq);
        }
    }
}
