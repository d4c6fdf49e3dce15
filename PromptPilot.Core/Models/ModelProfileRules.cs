using System.Globalization;
using PromptPilot.Core.Models.Extras;
using PromptPilot.Core.Models.OpenAIFamily;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>Validates profiles before they are stored.</summary>
internal static class ModelProfileRules
{
    private const int MaxName = 200;
    private const int MaxKey = 2000;
    private const int MaxPrice = 100_000;
    private const int MaxBudget = 1_000_000;
    private const int MaxConcurrentCalls = 1_000;
    private const int MaxRequestsPerMinute = 100_000;
    private const int MaxContextTokens = 100_000_000;

    /// <summary>The limit of OpenAI.</summary>
    private const int MaxStops = 4;
    private const int MaxStop = 100;

    /// <summary>Everything that is wrong, at its field.</summary>
    /// <param name="stored">The profile that is being changed; null for a new one.</param>
    public static List<FieldError> Check(ModelProfileContent content, ModelProfile? stored, ModelEndpoints endpoints)
    {
        var errors = new List<FieldError>();
        void Unless(bool isRight, string field, string message)
        {
            if (!isRight)
            {
                errors.Add(new FieldError(field, message));
            }
        }

        Unless(content.Name?.Trim() is { Length: > 0 and <= MaxName }, "name", $"Enter a name of at most {MaxName} characters.");
        Unless(content.Model?.Trim() is { Length: > 0 and <= MaxName }, "model", "Enter the model name as the provider spells it.");
        CheckCall(content, stored, endpoints, Unless);

        var (parameters, limits, prices) = (content.Parameters, content.Limits, content.Prices);
        Unless(
            parameters.Temperature is null or (>= 0 and <= 2),
            "parameters.temperature",
            "The temperature must be a number from 0 to 2, or empty."
        );
        Unless(parameters.MaxTokens is >= 1 and <= 1_000_000, "parameters.maxTokens", "Max tokens must be from 1 to 1,000,000.");
        Unless(parameters.TopP is null or (>= 0 and <= 1), "parameters.topP", "Top-p must be a number from 0 to 1, or empty.");
        Unless(
            parameters.Stop.Count <= MaxStops && parameters.Stop.All(text => text is { Length: > 0 and <= MaxStop }),
            "parameters.stop",
            $"There can be at most {MaxStops} stop sequences of 1 to {MaxStop} characters."
        );
        Unless(
            string.IsNullOrEmpty(content.MaxTokensField) || content.MaxTokensField is ChatDialect.OlderField or ChatDialect.NewerField,
            "maxTokensField",
            $"The max tokens field must be {ChatDialect.OlderField} or {ChatDialect.NewerField}, or empty."
        );
        Unless(
            content.Roles.All(role => role != Role.Viewer && Enum.IsDefined(role)),
            "roles",
            "A profile can be limited to collaborators, architects and admins. Viewers cannot run anything."
        );
        Unless(parameters.Effort is null || Enum.IsDefined(parameters.Effort.Value), "parameters.effort", "Choose an effort, or none.");
        Unless(parameters.Seed is null or >= 0, "parameters.seed", "The seed must be a whole number of 0 or more, or empty.");
        Unless(
            prices.CacheWritePerMillion is null or (>= 0 and <= MaxPrice),
            "prices.cacheWritePerMillion",
            $"The price must be from 0 to {MaxPrice:N0} USD, or empty to use the input price."
        );
        Unless(
            content.ContextTokens is null or (>= 1 and <= MaxContextTokens),
            "contextTokens",
            $"The context must be from 1 to {MaxContextTokens:N0} tokens, or empty."
        );
        if (ExtraBody.Problem(content.ExtraBody) is { } body)
        {
            errors.Add(body);
        }

        errors.AddRange(ExtraHeaders.Problems(content.ExtraHeaders));
        Unless(prices.InputPerMillion is >= 0 and <= MaxPrice, "prices.inputPerMillion", $"The price must be from 0 to {MaxPrice:N0} USD.");
        Unless(
            prices.OutputPerMillion is >= 0 and <= MaxPrice,
            "prices.outputPerMillion",
            $"The price must be from 0 to {MaxPrice:N0} USD."
        );
        Unless(
            prices.CachedInputPerMillion is null or (>= 0 and <= MaxPrice),
            "prices.cachedInputPerMillion",
            $"The price must be from 0 to {MaxPrice:N0} USD, or empty to use the input price."
        );
        Unless(
            limits.FirstTokenSeconds is >= 1 and <= 3600,
            "limits.firstTokenSeconds",
            "The first token timeout must be from 1 to 3,600 seconds."
        );
        Unless(limits.IdleSeconds is >= 1 and <= 3600, "limits.idleSeconds", "The idle timeout must be from 1 to 3,600 seconds.");
        Unless(limits.AttemptSeconds is >= 1 and <= 86_400, "limits.attemptSeconds", "The total timeout must be from 1 to 86,400 seconds.");
        Unless(
            limits.ConcurrentCalls is null or (>= 1 and <= MaxConcurrentCalls),
            "limits.concurrentCalls",
            $"Concurrent calls must be from 1 to {MaxConcurrentCalls:N0}, or empty for no limit."
        );
        Unless(
            limits.RequestsPerMinute is null or (>= 1 and <= MaxRequestsPerMinute),
            "limits.requestsPerMinute",
            $"Calls per minute must be from 1 to {MaxRequestsPerMinute:N0}, or empty for no limit."
        );
        Unless(
            content.Budgets.Day is null or (>= 0 and <= MaxBudget),
            "budgets.day",
            $"The budget must be from 0 to {MaxBudget:N0} USD, or empty for no limit."
        );
        Unless(
            content.Budgets.Month is null or (>= 0 and <= MaxBudget),
            "budgets.month",
            $"The budget must be from 0 to {MaxBudget:N0} USD, or empty for no limit."
        );
        return errors;
    }

