using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Mail;

namespace PromptPilot.Tests.Unit.Mail;

public sealed class SmtpSettingsTests
{
    [Theory]
    [InlineData("Host=mail.example.org;From=portal@example.org", null)]
    [InlineData("Host=mail.example.org;From=portal@example.org;Security=Tls;UserName=me;Password=secret", null)]
    [InlineData("Host=127.0.0.1;From=portal@example.org;Security=None", null)]
    [InlineData("Host=127.0.0.1;From=portal@example.org;Security=None;UserName=me;Password=secret;AllowPlainPasswordOnLoopback=true", null)]
    [InlineData("From=nonsense", null)]
    [InlineData("Port=-1", "Port")]
    [InlineData("Port=0", "Port")]
    [InlineData("TimeoutSeconds=0", "TimeoutSeconds")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=465", "expect Security Tls")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=465;Security=None", "expect Security Tls")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=587;Security=Tls", "expect Security StartTls")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=25;Security=Tls", "expect Security StartTls")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=2465;Security=Tls", null)]
    [InlineData("Host=smtp://mail.example.org;From=portal@example.org", "Host")]
    [InlineData("Host=mail.example.org", "From")]
    [InlineData("Host=mail.example.org;From=Portal <portal@example.org>", "From")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Port=70000", "Port")]
    [InlineData("Host=mail.example.org;From=portal@example.org;UserName=me", "or neither")]
    [InlineData("Host=mail.example.org;From=portal@example.org;Security=None;UserName=me;Password=secret", "no password can be sent")]
    [InlineData("Host=mail.example.org;From=portal@example.org;TrustedCertificates=/nowhere.pem", "PEM")]
    [InlineData("Host=mail.example.org;From=portal@example.org;TimeoutSeconds=0", "TimeoutSeconds")]
    public void Settings_AreTaken_OrSayWhatIsWrong(string settings, string? problem)
    {
        var pairs = settings
            .Split(';')
            .Select(pair => pair.Split('=', 2))
            .Select(pair => KeyValuePair.Create($"{SmtpSettings.Section}:{pair[0]}", (string?)pair[1]));
        using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(pairs).Build())
            .AddMail()
            .BuildServiceProvider();

        var reading = () => services.GetRequiredService<IOptions<SmtpSettings>>().Value;

        if (problem is null)
        {
            reading.Should().NotThrow();
        }
        else
        {
            reading.Should().Throw<OptionsValidationException>().WithMessage($"*{problem}*").And.Message.Should().NotContain("secret");
        }
    }

    [Theory]
    [InlineData("ann@example.org", true)]
    [InlineData("a.b+c@mail.example.org", true)]
    [InlineData("", false)]
    [InlineData("ann", false)]
    [InlineData("@example.org", false)]
    [InlineData("ann@", false)]
    [InlineData("ann@example.org,eve@example.org", false)]
    [InlineData("Ann <ann@example.org>", false)]
    [InlineData("ann@example.org\r\nBcc: eve@example.org", false)]
    [InlineData("ann@[127.0.0.1]", false)]
    [InlineData("\"ann eve\"@example.org", false)]
    [InlineData("ann@eve@example.org", false)]
    public void Address_IsExactlyOne(string address, bool isGood) => (MailAddresses.Problem(address) is null).Should().Be(isGood);

    [Fact]
    public void Nulls_OfASettingsFile_CountAsEmpty()
    {
        var settings = new SmtpSettings
        {
            Host = null!,
            UserName = null!,
            Password = null!,
            From = null!,
            FromName = null!,
            TrustedCertificates = null!,
        };

        settings.IsConfigured.Should().BeFalse();
        settings.SignsIn.Should().BeFalse();
        settings.FromName.Should().BeEmpty();
    }
}
