namespace PromptPilot.Core.Mail;

/// <summary>A mail to one person.</summary>
/// <param name="Id">Letters, digits, <c>.</c>, <c>_</c>, <c>-</c>: the message's own. A repetition under the same id is the same message to
/// the one who receives it twice.</param>
/// <param name="To">An e-mail address without a name.</param>
/// <param name="Subject">Control characters in it become spaces.</param>
/// <param name="Html">The same as <paramref name="Text"/> as HTML. The caller encodes all user text.</param>
/// <param name="Secret">A part of it that only its reader may know: removed from the server's reply if that repeats it.</param>
internal sealed record MailMessage(string Id, string To, string Subject, string Text, string? Html = null, string? Secret = null);

/// <summary>The outcome of a mail.</summary>
internal enum MailOutcome
{
    /// <summary>The server has taken it over.</summary>
    Accepted,

    /// <summary>Not now: worth trying again.</summary>
    Transient,

    /// <summary>Never like this: someone has to change something first.</summary>
    Permanent,

    /// <summary>No mail server is set.</summary>
    NotConfigured,
}

/// <summary>The outcome of a mail, with the reason.</summary>
/// <param name="Text">The server's reply, or why it was not reached, as text without secrets.</param>
/// <param name="StatusCode">The status code of the server's reply; null if there was none.</param>
internal sealed record MailResult(MailOutcome Outcome, string Text, int? StatusCode = null)
{
    public static readonly MailResult NotConfigured = new(
        MailOutcome.NotConfigured,
        $"No mail server is configured. An admin can add one in the settings ({SmtpSettings.Section}:Host)."
    );
}
