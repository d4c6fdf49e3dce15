using System.Runtime.InteropServices;

namespace PromptPilot.Core.Models.Offline;

/// <summary>
/// Ranks sentences by their centrality in the graph of their similarities: continuous LexRank. Sentences are nodes, TF-IDF cosines are
/// edges, and the rank is the stationary distribution of a random walk over them, found by power iteration.
/// G. Erkan and D. R. Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization", Journal of Artificial
/// Intelligence Research 22 (2004), 457–479, section 3.3.
/// </summary>
internal sealed class SentenceGraph
{
    /// <summary>Probability of a jump to any sentence; the paper uses 0.1 to 0.2.</summary>
    private const double Jump = 0.15;
    private const int MaxIterations = 100;
    private const double Tolerance = 1e-7;

    private readonly List<(int Term, double Weight)>[] _vectors;

    /// <param name="sentences">The terms of each sentence.</param>
    public SentenceGraph(IReadOnlyList<IReadOnlyList<string>> sentences, CancellationToken cancellationToken)
    {
        _vectors = Vectors(sentences);
        Ranks = Rank(Edges(cancellationToken), cancellationToken);
    }

    /// <summary>The rank of each sentence; they add up to 1.</summary>
    public double[] Ranks { get; }

    /// <summary>TF-IDF cosine of two sentences, 0 to 1.</summary>
    public double Similarity(int a, int b)
    {
        var (left, right) = (_vectors[a], _vectors[b]);
        var sum = 0.0;
        for (int i = 0, j = 0; i < left.Count && j < right.Count; )
        {
            switch (left[i].Term - right[j].Term)
            {
                case 0:
                    sum += left[i++].Weight * right[j++].Weight;
                    break;
                case < 0:
                    i++;
                    break;
                default:
                    j++;
                    break;
            }
        }

        return sum;
    }

    /// <summary>Unit vectors, ordered by term. A term that is in every sentence has no weight.</summary>
    private static List<(int Term, double Weight)>[] Vectors(IReadOnlyList<IReadOnlyList<string>> sentences)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var documents = new List<int>();
        var counts = new Dictionary<int, int>[sentences.Count];
        for (var s = 0; s < sentences.Count; s++)
        {
            counts[s] = [];
            foreach (var word in sentences[s])
            {
                ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, word, out var known);
                if (!known)
                {
                    id = documents.Count;
                    documents.Add(0);
                }

                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts[s], id, out _);
                if (count++ == 0)
                {
                    documents[id]++;
                }
            }
        }

        return [.. counts.Select(c => Unit(c, documents, sentences.Count))];
    }

    private static List<(int Term, double Weight)> Unit(Dictionary<int, int> counts, List<int> documents, int total)
    {
        var vector = counts
            .Select(c => (Term: c.Key, Weight: c.Value * Math.Log((double)total / documents[c.Key])))
            .Where(c => c.Weight > 0)
            .OrderBy(c => c.Term)
            .ToList();
        var norm = Math.Sqrt(vector.Sum(c => c.Weight * c.Weight));
        return norm > 0 ? [.. vector.Select(c => (c.Term, c.Weight / norm))] : vector;
    }

    /// <summary>
    /// Rows of similarities, each divided by its sum. Terms are walked by an inverted index, so that sentences without a common term cost
    /// nothing.
    /// </summary>
    private (int To, double Weight)[][] Edges(CancellationToken cancellationToken)
    {
        var index = new Dictionary<int, List<(int Sentence, double Weight)>>();
        for (var s = 0; s < _vectors.Length; s++)
        {
            foreach (var (term, weight) in _vectors[s])
            {
                ref var postings = ref CollectionsMarshal.GetValueRefOrAddDefault(index, term, out _);
                (postings ??= []).Add((s, weight));
            }
        }

        var row = new double[_vectors.Length];
        var edges = new (int, double)[_vectors.Length][];
        for (var s = 0; s < _vectors.Length; s++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(row);
            foreach (var (term, weight) in _vectors[s])
            {
                foreach (var (other, otherWeight) in index[term])
                {
                    row[other] += weight * otherWeight;
                }
            }

            row[s] = 0;
            var sum = row.Sum();
            edges[s] = [.. row.Select((weight, to) => (to, sum > 0 ? weight / sum : 0)).Where(e => e.Item2 > 0)];
        }

        return edges;
    }

    private static double[] Rank((int To, double Weight)[][] edges, CancellationToken cancellationToken)
    {
        var count = edges.Length;
        var ranks = Enumerable.Repeat(1.0 / Math.Max(1, count), count).ToArray();
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = new double[count];
            var lost = 0.0;
            for (var s = 0; s < count; s++)
            {
                if (edges[s].Length == 0)
                {
                    lost += ranks[s];
                }

                foreach (var (to, weight) in edges[s])
                {
                    next[to] += ranks[s] * weight;
                }
            }

            var change = 0.0;
            for (var s = 0; s < count; s++)
            {
                // A sentence without neighbors distributes its rank to all.
                next[s] = (Jump / count) + ((1 - Jump) * (next[s] + (lost / count)));
                change += Math.Abs(next[s] - ranks[s]);
            }

            ranks = next;
            if (change < Tolerance)
            {
                break;
            }
        }

        return ranks;
    }
}
