using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Files;

/// <summary>A reference to a file as the text of a field: forms keep all their values as texts.</summary>
internal static class FileValue
{
    public static string Of(FileReference file) => file.ToJson().GetRawText();

    /// <summary>Null when the text is anything else.</summary>
    public static FileReference? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return FileReference.Read(JsonSerializer.Deserialize<JsonElement>(text, AppJson.Options));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
