using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Files;

/// <summary>Values whose files are references.</summary>
/// <param name="Sent">The texts, base64 or data URLs, that came with the values and are now stored.</param>
internal sealed record TakenFiles(IReadOnlyDictionary<string, JsonElement> Values, IReadOnlyList<string> Sent);

/// <summary>
/// Turns what callers send for inputs and variables that are files into references: <c>{"file":"…"}</c> names an uploaded file,
/// <c>{"name":"…","data":"…"}</c> has its content as base64, and a <c>data:</c> URL is taken too. An address is never fetched.
/// </summary>
public sealed class FileInputs(FileStore store, IDbContextFactory<PromptPilotDbContext> contexts, IOptions<FilesOptions> options)
{
    internal const string NotStored = "This file is not stored here. Unused files are removed after a day: send it again.";

    /// <param name="kinds">The kind of file of each input that is one.</param>
    /// <param name="field">Before the name in errors, e.g. <c>inputs</c>.</param>
    /// <param name="userId">The user in whose name the values are sent.</param>
    /// <param name="canStore">False: only files that are stored already.</param>
    /// <returns>All values; those that are not files at all stay as they are, for the check of types.</returns>
    internal async Task<Result<TakenFiles>> TakeAsync(
        IReadOnlyDictionary<string, FileKind> kinds,
        IReadOnlyDictionary<string, JsonElement> given,
        string field,
        string? userId,
        CancellationToken cancellationToken,
        bool canStore = true
    )
    {
        var wanted = given
            .Select(value =>
                (
                    Name: value.Key,
                    Kind: kinds.TryGetValue(value.Key, out var kind)
                        ? IsFile(value.Value)
                            ? kind
                            : (FileKind?)null
                        // JSON may name a file too. It must be one that the sender may read.
                        : FileReference.Read(value.Value)?.Kind
                )
            )
            .Where(value => value.Kind is not null)
            .ToList();
        if (wanted.Count == 0)
        {
            return new TakenFiles(given, []);
        }

        var limit = options.Value.MaxFilesPerRun;
        if (wanted.Count > limit)
        {
            return Problem.AtField(
                $"{field}.{wanted[limit].Name}",
                string.Create(CultureInfo.InvariantCulture, $"There can be at most {limit:N0} files. Leave some out.")
            );
        }

        var values = new Dictionary<string, JsonElement>(given);
        var sent = new List<string>();
        foreach (var (name, kind) in wanted)
        {
            var taken = await TakeAsync(given[name], kind!.Value, userId, canStore, sent, cancellationToken);
            if (!taken.IsOk)
            {
                return taken.Problem with { Errors = [new FieldError($"{field}.{name}", taken.Problem.Message)] };
            }

            values[name] = taken.Value.ToJson();
        }

        return new TakenFiles(values, sent);
    }

    /// <summary>By its first bytes: a text may not be valid Unicode, which is reported later.</summary>
    private static bool IsFile(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        || (value.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(value).StartsWith("\"data:"u8));

    private async Task<Result<FileReference>> TakeAsync(
        JsonElement value,
        FileKind kind,
        string? userId,
        bool canStore,
        List<string> sent,
        CancellationToken cancellationToken
    )
    {
        if (JsonText.Fault(value) is { } fault)
        {
            return Problem.Invalid(fault);
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("file", out _))
        {
            return await FindAsync(value, kind, userId, cancellationToken);
        }

        var data = value.ValueKind == JsonValueKind.String ? value.GetString() : TextOf(value, "data");
        if (data is null)
        {
            return Problem.Invalid(
                TextOf(value, "url") is null
                    ? "Send {\"file\": \"…\"} with the hash of an uploaded file, or {\"name\": \"…\", \"data\": \"…\"} with base64."
                    : "Addresses are not fetched. Send the file's content: {\"name\": \"…\", \"data\": \"…\"} with base64."
            );
        }

        if (!canStore)
        {
            return Problem.Invalid("Upload the file first, then send {\"file\": \"…\"} with its hash.");
        }

        var content = Decode(data, options.Value);
        if (!content.IsOk)
        {
            return content.Problem;
        }

        sent.Add(data);
        return await store.SaveAsync(content.Value, TextOf(value, "name"), kind, userId, cancellationToken);
    }

    private async Task<Result<FileReference>> FindAsync(
        JsonElement value,
        FileKind kind,
        string? userId,
        CancellationToken cancellationToken
    )
    {
        if (FileReference.IdOf(value) is not { } id)
        {
            return Problem.Invalid("“file” is not the hash of a file. Upload the file, and send the reference in the response.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var file = await FileService.Visible(db, userId).AsNoTracking().SingleOrDefaultAsync(f => f.Hash == id, cancellationToken);
        return file is null ? Problem.Invalid(NotStored)
            : MediaTypes.KindOf(file.MediaType) != kind
                ? Problem.Invalid($"This must be {MediaTypes.Accepted(kind)}, but the file is a {MediaTypes.NameOf(file.MediaType)}.")
            : new FileReference(file.Hash, FileReference.CleanName(TextOf(value, "name"), file.MediaType), file.MediaType, file.Size);
    }

    private static string? TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    /// <summary>Base64, alone or as a data URL.</summary>
    private static Result<ReadOnlyMemory<byte>> Decode(string data, FilesOptions options)
    {
        var text = data.AsSpan().Trim();
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            var comma = text.IndexOf(',');
            if (comma < 0 || !text[..comma].TrimEnd().EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            {
                return Problem.Invalid("This data URL is not base64. Write data:TYPE;base64,CONTENT.");
            }

            text = text[(comma + 1)..];
        }

        if (text.Length > Base64.GetMaxEncodedToUtf8Length((int)options.MaxFileBytes) + 1024)
        {
            return FileStore.TooLarge(options);
        }

        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64Chars(text, bytes, out var count)
            ? (Result<ReadOnlyMemory<byte>>)(ReadOnlyMemory<byte>)bytes.AsMemory(0, count)
            : Problem.Invalid("This is not valid base64. Encode the file's bytes as base64 and send them again.");
    }
}
