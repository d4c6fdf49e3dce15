using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>The repository's own texts, by path from its root.</summary>
internal static class Documents
{
    /// <summary>Folders that hold what is built or installed.</summary>
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", "node_modules", "data", ".git"];

    /// <summary>Every Markdown file.</summary>
    public static TheoryData<string> Markdown() => [.. Matching("*.md")];

    /// <summary>Files whose name matches a pattern such as <c>*.md</c>, in order.</summary>
    public static IEnumerable<string> Matching(string pattern) =>
        Directory
            .EnumerateFiles(RepositoryRoot.Path, pattern, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').SkipLast(1).Any(NotOurs.Contains))
            .Order(StringComparer.Ordinal);

    public static string Read(string document) => File.ReadAllText(RepositoryRoot.File(document));
}