    /// <summary>Provider, endpoint and key belong together: a key goes only where it was typed for.</summary>
    private static void CheckCall(
        ModelProfileContent content,
        ModelProfile? stored,
        ModelEndpoints endpoints,
        Action<bool, string, string> unless
    )
    {
        var provider = Providers.Find(content.Provider);
        unless(
            provider is not null,
            "provider",
            $"The provider must be one of {string.Join(", ", Providers.All.Select(known => known.Key))}."
        );
        if (provider is null)
        {
            return;
        }

        var endpoint = ModelEndpoints.Tidy(content.Endpoint);
        if (endpoints.Problem(provider.Key, endpoint) is { } problem)
        {
            unless(false, "endpoint", problem);
        }

        var key = content.ApiKey?.Trim();
        if (provider.IsBuiltIn)
        {
            unless(string.IsNullOrEmpty(key), "apiKey", "The offline model needs no key. Leave this empty.");
            return;
        }

        unless(
            key is null || (key.Length <= MaxKey && key.All(c => c is > ' ' and < '\u007F')),
            "apiKey",
            "A key must be ASCII characters without spaces."
        );
        var goesElsewhere = stored is not null && (stored.Provider != provider.Key || stored.Endpoint != endpoint);
        unless(
            !(goesElsewhere && stored?.ApiKey is not null && key is null),
            "apiKey",
            "The provider or endpoint changed. Enter the key again, so that it is not sent to the wrong address."
        );
        unless(
            !(goesElsewhere && content.ExtraHeaders.Values.Contains(null)),
            "extraHeaders",
            "The provider or endpoint changed. Enter the values of the extra headers again, so that they are not sent to the wrong address."
        );
        unless(
            !provider.NeedsKey || !string.IsNullOrEmpty(key) || (key is null && stored?.ApiKey is not null),
            "apiKey",
            $"{provider.Title} needs an API key."
        );
        var parameters = content.Parameters;
        unless(
            provider.MaxTemperature >= ModelParameters.MaxTemperature
                || parameters.Temperature is null
                || parameters.Temperature <= provider.MaxTemperature,
            "parameters.temperature",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{provider.Title}'s temperature must be a number from 0 to {provider.MaxTemperature}, or empty."
            )
        );
        unless(
            !provider.TakesOneSampling || parameters.Temperature is null || parameters.TopP is null,
            "parameters.topP",
            $"{provider.Title}'s models accept either temperature or top-p. Leave one of them empty."
        );
    }
}
