using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace PromptPilot.Core.Mail;

/// <summary>Validates mail server settings; without a host only numbers are checked.</summary>
internal static class SmtpSettingsRules
{
    private const string Section = SmtpSettings.Section;
    private const int TlsPort = 465;
    private const int SubmissionPort = 587;
    private const int RelayPort = 25;

    public static OptionsBuilder<SmtpSettings> AddRules(this OptionsBuilder<SmtpSettings> settings) =>
        settings
            .Must(
                smtp => Uri.CheckHostName(smtp.Host) != UriHostNameType.Unknown,
                "Host must be a host name or address without scheme or port."
            )
            .Validate(smtp => smtp.Port is null or (>= 1 and <= 65_535), $"{Section}:Port must be a number from 1 to 65,535.")
            .Validate(smtp => smtp.TimeoutSeconds is >= 1 and <= 600, $"{Section}:TimeoutSeconds must be a number from 1 to 600.")
            .Must(
                smtp => smtp.EffectivePort != TlsPort || smtp.Security == SmtpSecurity.Tls,
                "Port is 465, where servers expect Security Tls. Set Security to Tls, or Port to 587."
            )
            .Must(
                smtp => smtp.EffectivePort is not (SubmissionPort or RelayPort) || smtp.Security != SmtpSecurity.Tls,
                "Port is 587 or 25, where servers expect Security StartTls. Set Security to StartTls, or Port to 465."
            )
            .Must(smtp => MailAddresses.Problem(smtp.From) is null, "From must be the e-mail address to send from.")
            .Must(smtp => !smtp.FromName.Any(char.IsControl), "FromName must not contain line breaks or other control characters.")
            .Must(smtp => smtp.SignsIn == (smtp.Password.Length > 0), "Set both UserName and Password, or neither.")
            .Must(
                smtp => !smtp.SignsIn || smtp.Security != SmtpSecurity.None || smtp.AllowPlainPasswordOnLoopback,
                "Security is None, so no password can be sent. Use StartTls or Tls. For a server on this machine you can set "
                    + "AllowPlainPasswordOnLoopback."
            )
            .Must(
                smtp => smtp.TrustedCertificates.Length == 0 || Read(smtp.TrustedCertificates) is { Count: > 0 },
                "TrustedCertificates cannot be read. It must be the path of a PEM file with certificates."
            )
            .Must(
                smtp =>
                    smtp.TrustedCertificates.Length == 0
                    || Read(smtp.TrustedCertificates) is not { Count: > 0 } trusted
                    || trusted.Any(certificate => certificate.NotAfter.ToUniversalTime() > DateTime.UtcNow),
                "All certificates in TrustedCertificates have expired. Add current ones to the file."
            );

    private static OptionsBuilder<SmtpSettings> Must(
        this OptionsBuilder<SmtpSettings> settings,
        Func<SmtpSettings, bool> rule,
        string message
    ) => settings.Validate(smtp => !smtp.IsConfigured || rule(smtp), $"{Section}:{message}");

    private static X509Certificate2Collection? Read(string path)
    {
        try
        {
            return CertificateCheck.Read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }
}
