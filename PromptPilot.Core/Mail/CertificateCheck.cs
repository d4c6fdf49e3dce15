using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PromptPilot.Core.Mail;

/// <summary>
/// Whether a mail server's certificate is its own: as the system sees it, or by the certificates that the settings trust beside it. The
/// name must fit either way.
/// </summary>
internal sealed class CertificateCheck(string trustedFile)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Why the last certificate was refused; null when none was.</summary>
    public string? Refusal { get; private set; }

    public static X509Certificate2Collection Read(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    /// <summary>For <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = errors switch
        {
            SslPolicyErrors.None => null,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is not X509Certificate2 =>
                "the server sent none",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "it is for a different host name",
            _ when trustedFile.Length > 0 && IsTrusted((X509Certificate2)certificate, chain) => null,
            _ => Words(chain),
        };
        return Refusal is null;
    }

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? seen)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(Read(trustedFile));
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        if (seen is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(seen.ChainPolicy.ExtraStore);
        }

        return own.Build(certificate);
    }

    private static string Words(X509Chain? chain)
    {
        var reasons = chain
            ?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.'))
            .Where(text => text.Length > 0)
            .Distinct()
            .ToList();
        return reasons is { Count: > 0 } ? string.Join("; ", reasons) : "it is not signed by an authority that this machine trusts";
    }
}
