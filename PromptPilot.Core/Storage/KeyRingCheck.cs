using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Storage;

/// <summary>Tries the key ring before anything depends on it.</summary>
public static class KeyRingCheck
{
    /// <returns>Null when secrets can be encrypted and decrypted; otherwise what is wrong and what to do.</returns>
    public static string? Refusal(string keyRing, IDataProtectionProvider protection)
    {
        foreach (var file in Directory.Exists(keyRing) ? Directory.EnumerateFiles(keyRing, "*.xml") : [])
        {
            try
            {
                _ = XDocument.Load(file);
            }
            catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
            {
                return Text($"The key {file} cannot be read ({exception.Message.TrimEnd('.')}).");
            }
        }

        try
        {
            var protector = protection.CreateProtector("PromptPilot.Start");
            _ = protector.Unprotect(protector.Protect("key ring"));
            return null;
        }
        catch (Exception exception)
            when (exception
                    is CryptographicException
                        or XmlException
                        or IOException
                        or UnauthorizedAccessException
                        or InvalidOperationException
            )
        {
            return Text($"The key ring {keyRing} cannot be used ({(exception.InnerException ?? exception).Message.TrimEnd('.')}).");
        }

        static string Text(string what) =>
            $"{what} Restore the file from a backup or correct its permissions. If it is lost, move it away, start again, and re-enter the secrets of model profiles, webhooks and settings.";
    }
}
