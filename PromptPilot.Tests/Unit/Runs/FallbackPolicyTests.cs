using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Fallback;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class FallbackPolicyTests
{
    /// <summary>Whether a step leaves its profile at once, and after the last attempt. A new code needs a row.</summary>
    public static TheoryData<ErrorCode, bool, bool> Codes =>
        new()
        {
            { ErrorCode.RateLimited, false, true },
            { ErrorCode.Quota, true, true },
            { ErrorCode.Auth, false, false },
            { ErrorCode.BadRequest, false, false },
            { ErrorCode.ModelUnavailable, true, true },
            { ErrorCode.ContextTooLong, false, false },
            { ErrorCode.ContentFiltered, false, false },
            { ErrorCode.ProviderError, true, true },
            { ErrorCode.Unreachable, true, true },
            { ErrorCode.Timeout, true, true },
            { ErrorCode.IncompleteStream, false, true },
            { ErrorCode.InvalidOutput, false, false },
            { ErrorCode.Budget, false, false },
            { ErrorCode.Interrupted, false, false },
            { ErrorCode.Cancelled, false, false },
            { ErrorCode.Internal, false, false },
        };

    [Fact]
    public void Codes_AreAllInTheTable() => Codes.Select(row => row.Data.Item1).Should().BeEquivalentTo(Enum.GetValues<ErrorCode>());

    [Theory]
    [MemberData(nameof(Codes))]
    public void Switches_AsTheTableSays(ErrorCode code, bool atOnce, bool afterTheLast)
    {
        FallbackPolicy.Switches(code, TimeSpan.FromSeconds(2)).Should().Be(atOnce);
        FallbackPolicy.Switches(code, null).Should().Be(afterTheLast);
    }

    [Fact]
    public void Switches_RateLimitOfMoreThanAMinute_IsNotWaitedFor()
    {
        FallbackPolicy.Switches(ErrorCode.RateLimited, TimeSpan.FromSeconds(60)).Should().BeFalse();
        FallbackPolicy.Switches(ErrorCode.RateLimited, TimeSpan.FromSeconds(61)).Should().BeTrue();
    }
}
