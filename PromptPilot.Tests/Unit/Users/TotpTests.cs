using System.Text;
using PromptPilot.Core.Users.TwoFactor;

namespace PromptPilot.Tests.Unit.Users;

public class TotpTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B: the last six of their eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Code_OfTheRfcsTimes_IsTheRfcs(long seconds, string code) =>
        Totp.CodeAt(Key, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))).Should().Be(code);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Code_OfANeighbour_Counts_AndNoOther(int offset, bool counts)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        Totp.Match(Key, Totp.CodeAt(Key, Totp.StepAt(now) + offset), now, 0).HasValue.Should().Be(counts);
    }

    [Fact]
    public void Code_ThatWasUsed_CountsNoMore()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var code = Totp.CodeAt(Key, Totp.StepAt(now));
        var step = Totp.Match(Key, code, now, 0);

        step.Should().NotBeNull();
        Totp.Match(Key, code, now.AddSeconds(20), step!.Value).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("null")]
    [InlineData("00000000000000000000000000000000")]
    public void Code_ThatIsNone_DoesNotCount(string code) =>
        Totp.Match(Key, code, DateTimeOffset.FromUnixTimeSeconds(59), 0).Should().BeNull();

    /// <summary>RFC 4648, section 10, without padding.</summary>
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_OfTheRfcsTexts_IsTheRfcs(string text, string base32) =>
        Totp.ToBase32(Encoding.ASCII.GetBytes(text)).Should().Be(base32);
}
