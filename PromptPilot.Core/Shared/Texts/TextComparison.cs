using DiffPlex;
using DiffPlex.Chunkers;

namespace PromptPilot.Core.Shared.Texts;

/// <summary>The side that a piece of text is on.</summary>
public enum PieceKind
{
    Same,

    /// <summary>Only in the right text.</summary>
    Added,

    /// <summary>Only in the left text.</summary>
    Removed,
}

/// <summary>A stretch of text that both sides have, or only one.</summary>
public sealed record TextPiece(string Text, PieceKind Kind);

/// <summary>The detail in which two texts were compared.</summary>
public enum ComparisonDetail
{
    Words,

    /// <summary>Too long for words: by whole lines.</summary>
    Lines,

    /// <summary>Too long even for lines: each side as one piece.</summary>
    None,
}

/// <summary>
/// The difference of two texts. The pieces that are not added make the left text, those that are not removed the right one.
/// </summary>
public sealed record TextComparison(IReadOnlyList<TextPiece> Pieces, ComparisonDetail Detail)
{
    /// <summary>Texts of together more characters are compared by lines.</summary>
    public const int MostByWords = 200_000;

    /// <summary>Texts of together more lines are not compared.</summary>
    private const int MostLines = 20_000;

    /// <summary>
    /// Of a stretch where the two differ: above this many words in it, it is shown as removed and added whole. The search takes quadratic
    /// time when nothing matches.
    /// </summary>
    private const int MostWordsAtOnce = 6_000;

    public bool IsSame => Pieces.All(piece => piece.Kind == PieceKind.Same);

    /// <summary>Compares two texts.</summary>
    public static TextComparison Of(string left, string right)
    {
        if (left == right)
        {
            return new TextComparison(left.Length == 0 ? [] : [new TextPiece(left, PieceKind.Same)], ComparisonDetail.Words);
        }

        var detail = left.Length + right.Length <= MostByWords ? ComparisonDetail.Words : ComparisonDetail.Lines;
        if (
            detail == ComparisonDetail.Words
            && WordChunks.CountUpTo(left, MostWordsAtOnce) + WordChunks.CountUpTo(right, MostWordsAtOnce) <= MostWordsAtOnce
        )
        {
            return new TextComparison(Merge(ByWords(left, right)), detail);
        }

        if (left.AsSpan().Count('\n') + right.AsSpan().Count('\n') > MostLines)
        {
            return new TextComparison(
                Merge([new TextPiece(left, PieceKind.Removed), new TextPiece(right, PieceKind.Added)]),
                ComparisonDetail.None
            );
        }

        var lines = Differences(left, right, LineEndingsPreservingChunker.Instance);
        return new TextComparison(Merge(detail == ComparisonDetail.Lines ? lines : ByWordsWithin(lines)), detail);
    }

    private static IEnumerable<TextPiece> ByWords(string left, string right) =>
        Bridge(Merge(Differences(left, right, WordChunks.Instance)));

    /// <summary>For replaced lines, the words that differ.</summary>
    private static IEnumerable<TextPiece> ByWordsWithin(IEnumerable<TextPiece> lines)
    {
        var merged = Merge(lines);
        for (var index = 0; index < merged.Count; index++)
        {
            if (
                index + 1 < merged.Count
                && merged[index] is { Kind: PieceKind.Removed, Text: var removed }
                && merged[index + 1] is { Kind: PieceKind.Added, Text: var added }
                && WordChunks.CountUpTo(removed, MostWordsAtOnce) + WordChunks.CountUpTo(added, MostWordsAtOnce) <= MostWordsAtOnce
            )
            {
                foreach (var piece in ByWords(removed, added))
                {
                    yield return piece;
                }

                index++;
            }
            else
            {
                yield return merged[index];
            }
        }
    }

    private static IEnumerable<TextPiece> Differences(string left, string right, IChunker chunker)
    {
        var found = Differ.Instance.CreateDiffs(left, right, ignoreWhiteSpace: false, ignoreCase: false, chunker);
        var at = 0;
        foreach (var block in found.DiffBlocks)
        {
            yield return Piece(found.PiecesOld, at, block.DeleteStartA - at, PieceKind.Same);
            yield return Piece(found.PiecesOld, block.DeleteStartA, block.DeleteCountA, PieceKind.Removed);
            yield return Piece(found.PiecesNew, block.InsertStartB, block.InsertCountB, PieceKind.Added);
            at = block.DeleteStartA + block.DeleteCountA;
        }

        yield return Piece(found.PiecesOld, at, found.PiecesOld.Count - at, PieceKind.Same);
    }

    private static TextPiece Piece(IReadOnlyList<string> chunks, int start, int count, PieceKind kind) =>
        new(string.Concat(chunks.Skip(start).Take(count)), kind);

    /// <summary>
    /// A lone space between two changed words is marked as changed too: “one two” for “three four” reads better than word by word.
    /// </summary>
    private static IEnumerable<TextPiece> Bridge(List<TextPiece> pieces)
    {
        for (var index = 0; index < pieces.Count; index++)
        {
            var piece = pieces[index];
            if (piece.Kind == PieceKind.Same && index > 0 && index < pieces.Count - 1 && piece.Text.All(letter => letter is ' '))
            {
                yield return piece with
                {
                    Kind = PieceKind.Removed,
                };
                yield return piece with
                {
                    Kind = PieceKind.Added,
                };
            }
            else
            {
                yield return piece;
            }
        }
    }

    /// <summary>
    /// Joins what belongs together: between two same pieces one removed and one added piece, in this order; no empty ones.
    /// </summary>
    private static List<TextPiece> Merge(IEnumerable<TextPiece> pieces)
    {
        var merged = new List<TextPiece>();
        foreach (var run in Runs(pieces.Where(piece => piece.Text.Length > 0)))
        {
            foreach (var kind in run.Select(piece => piece.Kind).Distinct().OrderBy(kind => kind == PieceKind.Added))
            {
                merged.Add(new TextPiece(string.Concat(run.Where(piece => piece.Kind == kind).Select(piece => piece.Text)), kind));
            }
        }

        return merged;
    }

    /// <summary>Stretches that are all the same, or all changed.</summary>
    private static IEnumerable<List<TextPiece>> Runs(IEnumerable<TextPiece> pieces)
    {
        var run = new List<TextPiece>();
        foreach (var piece in pieces)
        {
            if (run.Count > 0 && (run[0].Kind == PieceKind.Same) != (piece.Kind == PieceKind.Same))
            {
                yield return run;
                run = [];
            }

            run.Add(piece);
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }
}
