using System.Text;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Indexes;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Prompts;

/// <summary>Full-text search over prompts, by the index of the database in use.</summary>
public static class PromptIndex
{
    /// <summary>Trigrams find nothing shorter.</summary>
    private const int Shortest = 3;
    private const int MostWords = 12;
    private const int MostCharacters = 200;

    private static readonly FullTextIndex OfSqlite = new();
    private static readonly TrigramIndex OfPostgres = new();

    /// <inheritdoc cref="IPromptIndex.EnsureAsync"/>
    public static Task<bool> EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        IndexOf(db).EnsureAsync(db, cancellationToken);

    /// <summary>
    /// The prompts that contain each word of what someone typed, anywhere in name, category, tags, text or system message, whatever the
    /// case.
    /// A word of one or two characters is too short for the index: it is looked for in name, category and tags, and, when it is not ASCII
    /// (most Chinese words have two characters), in the text.
    /// </summary>
    internal static IQueryable<Prompt> Find(PromptPilotDbContext db, string text)
    {
        var words = Words(text);
        var indexed = Indexed(words);
        var found = indexed.Count == 0 ? db.Prompts : IndexOf(db).Find(db, indexed);
        foreach (var word in words.Where(IsShort))
        {
            var pattern = LikePattern.Containing(word);
            var upper = LikePattern.Containing(word.ToUpperInvariant());
            var inText = !Ascii.IsValid(word);
            found = found.Where(p =>
                SqlText.Matches(p.NormalizedName, upper)
                || SqlText.Matches(p.Metadata.Category, pattern)
                || p.Metadata.Tags.Any(t => SqlText.Matches(t, pattern))
                || (inText && (p.Content.Contains(word) || ((string)(object)p.Messages).Contains(word)))
            );
        }

        return found;
    }

    internal static IReadOnlyList<string> Words(string text) =>
        [
            .. Shorten
                .Cut(text, MostCharacters)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Replace("\0", "", StringComparison.Ordinal))
                .Where(word => word != "")
                .Take(MostWords),
        ];

    internal static IReadOnlyList<string> Indexed(IEnumerable<string> words) => [.. words.Where(word => !IsShort(word))];

    private static bool IsShort(string word) => word.EnumerateRunes().Count() < Shortest;

    private static IPromptIndex IndexOf(PromptPilotDbContext db) => db.HasOneWriter ? OfSqlite : OfPostgres;
}
