using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The table of DESIGN §3, in full: a new code needs a row.</summary>
    public static TheoryData<ErrorCode, bool> Codes =>
        new()
        {
            { ErrorCode.RateLimited, true },
            { ErrorCode.Quota, false },
            { ErrorCode.Auth, false },
            { ErrorCode.BadRequest, false },
            { ErrorCode.ModelUnavailable, false },
            { ErrorCode.ContextTooLong, false },
            { ErrorCode.ContentFiltered, false },
            { ErrorCode.ProviderError, true },
            { ErrorCode.Unreachable, true },
            { ErrorCode.Timeout, true },
            { ErrorCode.IncompleteStream, true },
            { ErrorCode.InvalidOutput, true },
            { ErrorCode.Budget, false },
            { ErrorCode.Interrupted, true },
            { ErrorCode.Cancelled, false },
            { ErrorCode.Internal, false },
        };

    [Fact]
    public void Codes_AreAllInTheTable() => Codes.Select(row => row.Data.Item1).Should().BeEquivalentTo(Enum.GetValues<ErrorCode>());

    [Theory]
    [MemberData(nameof(Codes))]
    public void NextAfter_FirstFailure_IsTriedAgainAsTheTableSays(ErrorCode code, bool again) =>
        RetryPolicy.NextAfter(code, 1, 3, null, Second, 0.5).HasValue.Should().Be(again);

    /// <summary>Seconds, for the least and the greatest chance.</summary>
    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 2, 4)]
    [InlineData(4, 4, 8)]
    [InlineData(7, 30, 60)]
    [InlineData(40, 30, 60)]
    public void NextAfter_Tries_DoublesUpToAMinute(int tries, double least, double most)
    {
        RetryPolicy.NextAfter(ErrorCode.ProviderError, tries, 100, null, Second, 0).Should().Be(TimeSpan.FromSeconds(least));
        RetryPolicy.NextAfter(ErrorCode.ProviderError, tries, 100, null, Second, 1).Should().Be(TimeSpan.FromSeconds(most));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, false)]
    [InlineData(4, 5, true)]
    [InlineData(5, 5, false)]
    public void NextAfter_AttemptsUsedUp_Ends(int tries, int mostAttempts, bool again) =>
        RetryPolicy.NextAfter(ErrorCode.Timeout, tries, mostAttempts, null, Second, 0.5).HasValue.Should().Be(again);

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void NextAfter_RetryAfter_IsNeverLessThanAskedNorATenthMore(double random)
    {
        foreach (var asked in new[] { TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(90), TimeSpan.FromHours(24) })
        {
            RetryPolicy
                .NextAfter(ErrorCode.RateLimited, 1, 3, asked, Second, random)!
                .Value.Should()
                .BeGreaterThanOrEqualTo(asked)
                .And.BeLessThanOrEqualTo(asked * 1.1);
        }

        // Shorter than the backoff: the backoff holds.
        RetryPolicy
            .NextAfter(ErrorCode.RateLimited, 5, 9, TimeSpan.FromMilliseconds(1), Second, random)!
            .Value.Should()
            .BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void NextAfter_RetryAfterBeyondADay_Ends() =>
        RetryPolicy.NextAfter(ErrorCode.RateLimited, 1, 3, TimeSpan.FromHours(24) + TimeSpan.FromTicks(1), Second, 0).Should().BeNull();

    [Fact]
    public void NextAfter_Interrupted_GoesOnAtOnceHoweverOftenItWasTried() =>
        RetryPolicy.NextAfter(ErrorCode.Interrupted, 9, 1, TimeSpan.FromDays(2), Second, 1).Should().Be(TimeSpan.Zero);
}
