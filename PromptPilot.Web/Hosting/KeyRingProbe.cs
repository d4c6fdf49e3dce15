using System.Xml;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Finds out whether the key ring can be read. The host has its keys in memory and would notice a loss only at the next start, when cookies
/// and stored secrets are lost with them.
/// </summary>
internal sealed class KeyRingProbe(IOptions<KeyManagementOptions> keys, DataDirectory directory)
{
    /// <returns>Null, or why it cannot be read.</returns>
    public string? Find()
    {
        try
        {
            return KeyRingCheck.FindDamage(directory.KeyRing) is { } damage ? $"The key ring is damaged. {damage}"
                : Directory.Exists(directory.KeyRing) && keys.Value.XmlRepository!.GetAllElements().Any(element => element.Name == "key")
                    ? null
                : $"The key ring {directory.KeyRing} has no keys. Restore it from a backup before the next start.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException)
        {
            return $"The key ring {directory.KeyRing} cannot be read: {exception.Message}";
        }
    }
}
