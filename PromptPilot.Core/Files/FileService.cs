using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Files;

/// <summary>A file to download.</summary>
/// <param name="Chunks">Its content, piece by piece.</param>
public sealed record FileDownload(StoredFile File, IAsyncEnumerable<byte[]> Chunks);

/// <summary>Files as people and programs send and download them.</summary>
public sealed class FileService(Operations operations, FileStore store, IOptions<FilesOptions> options)
{
    /// <summary>Each upload is in memory while it is checked.</summary>
    private const int MostAtOnce = 4;

    private static readonly SemaphoreSlim Places = new(MostAtOnce);

    /// <summary>Waiting for a place and sending the file. A sender who stops in the middle must not keep the place.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Stores a picture or document, to start a run or make a test case with it. It stays for a day, and then as long as something uses it.
    /// </summary>
    /// <param name="content">Read to its end, or until it is too large.</param>
    /// <param name="kind">The wanted kind; null: either.</param>
    /// <returns>Or a problem at <c>file</c>: another type, too large, a document without text.</returns>
    public Task<Result<FileReference>> UploadAsync(
        Actor actor,
        string? name,
        Stream content,
        CancellationToken cancellationToken,
        FileKind? kind = null
    ) =>
        operations.AuthorizeAsync<FileReference>(
            actor,
            Permission.Run,
            async principal =>
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Timeout);
                try
                {
                    await Places.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return new Problem(ProblemKind.Unavailable, "Too many files are being uploaded. Try again in a few minutes.", []);
                }

                try
                {
                    var read = await ReadAsync(content, options.Value, limit.Token);
                    var saved = read.IsOk
                        ? await store.SaveAsync(read.Value, name, kind, principal.UserId, cancellationToken)
                        : read.Problem;
                    return saved.IsOk ? saved : AtField(saved.Problem);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return Problem.AtField("file", "The upload took too long. Try again, or send a smaller file.");
                }
                finally
                {
                    Places.Release();
                }
            },
            cancellationToken
        );

    /// <summary>A file that a run, a test case or a call uses, or that the actor sent.</summary>
    public Task<Result<FileDownload>> OpenAsync(Actor actor, string hash, CancellationToken cancellationToken) =>
        operations.ReadAsync<FileDownload>(
            actor,
            Permission.Read,
            async (db, principal) =>
                await Visible(db, principal.UserId).AsNoTracking().SingleOrDefaultAsync(file => file.Hash == hash, cancellationToken)
                    is { } file
                    ? new FileDownload(file, store.ReadChunksAsync(hash, CancellationToken.None))
                    : Problem.NotFound("file"),
            cancellationToken
        );

    /// <summary>
    /// Everyone reads all runs and test cases, and so their files. What was only uploaded is for its sender: knowing a hash does not show
    /// it.
    /// </summary>
    internal static IQueryable<StoredFile> Visible(PromptPilotDbContext db, string? userId) =>
        db.StoredFiles.Where(file => db.FileUses.Any(use => use.Hash == file.Hash) || (file.CreatedBy != null && file.CreatedBy == userId));

    private static Problem AtField(Problem problem) =>
        problem.Errors.Count > 0 ? problem : problem with { Errors = [new FieldError("file", problem.Message)] };

    private static async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(
        Stream content,
        FilesOptions options,
        CancellationToken cancellationToken
    )
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            memory.Write(buffer, 0, count);
            if (memory.Length > options.MaxFileBytes)
            {
                return FileStore.TooLarge(options);
            }
        }

        return (ReadOnlyMemory<byte>)memory.GetBuffer().AsMemory(0, (int)memory.Length);
    }
}
