using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>A review as clients send and get it.</summary>
internal sealed record ReviewFields
{
    [Description("What the reviewer should check. At most 2,000 characters.")]
    public string? Instructions { get; init; }

    [Description("Seconds after which onTimeout is used as the answer, 60 to 2592000 (30 days). Omitted: no limit.")]
    public int? TimeoutSeconds { get; init; }

    [Description("The answer if there is none in time: approve or reject. Omitted: reject.")]
    public ReviewVerdict? OnTimeout { get; init; }

    public static ReviewFields From(ReviewOptions review) =>
        new()
        {
            Instructions = review.Instructions,
            TimeoutSeconds = review.TimeoutSeconds,
            OnTimeout = review.OnTimeout,
        };

    public ReviewOptions ToOptions() =>
        new()
        {
            Instructions = Instructions,
            TimeoutSeconds = TimeoutSeconds,
            OnTimeout = OnTimeout ?? new ReviewOptions().OnTimeout,
        };

    /// <summary>Reads <c>true</c> as a review without instructions and time limit, <c>false</c> as none.</summary>
    internal sealed class Converter : JsonConverter<ReviewFields>
    {
        public override ReviewFields? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.True => new ReviewFields(),
                JsonTokenType.False => null,
                _ => ApiBody.ReadInside<ReviewFields>(ref reader, options),
            };

        public override void Write(Utf8JsonWriter writer, ReviewFields value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, options);
    }
}
