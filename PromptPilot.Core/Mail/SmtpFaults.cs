using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Mail;

/// <summary>Explains a failed exchange with a mail server, and decides if a retry can help.</summary>
internal static class SmtpFaults
{
    private const int MaxText = 500;

    /// <param name="refusal">Why the server's certificate was refused, if it was.</param>
    /// <returns>Null if it is not a fault of the mail, the server or the network.</returns>
    public static MailResult? Explain(Exception exception, SmtpSettings smtp, string? refusal)
    {
        var server = $"{smtp.Host}:{smtp.EffectivePort}";
        return exception switch
        {
            AuthenticationException { InnerException: SmtpCommandException answer } => Answer(answer, smtp, "refused the sign-in with"),
            AuthenticationException => Permanent(
                $"The mail server {server} refused the user name or password. Check UserName and Password in {SmtpSettings.Section}."
            ),
            ServiceNotAuthenticatedException => Permanent(
                $"The mail server {server} requires a sign-in. Set UserName and Password in {SmtpSettings.Section}."
            ),
            SmtpCommandException answer => Answer(answer, smtp, "answered"),

            // A server that renews its certificate too late, or someone in between: the mail waits until that is over.
            SslHandshakeException when refusal is not null => Transient(
                $"The certificate of {server} was rejected: {Clean(refusal, smtp)}. Nothing was sent."
            ),
            SslHandshakeException => Transient(
                $"Could not establish a TLS connection to {server}: "
                    + $"{Clean((exception.InnerException ?? exception).Message, smtp)} {Hint(smtp)}"
            ),
            PlainPasswordException => Permanent(
                $"The connection to {server} is not encrypted, so the password was not sent. Use StartTls or Tls in "
                    + $"{SmtpSettings.Section}:Security."
            ),
            NotSupportedException => Permanent(
                $"The mail server {server} does not support a required feature: {Clean(exception.Message, smtp)} {Hint(smtp)}"
            ),
            OperationCanceledException => Transient($"The mail server {server} timed out after {smtp.TimeoutSeconds} s. {Hint(smtp)}"),
            _ when TooLong(exception) is { } tooLong => Transient($"The server at {server} sent {tooLong.What}, which exceeds the limit."),
            SocketException or IOException or TimeoutException => Transient(
                $"The mail server {server} cannot be reached: {Clean(exception.Message, smtp)}"
            ),
            ProtocolException => Transient(
                $"The server at {server} closed the connection or is not a mail server: {Clean(exception.Message, smtp)}"
            ),
            _ => null,
        };
    }

    /// <summary>Advice when client and server do not understand each other.</summary>
    private static string Hint(SmtpSettings smtp) =>
        smtp.Security switch
        {
            SmtpSecurity.Tls =>
                $"If this port begins without encryption, as 587 and 25 do, set {SmtpSettings.Section}:Security to StartTls.",
            SmtpSecurity.StartTls =>
                $"If this port expects TLS from the start, as 465 does, set {SmtpSettings.Section}:Security to Tls; if the "
                    + "server has no TLS, to None.",
            SmtpSecurity.None => $"If this port expects TLS from the start, as 465 does, set {SmtpSettings.Section}:Security to Tls.",
        };

    private static TooLongException? TooLong(Exception? exception)
    {
        while (exception is not null and not TooLongException)
        {
            exception = exception.InnerException;
        }

        return exception as TooLongException;
    }

    /// <summary>One line of the server's reply, without secrets that it may repeat.</summary>
    public static string Clean(string text, SmtpSettings smtp)
    {
        foreach (var secret in Secrets(smtp))
        {
            text = text.Replace(secret, "•••", StringComparison.Ordinal);
        }

        var line = string.Join(
            ' ',
            string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
        return Shorten.Text(line, MaxText);
    }

    private static MailResult Answer(SmtpCommandException answer, SmtpSettings smtp, string verb)
    {
        var code = (int)answer.StatusCode;
        return new MailResult(
            code is >= 400 and < 500 ? MailOutcome.Transient : MailOutcome.Permanent,
            $"The mail server {verb} {code} {Clean(answer.Message, smtp)}",
            code
        );
    }

    private static IEnumerable<string> Secrets(SmtpSettings smtp) =>
        smtp.Password.Length == 0
            ? []
            :
            [
                smtp.Password,
                Convert.ToBase64String(Encoding.UTF8.GetBytes(smtp.Password)),
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{smtp.UserName}\0{smtp.Password}")),
            ];

    private static MailResult Permanent(string text) => new(MailOutcome.Permanent, text);

    private static MailResult Transient(string text) => new(MailOutcome.Transient, text);
}
