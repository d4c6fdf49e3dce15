using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Offline;

/// <summary>Computes the offline model's answers.</summary>
/// <param name="Truncated">The answer was cut at the token limit.</param>
internal sealed record OfflineAnswer(string Text, bool Truncated);

/// <summary>
/// The model inside the portal: no key, no network. It does not write; it picks the most central sentences of the text it is given
/// (<see cref="SentenceGraph"/>), without repeating itself, and gives them back in their order.
/// The same prompt always gives the same answer.
/// </summary>
public sealed class OfflineModel(IOptions<OfflineOptions> options, TimeProvider time)
{
    /// <summary>The graph grows with the square of the sentences; longer texts are first thinned out part by part.</summary>
    private const int MaxSentences = 1200;

    /// <summary>
    /// How much similarity to what is picked already counts against a sentence (maximal marginal relevance: Carbonell and Goldstein, SIGIR
    /// 1998).
    /// </summary>
    private const double Redundancy = 0.35;

    internal static OfflineAnswer Answer(string? system, string prompt, int maxTokens, CancellationToken cancellationToken)
    {
        var parts = PromptParts.Split(system, prompt);
        var format = AnswerFormat.Of(parts.Instruction);
        var sentences = Candidates(parts.Material);
        if (sentences.Count == 0)
        {
            return new OfflineAnswer("There is no text to pick sentences from.", false);
        }

        var count = Math.Min(format.Sentences ?? Math.Clamp(sentences.Count / 12, 3, 7), sentences.Count);
        var picks = Pick(sentences, count, cancellationToken);
        var text = Write(picks, sentences, format);
        while (picks.Count > 1 && TokenEstimate.Of(text) > maxTokens)
        {
            // The last pick ranks lowest.
            picks.RemoveAt(picks.Count - 1);
            text = Write(picks, sentences, format);
        }

        return TokenEstimate.Of(text) <= maxTokens ? new OfflineAnswer(text, false) : new OfflineAnswer(Cut(text, maxTokens), true);
    }

    /// <summary>The answer word by word, each with the blank before it.</summary>
    internal async IAsyncEnumerable<string> StreamAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromMilliseconds(options.Value.WordDelayMilliseconds);
        var start = 0;
        while (start < text.Length)
        {
            var end = EndOfWord(text, start);
            cancellationToken.ThrowIfCancellationRequested();
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, time, cancellationToken);
            }

            yield return text[start..end];
            start = end;
        }
    }

    /// <summary>
    /// After the word at <paramref name="start"/>; a long run without blanks, as in Chinese, is cut every four characters, never inside a
    /// surrogate pair.
    /// </summary>
    private static int EndOfWord(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        var word = end;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !(end - word >= 4 && Sentences.IsWide(text[end])))
        {
            end++;
        }

        return end < text.Length && char.IsLowSurrogate(text[end]) ? end + 1 : end;
    }

    /// <summary>
    /// Whole sentences of a length that people read in a summary (centrality alone favors the longest); where the text has none, whatever
    /// it has.
    /// </summary>
    private static List<string> Candidates(string material)
    {
        var all = Sentences.Split(material);
        var prose = all.Where(s => s.IsProse && Words.Of(s.Text).Count is >= 4 and <= 60)
            .Select(s => s.Text)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return prose.Count > 0 ? prose : [.. all.Select(s => s.Text).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Indexes of the picked sentences, best first.</summary>
    private static List<int> Pick(List<string> sentences, int count, CancellationToken cancellationToken)
    {
        if (sentences.Count <= MaxSentences)
        {
            return PickFrom(sentences, count, cancellationToken);
        }

        var finalists = new List<int>();
        var parts = (sentences.Count + MaxSentences - 1) / MaxSentences;
        var each = Math.Max(count, MaxSentences / parts / 2);
        for (var start = 0; start < sentences.Count; start += MaxSentences)
        {
            var part = sentences.GetRange(start, Math.Min(MaxSentences, sentences.Count - start));
            finalists.AddRange(Best(part, each, cancellationToken).Select(i => start + i));
        }

        finalists.Sort();
        return [.. Pick([.. finalists.Select(i => sentences[i])], count, cancellationToken).Select(i => finalists[i])];
    }

    private static IEnumerable<int> Best(List<string> sentences, int count, CancellationToken cancellationToken)
    {
        var ranks = new SentenceGraph([.. sentences.Select(Words.Of)], cancellationToken).Ranks;
        return Enumerable.Range(0, sentences.Count).OrderByDescending(i => ranks[i]).ThenBy(i => i).Take(count);
    }

    private static List<int> PickFrom(List<string> sentences, int count, CancellationToken cancellationToken)
    {
        var graph = new SentenceGraph([.. sentences.Select(Words.Of)], cancellationToken);
        var best = graph.Ranks.Max();
        var left = Enumerable.Range(0, sentences.Count).ToList();
        var nearest = new double[sentences.Count];
        var picks = new List<int>();
        while (picks.Count < count && left.Count > 0)
        {
            // Ties go to the earlier sentence, so that the answer is always the same.
            var pick = left.MaxBy(i => (graph.Ranks[i] / best) - (Redundancy * nearest[i] / (1 - Redundancy)));
            picks.Add(pick);
            left.Remove(pick);
            foreach (var i in left)
            {
                nearest[i] = Math.Max(nearest[i], graph.Similarity(i, pick));
            }
        }

        return picks;
    }

    private static string Write(List<int> picks, List<string> sentences, AnswerFormat format)
    {
        var ordered = picks.Order().Select(i => sentences[i]).ToList();
        if (format.JsonKey is { } key)
        {
            return JsonSerializer.Serialize(new Dictionary<string, List<string>> { [key] = ordered }, AppJson.Options);
        }

        if (format.AsList)
        {
            return string.Join('\n', ordered.Select(s => "- " + s));
        }

        var text = new StringBuilder();
        foreach (var sentence in ordered)
        {
            if (text.Length > 0 && !Sentences.IsWide(text[^1]))
            {
                text.Append(' ');
            }

            text.Append(sentence);
        }

        return text.ToString();
    }

    private static string Cut(string text, int maxTokens)
    {
        var end = 0;
        while (end < text.Length && TokenEstimate.Of(text.AsSpan(0, EndOfWord(text, end))) <= maxTokens)
        {
            end = EndOfWord(text, end);
        }

        return end > 0 ? text[..end] : text[..EndOfWord(text, 0)];
    }
}
