using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Storage.Keys;

/// <summary>
/// The certificate that encrypts the keys of the key ring, where the operator sets one: a copy of the key ring alone then decrypts nothing.
/// </summary>
public sealed class KeyProtection : ISettingsCheck
{
    public const string CertificateKey = "PromptPilot:Keys:Certificate";
    public const string PasswordKey = "PromptPilot:Keys:CertificatePassword";

    private readonly string? _error;

    private KeyProtection(string? file, string? password)
    {
        if (string.IsNullOrEmpty(file))
        {
            return;
        }

        try
        {
            Certificate = File.ReadAllText(file).Contains("-----BEGIN ", StringComparison.Ordinal)
                ? X509Certificate2.CreateFromPemFile(file)
                : X509CertificateLoader.LoadPkcs12FromFile(file, password);
            _error = Certificate.GetRSAPrivateKey() is null
                ? $"{CertificateKey} must be a certificate with an RSA key. {file} has none."
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            _error =
                $"{CertificateKey} cannot be read: {exception.Message.TrimEnd('.')}. It must be the path of a PKCS #12 file, with its "
                + $"password in {PasswordKey}, or of a PEM file with certificate and private key.";
        }
    }

    /// <summary>True when new keys are encrypted.</summary>
    public bool IsOn => Certificate is not null;

    public IReadOnlyList<string> Keys => [CertificateKey, PasswordKey];

    private X509Certificate2? Certificate { get; }

    public IReadOnlyList<string> Errors(IConfiguration configuration) => _error is null ? [] : [_error];

    /// <summary>Reads the settings, and has Data Protection encrypt new keys and decrypt stored ones by the certificate.</summary>
    public static IDataProtectionBuilder AddTo(IDataProtectionBuilder keys, IConfiguration configuration)
    {
        var protection = new KeyProtection(configuration[CertificateKey], configuration[PasswordKey]);
        keys.Services.AddSingleton(protection).AddSingleton<ISettingsCheck>(protection);
        return protection is { Certificate: { } certificate, _error: null }
            ? keys.ProtectKeysWithCertificate(certificate).UnprotectKeysWithAnyCertificate(certificate)
            : keys;
    }
}
