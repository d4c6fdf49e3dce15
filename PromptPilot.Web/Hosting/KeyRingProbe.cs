using System.Data.Common;
using System.Xml;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Finds out whether the key ring can be read. The host has its keys in memory and would notice a loss only at the next start, when cookies
/// and stored secrets are lost with them.
/// </summary>
internal sealed class KeyRingProbe(IOptions<KeyManagementOptions> keys, KeyRingPlace place)
{
    /// <returns>Null, or why it cannot be read.</returns>
    public string? Find()
    {
        try
        {
            return place.Folder is { } folder && KeyRingCheck.FindDamage(folder) is { } damage ? $"The key ring is damaged. {damage}"
                : HasFolder && keys.Value.XmlRepository!.GetAllElements().Any(element => element.Name == "key") ? null
                : $"The key ring {place} has no keys. Restore it from a backup before the next start.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException or DbException)
        {
            return $"The key ring {place} cannot be read: {exception.Message}";
        }
    }

    /// <summary>Asked for its keys, the ring would make the folder again.</summary>
    private bool HasFolder => place.Folder is null || Directory.Exists(place.Folder);
}
