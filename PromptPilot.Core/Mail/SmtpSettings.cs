namespace PromptPilot.Core.Mail;

/// <summary>The encryption of the connection to the mail server.</summary>
public enum SmtpSecurity
{
    /// <summary>Plain at first, then TLS by STARTTLS, without which nothing is sent. Usually port 587.</summary>
    StartTls,

    /// <summary>TLS from the first byte. Usually port 465.</summary>
    Tls,

    /// <summary>Not at all: for a server on this machine or in a network that is trusted. Usually port 25.</summary>
    None,
}

/// <summary>
/// Section <c>PromptPilot:Smtp</c>: the server that takes the portal's mail. Without <see cref="Host"/> no mail is sent. A null in a
/// settings file is treated as empty.
/// </summary>
public sealed class SmtpSettings
{
    public const string Section = "PromptPilot:Smtp";

    public string Host
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>Null: the usual one for <see cref="Security"/>.</summary>
    public int? Port { get; set; }

    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>Empty: no sign-in.</summary>
    public string UserName
    {
        get;
        set => field = value ?? "";
    } = "";

    public string Password
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>The address that mail comes from.</summary>
    public string From
    {
        get;
        set => field = value ?? "";
    } = "";

    public string FromName
    {
        get;
        set => field = value ?? "";
    } = "PromptPilot";

    /// <summary>The most that one mail may take, from the connection to the server's last word. 1 to 600.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>A PEM file with certificates that are trusted beside those of the system, e.g. of a company's own authority.</summary>
    public string TrustedCertificates
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>True when a password may go over a connection without encryption, which then must not leave this machine.</summary>
    public bool AllowPlainPasswordOnLoopback { get; set; }

    internal bool IsConfigured => Host.Length > 0;

    internal bool SignsIn => UserName.Length > 0;

    internal int EffectivePort =>
        Port
        ?? Security switch
        {
            SmtpSecurity.StartTls => 587,
            SmtpSecurity.Tls => 465,
            SmtpSecurity.None => 25,
        };
}
