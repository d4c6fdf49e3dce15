using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Storage;

public sealed class KeyProtectionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("keys.pfx")]
    [InlineData("keys.pem")]
    public void KeyRing_WithACertificate_HasNoKeyInClear(string file)
    {
        Write(file);
        using var first = Services(file, "pass word");
        var secret = Protector(first).Protect("secret");

        using var again = Services(file, "pass word");

        Protector(again).Unprotect(secret).Should().Be("secret");
        var ring = string.Concat(Directory.EnumerateFiles(_directory.File("ring")).Select(File.ReadAllText));
        ring.Should().Contain("EncryptedData").And.NotContain("<masterKey");
        using var without = Services(null, null);
        var read = () => Protector(without).Unprotect(secret);
        read.Should().Throw<CryptographicException>();
    }

    [Theory]
    [InlineData("missing.pfx", "pass word", "PromptPilot:Keys:Certificate cannot be read")]
    [InlineData("keys.pfx", "wrong", "PromptPilot:Keys:Certificate cannot be read")]
    [InlineData("other.pem", "", "must be a certificate with an RSA key")]
    public void Certificate_ThatCannotBeUsed_IsNamedWithTheReason(string file, string password, string message)
    {
        Write("keys.pfx");
        using (var curve = ECDsa.Create())
        {
            using var certificate = new CertificateRequest("CN=other", curve, HashAlgorithmName.SHA256).CreateSelfSigned(
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch.AddYears(200)
            );
            File.WriteAllText(_directory.File("other.pem"), certificate.ExportCertificatePem() + "\n" + curve.ExportPkcs8PrivateKeyPem());
        }

        using var services = Services(file, password);

        services
            .GetRequiredService<KeyProtection>()
            .Errors(null!)
            .Should()
            .ContainSingle()
            .Which.Should()
            .StartWith("PromptPilot:Keys:Cer");
        services.GetRequiredService<KeyProtection>().Errors(null!)[0].Should().Contain(message).And.NotContain("wrong");
    }

    private static IDataProtector Protector(ServiceProvider services) =>
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private ServiceProvider Services(string? file, string? password)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    [KeyProtection.CertificateKey] = file is null ? null : _directory.File(file),
                    [KeyProtection.PasswordKey] = password,
                }
            )
            .Build();
        var services = new ServiceCollection();
        services.AddLogging();
        KeyProtection.AddTo(
            services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(_directory.File("ring"))),
            configuration
        );
        return services.BuildServiceProvider();
    }

    private void Write(string file)
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=keys",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        if (file.EndsWith("pem", StringComparison.Ordinal))
        {
            File.WriteAllText(_directory.File(file), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        }
        else
        {
            File.WriteAllBytes(_directory.File(file), certificate.Export(X509ContentType.Pkcs12, "pass word"));
        }
    }
}
