using System.Security.Cryptography;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>Tells definitions apart.</summary>
internal static class DefinitionHash
{
    /// <summary>SHA-256 of all that a definition has, in hexadecimal.</summary>
    public static string Of(WorkflowDefinition definition) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(definition, AppJson.Options)));
}
