namespace PromptPilot.Core.Models.Known;

/// <summary>What the model of a profile can do: as the profile says, else as known of the model. Null: not known.</summary>
public static class ModelAbilities
{
    /// <summary>False: calls with pictures are refused. If it is not known, the provider decides.</summary>
    public static bool? TakesPictures(string provider, string model, bool? entered) => entered ?? Known(provider, model)?.TakesPictures;

    /// <summary>The most tokens of a call, input and answer together.</summary>
    public static int? ContextTokens(string provider, string model, int? entered) => entered ?? Known(provider, model)?.ContextTokens;

    internal static bool? TakesPictures(ModelProfile profile) => TakesPictures(profile.Provider, profile.Model, profile.TakesPictures);

    internal static int? ContextTokens(ModelProfile profile) => ContextTokens(profile.Provider, profile.Model, profile.ContextTokens);

    /// <summary>Why a profile cannot be used with a picture; null if it can, or that is not known.</summary>
    internal static string? PictureRefusal(ModelProfile profile) =>
        TakesPictures(profile) == false
            ? $"The model {profile.Model} of the profile “{profile.Name}” does not accept pictures. Choose a profile whose model does."
            : null;

    private static KnownModel? Known(string provider, string model) =>
        Providers.Find(provider) is { NamesModels: true } ? KnownModels.FindFamily(model) : null;
}
