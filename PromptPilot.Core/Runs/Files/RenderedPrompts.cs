using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Files;

/// <summary>Renders what calls sent, again from the immutable version, the recorded input and the stored files.</summary>
public sealed class RenderedPrompts(PromptVersions versions, CallFiles files, IDbContextFactory<PromptPilotDbContext> contexts)
{
    /// <returns>NotFound without the version; or why it cannot be rendered.</returns>
    internal async Task<Result<RenderedPrompt>> OfAsync(ExecutionLog log, CancellationToken cancellationToken)
    {
        if (await versions.FindAsync(log.PromptVersionId, cancellationToken) is not { } version)
        {
            return Problem.NotFound("execution log");
        }

        var whole = await versions.WithPartsAsync(version, log.PartVersions, cancellationToken);
        if (!whole.IsOk)
        {
            return whole.Problem;
        }

        var named = await OwnFilesAsync(log, cancellationToken);
        if (named.Count == 0)
        {
            return whole
                .Value.Source.Render(version.VariableDefinitions, log.Input, cancellationToken)
                .Map(texts => new RenderedPrompt(texts.Messages));
        }

        var documents = await files.ReadAsync(named, cancellationToken);
        if (!documents.IsOk)
        {
            return documents.Problem;
        }

        var call = CallFiles.Split(log.Input, documents.Value);
        return whole
            .Value.Source.Render(version.VariableDefinitions, call.Rendered, cancellationToken)
            .Map(texts => new RenderedPrompt(texts.Messages)
            {
                Files =
                [
                    .. documents.Value.Texts.Select(text => new SentFile(named[text.Key], text.Value, Mark: null)),
                    .. call.Pictures.Select(picture => new SentFile(picture.File, Text: null, picture.Mark)),
                ],
            });
    }

    /// <summary>
    /// The files among the input that belong to the run or call. Any other reference was written by a model, and the text of that file was
    /// not sent.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, FileReference>> OwnFilesAsync(ExecutionLog log, CancellationToken cancellationToken)
    {
        var named = FileReference.In(log.Input.Values);
        if (named.Count == 0)
        {
            return named;
        }

        var (owner, id) = log.RunId is { } run ? (FileOwner.Run, run) : (FileOwner.Call, log.Id);
        var hashes = named.Keys.ToList();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var own = await db
            .FileUses.Where(use => use.Owner == owner && use.OwnerId == id && hashes.Contains(use.Hash))
            .Select(use => use.Hash)
            .ToListAsync(cancellationToken);
        return own.ToDictionary(hash => hash, hash => named[hash]);
    }
}
