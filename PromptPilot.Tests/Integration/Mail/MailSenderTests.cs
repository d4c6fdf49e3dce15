using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MimeKit;
using PromptPilot.Core.Mail;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Mail;

/// <summary>Mail handed to a real server that others wrote, over TLS and with a sign-in.</summary>
public sealed class MailSenderTests
{
    private static readonly MailMessage Greeting = new(
        "mail-1",
        "ann@example.org",
        "Grüße\r\nBcc: eve@example.org",
        "Plain: ü 日本 😀\n.\nend",
        "<p>Rich: ü</p>"
    );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.Tls)]
    public async Task Server_WithTlsAndSignIn_TakesTheMail_Whole(SmtpSecurity security)
    {
        await using var server = await NodeMailServer.StartAsync(tls: security == SmtpSecurity.Tls);

        var result = await NewSender(server, smtp => smtp.Security = security).SendAsync(Greeting, Token);

        result.Outcome.Should().Be(MailOutcome.Accepted, result.Text);
        result.Text.Should().Contain("taken as 42");
        var taken = server.Mails.Should().ContainSingle().Subject;
        taken.GetProperty("secure").GetBoolean().Should().BeTrue();
        taken.GetProperty("user").GetString().Should().Be(NodeMailServer.User);
        taken.GetProperty("from").GetString().Should().Be("portal@example.org");
        taken.GetProperty("to").EnumerateArray().Should().ContainSingle().Which.GetString().Should().Be("ann@example.org");
        using var mail = await ParseAsync(taken);
        mail.MessageId.Should().Be("mail-1@example.org");
        mail.Subject.Should().Be("Grüße  Bcc: eve@example.org");
        mail.Bcc.Count.Should().Be(0);
        mail.TextBody!.ReplaceLineEndings("\n").TrimEnd('\n').Should().Be(Greeting.Text);
        mail.HtmlBody!.TrimEnd().Should().Be(Greeting.Html);
    }

    [Fact]
    public async Task Server_ThatSaysNotNow_IsWorthAnotherTry_WhichArrives()
    {
        await using var server = await NodeMailServer.StartAsync(recipientAnswers: (451, "4.7.1 greylisted, come back"));
        var sender = NewSender(server);

        var first = await sender.SendAsync(Greeting, Token);
        var second = await sender.SendAsync(Greeting, Token);

        first.Should().BeEquivalentTo(new { Outcome = MailOutcome.Transient, StatusCode = 451 });
        first.Text.Should().Contain("greylisted, come back");
        second.Outcome.Should().Be(MailOutcome.Accepted, second.Text);
        server.Mails.Should().ContainSingle();
    }

    [Fact]
    public async Task Server_ThatRefusesTheRecipient_IsQuoted_AndFinal()
    {
        await using var server = await NodeMailServer.StartAsync(recipientAnswers: (550, "5.1.1 no such person here"));

        var result = await NewSender(server).SendAsync(Greeting, Token);

        result.Should().BeEquivalentTo(new { Outcome = MailOutcome.Permanent, StatusCode = 550 });
        result.Text.Should().Contain("550").And.Contain("no such person here");
        server.Mails.Should().BeEmpty();
    }

    [Fact]
    public async Task WrongPassword_IsFinal_AndNeverRepeated()
    {
        await using var server = await NodeMailServer.StartAsync();
        var log = new ConcurrentQueue<string>();
        using var logs = LoggerFactory.Create(builder => builder.AddProvider(new QueueLoggerProvider(log)));

        // The server repeats in its answer what it was told; nobody shall read it.
        var result = await NewSender(server, smtp => smtp.Password = "wrong-canary-password", logs).SendAsync(Greeting, Token);

        result.Should().BeEquivalentTo(new { Outcome = MailOutcome.Permanent, StatusCode = 535 });
        result.Text.Should().Contain("is not the password").And.NotContain("canary");
        server.SignIns.Should().NotBeEmpty().And.OnlyContain(signIn => signIn.GetProperty("secure").GetBoolean());
        string.Join('\n', log).Should().Contain("mail-1").And.NotContain("canary");
    }

    [Fact]
    public async Task Certificate_ThatNobodyTrusts_IsRefused_BeforeAnythingIsSaid()
    {
        await using var server = await NodeMailServer.StartAsync();

        var result = await NewSender(server, smtp => smtp.TrustedCertificates = "").SendAsync(Greeting, Token);

        result.Outcome.Should().Be(MailOutcome.Transient);
        result.Text.Should().Contain("certificate").And.Contain("Nothing was sent");
        server.SignIns.Should().BeEmpty();
        server.Mails.Should().BeEmpty();
    }

    [Fact]
    public async Task Certificate_ForAnotherName_IsRefused_HoweverTrusted()
    {
        await using var server = await NodeMailServer.StartAsync("mail.example.org");

        var result = await NewSender(server).SendAsync(Greeting, Token);

        result.Outcome.Should().Be(MailOutcome.Transient);
        result.Text.Should().Contain("a different host name");
        server.SignIns.Should().BeEmpty();
    }

    [Fact]
    public async Task Nobody_There_IsWorthAnotherTry()
    {
        int port;
        await using (var server = await NodeMailServer.StartAsync())
        {
            port = server.Port;
        }

        var settings = new SmtpSettings
        {
            Host = "127.0.0.1",
            Port = port,
            From = "portal@example.org",
        };
        (await NewSender(settings).SendAsync(Greeting, Token))
            .Should()
            .BeEquivalentTo(new { Outcome = MailOutcome.Transient, StatusCode = (int?)null });
    }

    [Fact]
    public async Task WithoutAServer_SaysWhatToSet()
    {
        var result = await NewSender(new SmtpSettings()).SendAsync(Greeting, Token);

        result.Outcome.Should().Be(MailOutcome.NotConfigured);
        result.Text.Should().Contain("PromptPilot:Smtp:Host");
    }

    private static MailSender NewSender(NodeMailServer server, Action<SmtpSettings>? change = null, ILoggerFactory? logs = null)
    {
        var settings = new SmtpSettings
        {
            Host = "127.0.0.1",
            Port = server.Port,
            From = "portal@example.org",
            UserName = NodeMailServer.User,
            Password = NodeMailServer.Password,
            TrustedCertificates = server.CertificateFile,
            TimeoutSeconds = 120,
        };
        change?.Invoke(settings);
        return NewSender(settings, logs);
    }

    private static MailSender NewSender(SmtpSettings settings, ILoggerFactory? logs = null) =>
        new(Options.Create(settings), (logs ?? NullLoggerFactory.Instance).CreateLogger<MailSender>());

    private static async Task<MimeMessage> ParseAsync(JsonElement taken)
    {
        using var stream = new MemoryStream(taken.GetProperty("mail").GetBytesFromBase64());
        return await MimeMessage.LoadAsync(stream, Token);
    }
}
