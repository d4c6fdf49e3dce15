using System.Text.Json;

namespace PromptPilot.Core.Models.Schemas;

/// <summary>What happens to a step's schema with a provider, for the form.</summary>
public static class SchemaDelivery
{
    private const int MostNamed = 3;

    /// <summary>One or two sentences, e.g. why it is only a hint.</summary>
    /// <param name="provider">A canonical name.</param>
    /// <param name="schema">A schema that answers can be checked by.</param>
    public static string Of(string provider, JsonElement schema)
    {
        var descriptor = Providers.Of(provider);
        if (descriptor.IsBuiltIn)
        {
            return $"{descriptor.Title} ignores schemas. PromptPilot checks every answer.";
        }

        if (descriptor.Schemas.TakesAll)
        {
            return $"{descriptor.Title} gets the schema as written. What it enforces depends on the server; "
                + "PromptPilot checks every answer.";
        }

        var sent = descriptor.Schemas.Of(schema);
        return sent switch
        {
            { Schema: null } => $"{descriptor.Title} does not get this schema, because {sent.Misfit}. Describe the JSON in the prompt; "
                + "PromptPilot checks every answer.",
            { Misfit: { } misfit } =>
                $"{descriptor.Title} gets this schema as a hint only, because {misfit}. PromptPilot checks every answer.",
            { Left: { Count: > 0 } left } => $"{descriptor.Title} enforces this schema, except "
                + $"{string.Join(", ", left.Take(MostNamed))}{(left.Count > MostNamed ? " and more" : "")}. PromptPilot checks the rest.",
            _ => $"{descriptor.Title} enforces this schema.",
        };
    }
}
