using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Models.Telemetry;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// Calls models through Semantic Kernel: each call is one streaming invocation of one KernelFunction on the kernel of its profile. Nothing
/// is retried here.
/// </summary>
public sealed class ModelGateway(
    ModelProfiles profiles,
    KernelFactory kernels,
    CallPictures pictures,
    IConfiguration configuration,
    TimeProvider time
) : IModelGateway
{
    /// <summary>The most an answer may hold. A server that ignores maxTokens must not exhaust the host's memory.</summary>
    internal const int MostCharacters = 4_000_000;

    private readonly bool _withTexts = configuration.GetValue(PortalTelemetry.CaptureTexts, false);

    public async Task<ModelReply> CallAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken)
    {
        var profile = await profiles.FindAsync(request.ProfileId, cancellationToken);
        if (profile is null)
        {
            return Refused(new(ErrorCode.BadRequest, "The model profile no longer exists. Choose another one for this step."));
        }

        return profile.Enabled
            ? await CallAsync(profile, request, onText, cancellationToken)
            : new ReplyBuilder(profile, request).Fail(
                new(ErrorCode.BadRequest, $"The model profile “{profile.Name}” is disabled. Enable it or choose another one.")
            );
    }

    /// <summary>Calls a given profile, stored or not, so that a profile can be tested before it is saved.</summary>
    /// <inheritdoc cref="CallAsync(ModelRequest, Action{string}, CancellationToken)"/>
    public async Task<ModelReply> CallAsync(
        ModelProfile profile,
        ModelRequest request,
        Action<string> onText,
        CancellationToken cancellationToken
    )
    {
        var reply = new ReplyBuilder(profile, request);
        ProfileKernel kernel;
        try
        {
            kernel = kernels.For(profile);
        }
        catch (CryptographicException)
        {
            return reply.Fail(
                new(
                    ErrorCode.Auth,
                    $"The stored key of the model profile “{profile.Name}” cannot be read because the host's key ring was "
                        + "replaced. Enter the key again."
                )
            );
        }

        var sent = Array.Empty<SentPicture>();
        if (request.Pictures.Count > 0)
        {
            var read = await pictures.ReadAsync(profile, request, cancellationToken);
            if (!read.IsOk)
            {
                return reply.Fail(new(ErrorCode.BadRequest, read.Problem.Message));
            }

            sent = read.Value;
        }

        using var telemetry = CallTelemetry.Begin(time, profile, request, _withTexts);
        var answer = await StreamAsync(kernel, profile, request, sent, reply, onText, cancellationToken);
        telemetry?.End(answer);
        return answer;
    }

    private async Task<ModelReply> StreamAsync(
        ProfileKernel kernel,
        ModelProfile profile,
        ModelRequest request,
        SentPicture[] sent,
        ReplyBuilder reply,
        Action<string> onText,
        CancellationToken cancellationToken
    )
    {
        using var watch = new CallWatch(time, profile.Limits, request.Timeout, cancellationToken);
        try
        {
            await foreach (var chunk in kernel.InvokeAsync(request, sent, watch.Token))
            {
                var text = reply.Add(chunk);
                if (text.Length > 0)
                {
                    if (!reply.HasFirstToken)
                    {
                        reply.FirstTokenAt(watch.Elapsed);
                    }

                    watch.Beat();
                    onText(text);
                    if (reply.Length > MostCharacters)
                    {
                        return reply.Fail(
                            new(
                                ErrorCode.InvalidOutput,
                                $"The answer was stopped at {MostCharacters:N0} characters because the server ignores the "
                                    + "profile's max tokens."
                            )
                        );
                    }
                }
                else if (reply.Chunks > 1)
                {
                    // The opening chunk only names the role and may come long before the model starts; any other is a sign of life, e.g. of
                    // a model that thinks first.
                    watch.Beat();
                }
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // After the finish reason nothing that still happens to the connection takes the answer back.
            if (reply.Ending is Ending.None or Ending.Failed)
            {
                var fault = watch.Expired is { } expired
                    ? new ModelFault(ErrorCode.Timeout, expired + ". Raise the timeout of the profile or step if the model needs longer.")
                    : ModelFaults.Of(exception, reply.Chunks > 0);
                if (fault is null)
                {
                    throw;
                }

                return reply.Fail(fault);
            }
        }
        catch (Exception exception)
        {
            // Libraries cancel with their own tokens and exceptions. The caller gets its own token's exception.
            throw new OperationCanceledException("The call was cancelled.", exception, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (reply.Complete() is { Length: > 0 } rest)
        {
            onText(rest);
        }

        return reply.Finish();
    }

    private static ModelReply Refused(ModelFault fault) => new("", "", 0, 0, 0, false, null, fault);
}
