using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Passwords;

namespace PromptPilot.Tests.Unit.Users;

public class GuessablePasswordTests
{
    [Theory]
    [InlineData("qwerty123456")]
    [InlineData("1QAZ2wsx3edc")]
    [InlineData("justinbieber")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("1234123412341")]
    [InlineData("123456789012")]
    [InlineData("210987654321")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("qwertyuiopasdfgh")]
    [InlineData("aaaabbbbcccc")]
    [InlineData("password1234")]
    [InlineData("Password123!")]
    [InlineData("P@ssw0rd2026!")]
    [InlineData("passwordpassword")]
    [InlineData("Welcome-2026-!!")]
    [InlineData("admin admin admin")]
    [InlineData("changeme changeme")]
    [InlineData("Summer2026Summer2026")]
    public void CommonPassword_IsRefused(string password) =>
        PersonRules.Password(password)!.Message.Should().Contain("Choose another one", password);

    [Theory]
    [InlineData("nora.lindqvist", "nora.lindqvist@example.org")]
    [InlineData("Lindqvist2026", "nora.lindqvist@example.org")]
    [InlineData("example-lindqvist!", "nora.lindqvist@example.org")]
    [InlineData("Hammer Prompts 1", "Hammer Prompts")]
    [InlineData("hammerhammer99", "Hammer Prompts")]
    public void OwnName_IsRefused(string password, string own)
    {
        PersonRules.Password(password).Should().BeNull("somebody else may have it");
        PersonRules.Password(password, own, null)!.Field.Should().Be("password");
    }

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("an admin's long password 1")]
    [InlineData("tr0ub4dor&3-and-more")]
    [InlineData("a new long password 99")]
    [InlineData("gelbe Lampe unter Wasser")]
    [InlineData("漢字の長い合言葉を書いてみる")]
    [InlineData("x7$kQp2!vR9z")]
    public void OtherPassword_IsTaken(string password) =>
        PersonRules.Password(password, "admin@example.org", "PromptPilot").Should().BeNull(password);

    [Theory]
    [InlineData("short")]
    [InlineData("elevenchars")]
    public void ShortPassword_SaysHowLongItMustBe(string password) => PersonRules.Password(password)!.Message.Should().Contain("12 to 256");

    [Fact]
    public void LongestPassword_OfOneUnit_IsLookedAtQuickly()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();

        GuessablePassword.Explain(new string('a', 128) + new string('b', 128), "aa@bb.example", "aaa").Should().NotBeNull();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }
}
