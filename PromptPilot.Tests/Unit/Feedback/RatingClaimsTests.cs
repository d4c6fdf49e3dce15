using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Feedback;

namespace PromptPilot.Tests.Unit.Feedback;

public class RatingClaimsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RatingClaims _claims;

    public RatingClaimsTests() => _claims = new RatingClaims(_time);

    [Fact]
    public void TryClaim_WithinFiveMinutes_IsForOnePersonOnly()
    {
        _claims.TryClaim("log", "ann").Should().BeTrue();

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));

        _claims.TryClaim("log", "bob").Should().BeFalse();
        _claims.IsTaken("log", "bob").Should().BeTrue();
        _claims.IsTaken("log", "ann").Should().BeFalse();
        _claims.TryClaim("other", "bob").Should().BeTrue();
    }

    [Fact]
    public void TryClaim_AfterFiveMinutes_IsForTheNext()
    {
        _claims.TryClaim("log", "ann");

        _time.Advance(TimeSpan.FromMinutes(5));

        _claims.TryClaim("log", "bob").Should().BeTrue();
        _claims.TryFindHolder("log", out var holder).Should().BeTrue();
        holder.Should().Be("bob");
    }

    [Fact]
    public async Task TryClaim_ByManyAtOnce_SucceedsOnce()
    {
        var token = TestContext.Current.CancellationToken;
        var wins = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => _claims.TryClaim("log", $"user{i}"), token)));

        wins.Should().ContainSingle(won => won);
    }
}
