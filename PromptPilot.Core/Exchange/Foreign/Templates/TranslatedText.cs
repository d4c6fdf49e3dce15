namespace PromptPilot.Core.Exchange.Foreign.Templates;

/// <summary>A template of another tool as Liquid.</summary>
/// <param name="Errors">What has no counterpart, one sentence each, with its line. The text is not used then.</param>
/// <param name="Notes">What was changed on the way and may read differently.</param>
internal sealed record TranslatedText(string Text, IReadOnlyList<string> Errors, IReadOnlyList<string> Notes);

/// <summary>Collects the pieces of a translation.</summary>
internal sealed class Translation(string source)
{
    private readonly System.Text.StringBuilder _text = new();
    private readonly List<string> _errors = [];
    private readonly List<string> _notes = [];

    public void Add(ReadOnlySpan<char> text) => _text.Append(text);

    /// <param name="at">Position in the source, for the line.</param>
    public void Refuse(int at, string tag, string why) => _errors.Add($"Line {LineOf(at)}: {Short(tag)} {why}");

    public void Note(int at, string text) => _notes.Add($"Line {LineOf(at)}: {text}");

    public TranslatedText End() => new(_text.ToString(), [.. _errors.Distinct()], [.. _notes.Distinct()]);

    private int LineOf(int at) => source.AsSpan(0, at).Count('\n') + 1;

    private static string Short(string tag) => Shared.Texts.Shorten.Text(tag.ReplaceLineEndings(" "), 60);
}
