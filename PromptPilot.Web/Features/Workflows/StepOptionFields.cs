using System.Text.Json.Serialization;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>
/// The options of a step as clients send and get them: fields of the step itself, which <see cref="StepOptionJson"/> adds from the table.
/// </summary>
internal abstract record StepOptionFields
{
    [JsonIgnore]
    public StepOptions Options { get; set; } = new();
}

/// <summary>A review as clients send and get it.</summary>
internal sealed record ReviewFields : StepOptionFields;

/// <summary>Parameters that a step sends instead of its profile's.</summary>
internal sealed record ParameterFields : StepOptionFields;
