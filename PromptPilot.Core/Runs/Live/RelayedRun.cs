using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Live;

/// <summary>
/// A run of this host that others watch: what they were told already. The texts in memory are what is repeated from, so nothing needs to be
/// kept elsewhere.
/// </summary>
internal sealed class RelayedRun
{
    private readonly Dictionary<AttemptKey, int> _sent = [];
    private int _seq;
    private bool _repeats = true;

    /// <summary>
    /// When the last viewer is taken to have gone, unless it asks again: a time of <see cref="Environment.TickCount64"/>.
    /// </summary>
    public long Until { get; set; }

    /// <summary>Sends everything again: a viewer is new, or has missed something.</summary>
    public void Repeat() => _repeats = true;

    /// <summary>What has come since the last call.</summary>
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
            // The other half of a pair is still on its way, and JSON cannot carry one alone.
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

    /// <summary>Adds a text that another host has sent.</summary>
    /// <returns>False when something before it is missing.</returns>
    public static bool TryAdd(LiveText text, int offset, string news)
    {
        var length = text.Length;
        if (offset > length)
        {
            return false;
        }

        if (offset + news.Length > length)
        {
            text.Append(news[(length - offset)..]);
        }

        return true;
    }
}
