using System.Text.Json.Serialization;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>
/// The options of a step in requests and responses: fields of the step itself, which <see cref="StepOptionJson"/> adds from the table.
/// </summary>
internal abstract record StepOptionFields
{
    [JsonIgnore]
    public StepOptions Options { get; set; } = new();
}

/// <summary>A review in requests and responses.</summary>
internal sealed record ReviewFields : StepOptionFields;

/// <summary>Parameters that a step sends instead of its profile's.</summary>
internal sealed record ParameterFields : StepOptionFields;
