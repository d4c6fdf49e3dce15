using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Files;

/// <summary>The values of a call in two forms, and its pictures.</summary>
/// <param name="Logged">For the execution log: files are references.</param>
/// <param name="Rendered">For the prompt's text: documents are their text, pictures a mark.</param>
internal sealed record CallValues(
    Dictionary<string, JsonElement> Logged,
    IReadOnlyDictionary<string, JsonElement> Rendered,
    IReadOnlyList<CallPicture> Pictures
)
{
    public static CallValues Plain(Dictionary<string, JsonElement> values) => new(values, values, []);
}

/// <summary>The files of a call, read once: the texts of documents, and the size of pictures.</summary>
/// <param name="Files">All files that the call may use, by hash.</param>
/// <param name="Texts">Texts of its documents, by hash.</param>
/// <param name="Pictures">What is known about its pictures, by hash.</param>
internal sealed record CallDocuments(
    IReadOnlyDictionary<string, FileReference> Files,
    IReadOnlyDictionary<string, string> Texts,
    IReadOnlyDictionary<string, StoredFile> Pictures
);

/// <summary>
/// Puts the content of files in place of their references, for one call. Only the run's own inputs, or the values that a caller sent, name
/// files: what a model writes is never taken as one.
/// </summary>
public sealed class CallFiles(FileStore store)
{
    /// <summary>Reads the documents among values, and finds the pictures.</summary>
    /// <param name="files">By hash; see <see cref="FileReference.In"/>.</param>
    /// <returns>Or a problem that names a file that is no longer stored.</returns>
    internal async Task<Result<CallDocuments>> ReadAsync(
        IReadOnlyDictionary<string, FileReference> files,
        CancellationToken cancellationToken
    )
    {
        var texts = new Dictionary<string, string>();
        var pictures = new Dictionary<string, StoredFile>();
        foreach (var file in files.Values)
        {
            if (file.Kind == FileKind.Picture && await store.FindAsync(file.File, cancellationToken) is { } picture)
            {
                pictures[file.File] = picture;
            }
            else if (file.Kind == FileKind.Document && await store.ReadTextAsync(file.File, cancellationToken) is { } text)
            {
                texts[file.File] = text;
            }
            else
            {
                return Problem.Invalid($"The file “{file.Name}” is no longer stored. Send it again.");
            }
        }

        return new CallDocuments(files, texts, pictures);
    }

    /// <summary>The values that expressions read: a document is its text, so that filters apply to it.</summary>
    internal static IReadOnlyDictionary<string, JsonElement> WithTexts(
        IReadOnlyDictionary<string, JsonElement> context,
        CallDocuments documents
    )
    {
        if (documents.Texts.Count == 0)
        {
            return context;
        }

        var read = new Dictionary<string, JsonElement>(context);
        foreach (var (name, value) in context)
        {
            if (TextOf(value, documents) is { } text)
            {
                read[name] = AppJson.Text(text);
            }
        }

        return read;
    }

    /// <summary>The values of a prompt's variables in both forms.</summary>
    /// <param name="values">With references, or with texts from <see cref="WithTexts"/>.</param>
    internal static CallValues Split(Dictionary<string, JsonElement> values, CallDocuments documents)
    {
        var logged = new Dictionary<string, JsonElement>(values.Count);
        var rendered = new Dictionary<string, JsonElement>(values.Count);
        var pictures = new List<CallPicture>();
        foreach (var (name, value) in values)
        {
            logged[name] = rendered[name] = value;
            if (TextOf(value, documents) is { } text)
            {
                rendered[name] = AppJson.Text(text);
            }
            else if (FileOfText(value, documents) is { } document)
            {
                // A log of each step with the whole document would be many times as large as the document.
                logged[name] = document.ToJson();
            }
            else if (Known(value, documents) is { Kind: FileKind.Picture } picture)
            {
                rendered[name] = AppJson.Text(Add(pictures, name, picture, documents));
            }
            else if (HasMembers(value, documents))
            {
                rendered[name] = Members(name, value, documents, pictures);
            }
        }

        return new CallValues(logged, rendered, pictures);
    }

    private static bool HasMembers(JsonElement value, CallDocuments documents) =>
        documents.Files.Count > 0
        && value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().Any(member => Known(member.Value, documents) is not null);

    /// <summary>
    /// An object with the contents of files that are its members, such as the inputs of a test case. Each file is read once, so that an
    /// object that names one a thousand times stays small.
    /// </summary>
    private static JsonElement Members(string name, JsonElement value, CallDocuments documents, List<CallPicture> pictures)
    {
        var members = new Dictionary<string, JsonElement>();
        var first = new Dictionary<string, string>();
        foreach (var member in value.EnumerateObject())
        {
            if (Known(member.Value, documents) is not { } file)
            {
                members[member.Name] = member.Value;
            }
            else if (first.TryGetValue(file.File, out var same))
            {
                members[member.Name] = AppJson.Text($"[the same file as {same}]");
            }
            else
            {
                first[file.File] = member.Name;
                members[member.Name] = AppJson.Text(
                    TextOf(member.Value, documents) ?? Add(pictures, $"{name}.{member.Name}", file, documents)
                );
            }
        }

        return JsonSerializer.SerializeToElement(members, AppJson.Options);
    }

    /// <returns>The mark of the picture.</returns>
    private static string Add(List<CallPicture> pictures, string name, FileReference file, CallDocuments documents)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"[picture {pictures.Count + 1}]");
        var stored = documents.Pictures[file.File];
        pictures.Add(new CallPicture(name, file, mark) { Width = stored.Width, Height = stored.Height });
        return mark;
    }

    private static FileReference? Known(JsonElement value, CallDocuments documents) =>
        FileReference.Read(value) is { } reference ? documents.Files.GetValueOrDefault(reference.File) : null;

    private static string? TextOf(JsonElement value, CallDocuments documents) =>
        Known(value, documents) is { } file ? documents.Texts.GetValueOrDefault(file.File) : null;

    private static FileReference? FileOfText(JsonElement value, CallDocuments documents)
    {
        if (value.ValueKind != JsonValueKind.String || documents.Texts.Count == 0)
        {
            return null;
        }

        foreach (var (hash, text) in documents.Texts)
        {
            if (value.ValueEquals(text))
            {
                return documents.Files[hash];
            }
        }

        return null;
    }
}
