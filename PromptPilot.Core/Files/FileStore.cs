using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Files;

/// <summary>
/// The one place that reads and writes the content of files: rows in chunks, once for each content. It checks no permission; see
/// <see cref="FileService"/>.
/// </summary>
public sealed class FileStore(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    DocumentTexts texts,
    IOptions<FilesOptions> options,
    TimeProvider time
)
{
    /// <summary>Those of the files that something uses, so that everyone who reads test cases and runs may read them too.</summary>
    internal async Task<IReadOnlyDictionary<string, FileReference>> KeptAsync(
        IReadOnlyDictionary<string, FileReference> files,
        CancellationToken cancellationToken
    )
    {
        if (files.Count == 0)
        {
            return files;
        }

        var hashes = files.Keys.ToList();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var kept = await db
            .FileUses.Where(use => hashes.Contains(use.Hash))
            .Select(use => use.Hash)
            .Distinct()
            .ToListAsync(cancellationToken);
        return kept.ToDictionary(hash => hash, hash => files[hash]);
    }

    /// <summary>Checks a file by its content and stores it, with its text if it is a document. All or nothing.</summary>
    /// <param name="name">As sent; a path before it is dropped.</param>
    /// <param name="kind">The wanted kind; null: either.</param>
    /// <param name="userId">Who sends it; null: a trigger without owner or the portal.</param>
    /// <returns>Or a problem, to be shown at the field: another type, too large, no text, or no space.</returns>
    internal async Task<Result<FileReference>> SaveAsync(
        ReadOnlyMemory<byte> content,
        string? name,
        FileKind? kind,
        string? userId,
        CancellationToken cancellationToken
    )
    {
        if (content.Length > options.Value.MaxFileBytes)
        {
            return TooLarge(options.Value);
        }

        var seen = FileContent.Of(content.Span);
        if (Refusal(seen, kind, options.Value) is { } refusal)
        {
            return refusal;
        }

        var type = seen.MediaType!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        var reference = new FileReference(hash, FileReference.CleanName(name, type), type, content.Length);
        if (await TouchAsync(hash, cancellationToken))
        {
            return reference;
        }

        var text = (DocumentText?)null;
        if (reference.Kind == FileKind.Document)
        {
            var read = await texts.ReadAsync(content, type, cancellationToken);
            if (!read.IsOk)
            {
                return read.Problem;
            }

            text = read.Value;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var file = new StoredFile
        {
            Hash = hash,
            MediaType = type,
            Size = content.Length,
            Width = seen.Width > 0 ? seen.Width : null,
            Height = seen.Height > 0 ? seen.Height : null,
            Pages = text?.Pages,
            TextLength = text?.Text.Length,
            CreatedBy = userId,
            CreatedAt = now,
            LastSentAt = now,
        };
        return await InsertAsync(file, content, text?.Text, cancellationToken) is { } problem ? problem : reference;
    }

    internal static Problem TooLarge(FilesOptions options) =>
        new(
            ProblemKind.TooLarge,
            string.Create(CultureInfo.InvariantCulture, $"A file can be at most {options.MaxFileMegabytes:N0} MB. Send a smaller one."),
            []
        );

    /// <summary>What is stored about a file; null: it is not stored.</summary>
    public async Task<StoredFile?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.StoredFiles.AsNoTracking().SingleOrDefaultAsync(file => file.Hash == hash, cancellationToken);
    }

    /// <summary>The whole content; null: it is not stored.</summary>
    public async Task<byte[]?> ReadAsync(string hash, CancellationToken cancellationToken)
    {
        if (await FindAsync(hash, cancellationToken) is not { } file)
        {
            return null;
        }

        var content = new byte[file.Size];
        var at = 0;
        await foreach (var chunk in ReadChunksAsync(hash, cancellationToken))
        {
            chunk.CopyTo(content, at);
            at += chunk.Length;
        }

        return at == content.Length ? content : null;
    }

    /// <summary>The content piece by piece, so that a slow reader holds one piece and no connection.</summary>
    internal async IAsyncEnumerable<byte[]> ReadChunksAsync(string hash, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 0; await ReadChunkAsync(hash, number, cancellationToken) is { } chunk; number++)
        {
            yield return chunk;
        }
    }

    /// <summary>The text of a document; null: it is not stored, or is a picture.</summary>
    public async Task<string?> ReadTextAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db
            .FileTexts.AsNoTracking()
            .Where(text => text.Hash == hash)
            .Select(text => text.Text)
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Keeps a stored file for another day.</summary>
    /// <returns>False: it is not stored.</returns>
    internal async Task<bool> TouchAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        return await db.StoredFiles.AnyAsync(file => file.Hash == hash, cancellationToken)
            && await db
                .StoredFiles.Where(file => file.Hash == hash)
                .ExecuteUpdateAsync(set => set.SetProperty(file => file.LastSentAt, now), cancellationToken) > 0;
    }

    private async Task<byte[]?> ReadChunkAsync(string hash, int number, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db
            .FileChunks.AsNoTracking()
            .Where(chunk => chunk.Hash == hash && chunk.Number == number)
            .Select(chunk => chunk.Content)
            .SingleOrDefaultAsync(cancellationToken);
    }

    private static Problem? Refusal(FileContent seen, FileKind? kind, FilesOptions limits) =>
        seen.MediaType is not { } type
            ? Problem.Invalid(
                $"This is {seen.Rejected}. Send {(kind is { } wanted ? MediaTypes.Accepted(wanted) : "a picture or a document")}."
            )
        : kind is { } other && other != MediaTypes.KindOf(type)
            ? Problem.Invalid($"This must be {MediaTypes.Accepted(other)}, but the file is a {MediaTypes.NameOf(type)}.")
        : Math.Max(seen.Width, seen.Height) > limits.MaxPictureSide
            ? Problem.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This picture is {seen.Width:N0} × {seen.Height:N0} pixels. The limit is {limits.MaxPictureSide:N0} on each side. "
                ) + "Make it smaller."
            )
        : null;

    private async Task<Problem?> InsertAsync(
        StoredFile file,
        ReadOnlyMemory<byte> content,
        string? text,
        CancellationToken cancellationToken
    )
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        if (await db.StoredFiles.AnyAsync(other => other.Hash == file.Hash, cancellationToken))
        {
            // Someone else has just sent the same.
            return null;
        }

        var used = await db.StoredFiles.SumAsync(other => other.Size, cancellationToken);
        if (used + file.Size > options.Value.MaxTotalMegabytes * 1024L * 1024)
        {
            return Problem.Conflict(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"There is no space for this file: all files together are limited to {options.Value.MaxTotalMegabytes:N0} MB. "
                ) + "Delete old runs, or ask an admin to raise the limit in the settings."
            );
        }

        db.StoredFiles.Add(file);
        for (var number = 0; number * (long)FileChunk.Most < content.Length; number++)
        {
            var from = number * FileChunk.Most;
            db.FileChunks.Add(
                new FileChunk
                {
                    Hash = file.Hash,
                    Number = number,
                    Content = content.Slice(from, Math.Min(FileChunk.Most, content.Length - from)).ToArray(),
                }
            );
        }

        if (text is not null)
        {
            db.FileTexts.Add(new FileText { Hash = file.Hash, Text = text });
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
