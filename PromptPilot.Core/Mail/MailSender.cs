using System.Net;
using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Mail;

/// <summary>
/// Sends mail through the configured server, one connection per mail. Tries once: the caller keeps the mail until it is accepted.
/// </summary>
public sealed class MailSender(IOptions<SmtpSettings> settings, ILogger<MailSender> log)
{
    private const int MaxSubject = 200;

    /// <summary>All that a server says while it takes one mail, in bytes, certificates included.</summary>
    internal const int MaxReplies = 1 << 20;

    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(2);

    internal bool IsConfigured => settings.Value.IsConfigured;

    /// <summary>Sends a mail.</summary>
    /// <returns>The outcome. With <see cref="MailOutcome.Transient"/>, the e-mail can have arrived nevertheless, if the
    /// connection broke at its end.</returns>
    /// <exception cref="ArgumentException">The id is none.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    internal async Task<MailResult> SendAsync(MailMessage mail, CancellationToken cancellationToken)
    {
        var smtp = settings.Value;
        if (!smtp.IsConfigured)
        {
            return MailResult.NotConfigured;
        }

        if (MailAddresses.Problem(mail.To) is { } wrong)
        {
            return new MailResult(MailOutcome.Permanent, wrong);
        }

        var result = await TryAsync(smtp, Compose(smtp, mail), cancellationToken);
        if (mail.Secret is { Length: > 0 } secret)
        {
            result = result with { Text = result.Text.Replace(secret, "•••", StringComparison.Ordinal) };
        }

        // A server may quote the mail in pieces: of one that holds a secret its words are not logged.
        log.LogInformation("Mail {Id}: {Outcome}, {Text}", mail.Id, result.Outcome, mail.Secret is null ? result.Text : "");
        return result;
    }

    private async Task<MailResult> TryAsync(SmtpSettings smtp, MimeMessage message, CancellationToken cancellationToken)
    {
        var check = new CertificateCheck(smtp.TrustedCertificates);

        // Authorities stop publishing lists of revoked certificates, and private ones never did: as HttpClient does, they are not asked
        // for.
        using var client = new SmtpClient { ServerCertificateValidationCallback = check.Accept, CheckCertificateRevocation = false };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(smtp.TimeoutSeconds));
        try
        {
            await OpenAsync(client, smtp, limit.Token);
            var format = FormatOptions.Default.Clone();
            format.International =
                client.Capabilities.HasFlag(SmtpCapabilities.UTF8) && message.To.Mailboxes.Any(mailbox => mailbox.IsInternational);
            var answer = await client.SendAsync(format, message, limit.Token);
            await LeaveAsync(client);
            return new MailResult(MailOutcome.Accepted, SmtpFaults.Clean(answer, smtp), 250);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested && SmtpFaults.Explain(exception, smtp, check.Refusal) is { } fault)
        {
            log.LogDebug("The session with the mail server ended with {Exception}", exception.GetType().Name);
            return fault;
        }
    }

    private static async Task OpenAsync(SmtpClient client, SmtpSettings smtp, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(smtp.Host, smtp.EffectivePort, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        // The rule of the settings knows only that it was allowed; where the name leads is known now.
        var isLocal =
            socket.RemoteEndPoint is IPEndPoint { Address: var address }
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        // MailKit collects a reply for as long as lines come.
        var stream = new BoundedStream(new NetworkStream(socket, ownsSocket: true), new ReadBounds(MaxReplies));
        await client.ConnectAsync(stream, smtp.Host, smtp.EffectivePort, OptionsOf(smtp.Security), cancellationToken);
        if (!smtp.SignsIn)
        {
            return;
        }

        if (!client.IsSecure && !(isLocal && smtp.AllowPlainPasswordOnLoopback))
        {
            throw new PlainPasswordException();
        }

        await client.AuthenticateAsync(smtp.UserName, smtp.Password, cancellationToken);
    }

    private static SecureSocketOptions OptionsOf(SmtpSecurity security) =>
        security switch
        {
            SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
            SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
            SmtpSecurity.None => SecureSocketOptions.None,
        };

    /// <summary>The mail is the server's now; how the connection ends changes nothing.</summary>
    private async Task LeaveAsync(SmtpClient client)
    {
        using var limit = new CancellationTokenSource(GoodbyeLimit);
        try
        {
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or SocketException or SmtpProtocolException or SmtpCommandException
            )
        {
            log.LogDebug("The mail server closed the connection without replying to QUIT: {Exception}", exception.GetType().Name);
        }
    }

    private static MimeMessage Compose(SmtpSettings smtp, MailMessage mail)
    {
        if (
            mail.Id.Length is 0 or > 128
            || !mail.Id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
        )
        {
            throw new ArgumentException($"“{mail.Id}” is not a valid mail id.", nameof(mail));
        }

        var message = new MimeMessage
        {
            MessageId = $"{mail.Id}@{smtp.From[(smtp.From.IndexOf('@', StringComparison.Ordinal) + 1)..]}",
            Subject = Line(mail.Subject),
            Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(smtp.FromName, smtp.From));
        message.To.Add(new MailboxAddress("", mail.To));

        // RFC 3834: suppresses automatic replies.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private static string Line(string text)
    {
        var line = string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character))
            .Trim();
        return Shorten.Text(line, MaxSubject);
    }
}

/// <summary>A password was about to leave this machine in the clear.</summary>
internal sealed class PlainPasswordException : Exception;
