using PromptPilot.Core.Data;

namespace PromptPilot.Tests.Unit.Data;

public sealed class DataVersionTests
{
    private readonly DataVersion _version = new();

    [Fact]
    public void Current_OfASingleHost_IsTheSameUntilItIsRaised()
    {
        var before = _version.Current;

        _version.Current.Should().Be(before);
        _version.Raise();
        _version.Current.Should().NotBe(before);
    }

    [Fact]
    public void Current_WithoutTrust_ChangesAtEachRead()
    {
        _version.TrustUntil(Environment.TickCount64 - 1);

        _version.IsTrusted.Should().BeFalse();
        _version.Current.Should().NotBe(_version.Current);
    }

    [Fact]
    public void Current_WithTrustAgain_IsTheSame()
    {
        _version.Distrust();

        _version.TrustUntil(Environment.TickCount64 + 60_000);

        _version.Current.Should().Be(_version.Current);
    }
}
