using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>
/// Tries profiles as they are being filled in, before anything is saved: so a new key is known to work before calls take it. For admins.
/// </summary>
public sealed class ModelTrialService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    ModelKeys keys,
    ModelEndpoints endpoints,
    ModelGateway gateway,
    ModelCatalog catalog,
    TimeProvider time
)
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Calls the model once with a short fixed text. A failure of the provider is a fault in the answer.</summary>
    /// <param name="id">The stored profile whose key is meant where the content has none; null for a new one.</param>
    /// <returns>Field errors where the content is wrong; its name is not looked at.</returns>
    public Task<Result<ModelTest>> TestAsync(Actor actor, string? id, ModelProfileContent content, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ModelTest>(
            actor,
            Permission.Admin,
            async _ =>
            {
                var draft = await DraftAsync(
                    id,
                    content,
                    needsModel: true,
                    "No call was made. Correct the profile first.",
                    cancellationToken
                );
                if (!draft.IsOk)
                {
                    return draft.Problem;
                }

                var start = time.GetTimestamp();
                var request = new ModelRequest(
                    draft.Value.Id,
                    "test",
                    null,
                    ModelProfileService.TestPrompt,
                    ModelProfileService.TestTimeout
                );
                return ModelTest.Of(
                    await gateway.CallAsync(draft.Value, request, static _ => { }, cancellationToken),
                    time.GetElapsedTime(start)
                );
            },
            cancellationToken
        );

    /// <summary>The models that the provider offers for this endpoint and key.</summary>
    /// <inheritdoc cref="TestAsync" path="/param"/>
    /// <returns>A problem at <c>apiKey</c>, <c>endpoint</c> or <c>model</c> that says why there is no list.</returns>
    public Task<Result<IReadOnlyList<OfferedModel>>> ListModelsAsync(
        Actor actor,
        string? id,
        ModelProfileContent content,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<IReadOnlyList<OfferedModel>>(
            actor,
            Permission.Admin,
            async _ =>
            {
                var draft = await DraftAsync(
                    id,
                    content,
                    needsModel: false,
                    "Could not list the models. Correct the profile first.",
                    cancellationToken
                );
                if (!draft.IsOk)
                {
                    return draft.Problem;
                }

                using var limit = new CancellationTokenSource(ListTimeout, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    return await catalog.ListAsync(draft.Value, both.Token);
                }
                catch (CryptographicException)
                {
                    return Problem.AtField(
                        "apiKey",
                        "The stored key cannot be read because the host's key ring was replaced. Enter the key again."
                    );
                }
                catch (Exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    return Problem.AtField(
                        "endpoint",
                        $"Timed out after {ListTimeout.TotalSeconds:0} s waiting for the provider's model list. Check the "
                            + "endpoint, or enter the model name."
                    );
                }
                catch (Exception exception)
                    when (!cancellationToken.IsCancellationRequested && ModelFaults.Of(exception, hasAnswered: false) is { } fault)
                {
                    return Problem.AtField(FieldOf(fault.Code), $"Could not list the models. {fault.Message}");
                }
            },
            cancellationToken
        );

    private static string FieldOf(ErrorCode code) =>
        code switch
        {
            ErrorCode.Auth => "apiKey",
            ErrorCode.Unreachable or ErrorCode.BadRequest or ErrorCode.IncompleteStream => "endpoint",
            _ => "model",
        };

    /// <summary>
    /// The profile as it would be, which nobody else sees. Its key is the typed one, or the stored one where it goes to the address it was
    /// typed for.
    /// </summary>
    private async Task<Result<ModelProfile>> DraftAsync(
        string? id,
        ModelProfileContent content,
        bool needsModel,
        string message,
        CancellationToken cancellationToken
    )
    {
        ModelProfile? stored = null;
        if (id is not null)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            stored = await db.ModelProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
            if (stored is null)
            {
                return Problem.NotFound("model profile");
            }
        }

        var named = content with
        {
            Name = "trial",
            Model =
                needsModel ? content.Model
                : string.IsNullOrWhiteSpace(content.Model) ? "any"
                : content.Model,
        };
        if (ModelProfileRules.Check(named, stored, endpoints) is { Count: > 0 } errors)
        {
            return Problem.Invalid(message, errors);
        }

        var draft = new ModelProfile
        {
            Name = "",
            NormalizedName = "",
            Provider = "",
            Model = "",
            ApiKey = stored?.ApiKey,
            ExtraHeaders = stored?.ExtraHeaders,
        };
        ModelProfileChanges.Apply(named, draft, keys, time.GetUtcNow().UtcDateTime);
        return draft;
    }
}
