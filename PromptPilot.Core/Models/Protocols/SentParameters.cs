namespace PromptPilot.Core.Models.Protocols;

/// <summary>The parameters of a call: the profile's, with what the step changes. Null is not sent.</summary>
internal sealed record SentParameters(double? Temperature, int MaxTokens, double? TopP, IList<string>? Stop)
{
    public Effort? Effort { get; init; }

    public int? Seed { get; init; }

    public static SentParameters Of(ModelProfile profile, ParameterChanges? changes)
    {
        var (temperature, topP) = (changes?.Temperature ?? profile.Parameters.Temperature, changes?.TopP ?? profile.Parameters.TopP);
        if (Providers.Of(profile.Provider).TakesOneSampling && temperature is not null && topP is not null)
        {
            // One of the two is taken: where the step chose one, that is it. A step that says both gets the provider's own refusal.
            (temperature, topP) = changes switch
            {
                { Temperature: not null, TopP: null } => (temperature, null),
                { Temperature: null, TopP: not null } => (null, topP),
                _ => (temperature, topP),
            };
        }

        return new SentParameters(
            temperature,
            changes?.MaxTokens ?? profile.Parameters.MaxTokens,
            topP,
            profile.Parameters.Stop is { Count: > 0 } stop ? stop : null
        )
        {
            Effort = changes?.Effort ?? profile.Parameters.Effort,
            Seed = profile.Parameters.Seed,
        };
    }
}
