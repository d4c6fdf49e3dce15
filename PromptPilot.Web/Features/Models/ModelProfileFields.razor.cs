using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Models;

public sealed partial class ModelProfileFields
{
    private static readonly string[] LimitErrors =
    [
        "limits.firstTokenSeconds",
        "limits.idleSeconds",
        "limits.attemptSeconds",
        "limits.concurrentCalls",
        "limits.requestsPerMinute",
    ];

    /// <summary>The fields that show their errors here.</summary>
    internal static readonly string[] ShownErrors =
    [
        "name",
        "provider",
        "model",
        "endpoint",
        "apiKey",
        "parameters.temperature",
        "parameters.maxTokens",
        "parameters.topP",
        "parameters.stop",
        "parameters.effort",
        "parameters.seed",
        "contextTokens",
        "extraBody",
        "extraHeaders",
        "roles",
        "fallbacks",
        .. PricesFields.ShownErrors,
        .. LimitErrors,
    ];

    [Parameter, EditorRequired]
    public ModelProfileForm Form { get; set; } = default!;

    /// <summary>Errors of the last attempt to save.</summary>
    [Parameter]
    public Problem? Problem { get; set; }

    /// <summary>All other profiles.</summary>
    [Parameter]
    public IReadOnlyList<ModelProfileName> Others { get; set; } = [];

    /// <summary>The provider is being asked for its models.</summary>
    [Parameter]
    public bool Listing { get; set; }

    /// <summary>Raised to ask the provider for its models.</summary>
    [Parameter]
    public EventCallback OnListModels { get; set; }

    private bool SendsNewerField
    {
        get => Form.MaxTokensField == "max_completion_tokens";
        set => Form.MaxTokensField = value ? "max_completion_tokens" : "";
    }

    /// <summary>What applies while nothing is chosen.</summary>
    private string PictureDefault =>
        KnownPictures switch
        {
            true => "Automatic: yes",
            false => "Automatic: no",
            null => "Automatic",
        };

    private string PictureHelp =>
        "If not, calls with pictures are refused before they are sent." + KnownOn(Form.TakesPictures is null && KnownPictures is not null);

    private string? ContextDefault => KnownContext is { } tokens ? Format.Count(tokens) : "not known";

    private string ContextHelp =>
        "Input and answer together. Longer calls get a warning." + KnownOn(Form.ContextTokens is null && KnownContext is not null);

    private bool? KnownPictures => ModelAbilities.TakesPictures(Form.Provider, Form.Model, entered: null);

    private int? KnownContext => ModelAbilities.ContextTokens(Form.Provider, Form.Model, entered: null);

    private static string KnownOn(bool isKnown) =>
        isKnown ? string.Create(CultureInfo.InvariantCulture, $" As of {KnownModels.Abilities.AsOf:d MMMM yyyy}.") : "";

    private FieldErrors Errors => new(Problem);

    private ProviderDescriptor Provider => Form.Descriptor;

    private string LimitWords =>
        string.Join(
            ", ",
            new[]
            {
                Form.ConcurrentCalls is { } calls ? $"{Format.Count(calls, "call")} at a time" : null,
                Form.RequestsPerMinute is { } minute ? $"{Format.Count(minute)} per minute" : null,
                $"{Form.FirstTokenSeconds} s to the first token, {Form.IdleSeconds} s idle, {Form.AttemptSeconds} s in total",
            }.OfType<string>()
        );
}
