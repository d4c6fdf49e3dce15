using System.Text.Json;
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

        var (owner, id) = log.RunId is { } run ? (FileOwner.Run, run) : (FileOwner.Call, log.Id);
        var named = await OwnFilesAsync(FileReference.InMembers(log.Input.Values), owner, id, cancellationToken);
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
                    .. documents.Value.Texts.SelectMany(text => FormsOf(named[text.Key], text.Value)),
                    .. call.Pictures.Select(picture => new SentFile(picture.File, Text: null, picture.Mark)),
                ],
            });
    }

    /// <summary>As it is, and as it stands in JSON.</summary>
    private static IEnumerable<SentFile> FormsOf(FileReference file, string text)
    {
        yield return new SentFile(file, text, Mark: null);
        var quoted = JsonSerializer.Serialize(text, AppJson.Options)[1..^1];
        if (quoted != text)
        {
            yield return new SentFile(file, quoted, Mark: null);
        }
    }

    /// <summary>Inputs of a run as a prompt reads them: documents are their text. Pictures stay references.</summary>
    /// <returns>The same values when a file is no longer stored.</returns>
    internal async Task<IReadOnlyDictionary<string, JsonElement>> WithTextsAsync(
        IReadOnlyDictionary<string, JsonElement> inputs,
        string runId,
        CancellationToken cancellationToken
    )
    {
        var named = await OwnFilesAsync(FileReference.In(inputs.Values), FileOwner.Run, runId, cancellationToken);
        var documents = await files.ReadAsync(named, cancellationToken);
        return documents.IsOk ? CallFiles.WithTexts(inputs, documents.Value) : inputs;
    }

    /// <summary>
    /// The named files that belong to the run or call. Any other reference was written by a model, or names a file that the caller may not
    /// read, and the text of that file was not sent.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, FileReference>> OwnFilesAsync(
        Dictionary<string, FileReference> named,
        FileOwner owner,
        string ownerId,
        CancellationToken cancellationToken
    )
    {
        if (named.Count == 0)
        {
            return named;
        }

        var hashes = named.Keys.ToList();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var own = await db
            .FileUses.Where(use => use.Owner == owner && use.OwnerId == ownerId && hashes.Contains(use.Hash))
            .Select(use => use.Hash)
            .ToListAsync(cancellationToken);
        return own.ToDictionary(hash => hash, hash => named[hash]);
    }
}
