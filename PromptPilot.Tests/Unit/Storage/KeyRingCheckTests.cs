using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Storage;

/// <summary>A key that cannot decrypt any more is found, whatever is wrong with its file.</summary>
public sealed class KeyRingCheckTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Refusal_OfAnEmptyRing_AndOfOneInUse_IsNone()
    {
        Refusal().Should().BeNull("the first start makes a key");
        Refusal().Should().BeNull();
        Directory.GetFiles(_directory.Path).Should().ContainSingle("the check uses the key that is there");
    }

    [Fact]
    public void Refusal_OfExpiredKeysOnly_IsNone_AndANewKeyIsMade()
    {
        Refusal();
        var file = Directory.GetFiles(_directory.Path).Single();
        File.WriteAllText(
            file,
            System.Text.RegularExpressions.Regex.Replace(
                File.ReadAllText(file),
                "<expirationDate>[^<]*<",
                "<expirationDate>2026-01-01T00:00:00Z<"
            )
        );

        Refusal().Should().BeNull("what it encrypted can still be decrypted");

        Directory.GetFiles(_directory.Path).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<key/>")]
    [InlineData("<key id=\"8d7e2f60-0000-4000-8000-000000000000\"/>")]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("not xml")]
    public void Refusal_OfAFileThatIsNoKey_NamesIt(string content) => CheckDamage(_ => content);

    [Theory]
    [InlineData("creationDate")]
    [InlineData("activationDate")]
    [InlineData("expirationDate")]
    [InlineData("descriptor")]
    [InlineData("masterKey")]
    [InlineData("value")]
    public void Refusal_OfAKeyWithoutOneOfItsParts_NamesIt(string part) =>
        CheckDamage(key =>
        {
            var document = System.Xml.Linq.XDocument.Parse(key);
            document.Descendants().First(element => element.Name.LocalName == part).RemoveNodes();
            return document.ToString();
        });

    [Fact]
    public void Refusal_OfAKeyWithAnotherSecretThanBase64_NamesIt() =>
        CheckDamage(key => System.Text.RegularExpressions.Regex.Replace(key, "<value>[^<]*<", "<value>???<"));

    private void CheckDamage(Func<string, string> damage)
    {
        Refusal().Should().BeNull();
        var file = Directory.GetFiles(_directory.Path).Single();
        File.WriteAllText(file, damage(File.ReadAllText(file)));

        Refusal().Should().Contain(Path.GetFileName(file)).And.Contain("backup");
    }

    private string? Refusal()
    {
        using var services = new ServiceCollection()
            .AddDataProtection()
            .PersistKeysToFileSystem(new DirectoryInfo(_directory.Path))
            .Services.BuildServiceProvider();
        return KeyRingCheck.Refusal(
            new KeyRingPlace(_directory.Path),
            services.GetRequiredService<IDataProtectionProvider>(),
            services.GetRequiredService<IKeyManager>()
        );
    }
}
