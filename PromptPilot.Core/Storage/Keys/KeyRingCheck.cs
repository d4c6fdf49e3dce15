using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace PromptPilot.Core.Storage.Keys;

/// <summary>Tries the key ring before anything depends on it.</summary>
/// <remarks>
/// Data Protection logs a key that it cannot read, creates a new one beside it and continues, while everything that was encrypted with the
/// damaged one is lost. So each file is checked here, and each key is tried.
/// </remarks>
public static class KeyRingCheck
{
    private static readonly byte[] Probe = "key ring"u8.ToArray();
    private static readonly string[] Parts = ["creationDate", "activationDate", "expirationDate", "descriptor"];
    private static readonly ArraySegment<byte> NoContext = new([]);

    /// <returns>Null when secrets can be encrypted and decrypted with each key; otherwise what is wrong and what to do.</returns>
    public static string? Refusal(KeyRingPlace place, IDataProtectionProvider protection, IKeyManager keys) =>
        ((place.Folder is { } folder ? FindDamage(folder) : null) ?? FindUnusable(place, protection, keys)) is not { } what ? null
        : place.Folder is null
            ? $"{what} Restore the table {DatabaseKeyRing.Table} from a dump, or correct {KeyProtection.CertificateKey}. If the keys are "
                + "lost, empty the table, start again, and re-enter the secrets of model profiles, webhooks and settings."
        : $"{what} Restore the file from a backup or correct its permissions. If it is lost, move it away, start again, and "
            + "re-enter the secrets of model profiles, webhooks and settings.";

    /// <returns>Null when each file holds what a key has; otherwise which does not, and why.</returns>
    public static string? FindDamage(string keyRing)
    {
        foreach (var file in Directory.Exists(keyRing) ? Directory.EnumerateFiles(keyRing, "*.xml") : [])
        {
            try
            {
                if (FindMissing(XDocument.Load(file).Root!) is { } missing)
                {
                    return $"The key {file} is damaged ({missing}).";
                }
            }
            catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
            {
                return $"The key {file} cannot be read ({exception.Message.TrimEnd('.')}).";
            }
        }

        return null;
    }

    /// <summary>The parts that Data Protection writes into each file.</summary>
    private static string? FindMissing(XElement root) =>
        root.Name.LocalName switch
        {
            "key" when !Guid.TryParse((string?)root.Attribute("id"), out _) => "it has no id",
            "key" => Parts.Where(part => root.Element(part) is not { IsEmpty: false }).Select(part => $"it has no {part}").FirstOrDefault(),
            "revocation" => null,
            var other => $"it holds <{other}> instead of <key>",
        };

    private static string? FindUnusable(KeyRingPlace place, IDataProtectionProvider protection, IKeyManager keys)
    {
        try
        {
            if (keys.GetAllKeys().FirstOrDefault(key => !Works(key)) is { } unusable)
            {
                return $"{place.NameOf(unusable.KeyId)} does not decrypt what it encrypts.";
            }

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
            return $"The key ring {place} cannot be used ({(exception.InnerException ?? exception).Message.TrimEnd('.')}).";
        }
    }

    private static bool Works(IKey key)
    {
        try
        {
            return key.IsRevoked
                || (
                    key.CreateEncryptor() is { } encryptor
                    && encryptor.Decrypt(encryptor.Encrypt(Probe, NoContext), NoContext).AsSpan().SequenceEqual(Probe)
                );
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A damaged key can fail with any exception.
            return false;
        }
    }
}
