using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace PromptPilot.Core.Mail;

/// <summary>What settings of a mail server must be like; those without a host are left alone.</summary>
internal static class SmtpSettingsRules
{
    private const string Section = SmtpSettings.Section;

    public static OptionsBuilder<SmtpSettings> AddRules(this OptionsBuilder<SmtpSettings> settings) =>
        settings
            .Must(
                smtp => Uri.CheckHostName(smtp.Host) != UriHostNameType.Unknown,
                "Host is a host name or an address, without a scheme or port."
            )
            .Must(smtp => smtp.Port is null or (>= 1 and <= 65_535), "Port is a number from 1 to 65,535.")
            .Must(smtp => smtp.TimeoutSeconds is >= 1 and <= 600, "TimeoutSeconds is a number from 1 to 600.")
            .Must(smtp => MailAddresses.Problem(smtp.From) is null, "From is the e-mail address that mail comes from.")
            .Must(smtp => !smtp.FromName.Any(char.IsControl), "FromName holds no line breaks or other control characters.")
            .Must(smtp => smtp.SignsIn == (smtp.Password.Length > 0), "UserName and Password belong together: set both, or neither.")
            .Must(
                smtp => !smtp.SignsIn || smtp.Security != SmtpSecurity.None || smtp.AllowPlainPasswordOnLoopback,
                "Security is None, with which no password is sent. Use StartTls or Tls; for a server on this machine AllowPlainPasswordOnLoopback permits it."
            )
            .Must(
                smtp => smtp.TrustedCertificates.Length == 0 || CanRead(smtp.TrustedCertificates),
                "TrustedCertificates is the path of a PEM file with certificates; it cannot be read."
            );

    private static OptionsBuilder<SmtpSettings> Must(
        this OptionsBuilder<SmtpSettings> settings,
        Func<SmtpSettings, bool> rule,
        string message
    ) => settings.Validate(smtp => !smtp.IsConfigured || rule(smtp), $"{Section}:{message}");

    private static bool CanRead(string path)
    {
        try
        {
            return CertificateCheck.Read(path).Count > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }
}
