using Microsoft.Extensions.Logging.Abstractions;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Tests.Unit.Hosting;

public sealed class MemoryReleaseTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public void IsDue_OnceThePortalRests_AfterWork()
    {
        using var release = new MemoryRelease(TimeProvider.System, NullLogger<MemoryRelease>.Instance);

        long[] allocated = [100, 300, 301, 302, 340, 341, 342, 343];
        allocated
            .Select(megabytes => release.IsDue(megabytes * Megabyte))
            .Should()
            .Equal(
                [false, false, true, false, false, true, false, false],
                "it collects after the start and after the work, and not again while nothing happens"
            );
    }

    [Fact]
    public void IsDue_WhileALittleIsAllocated_OnlyOnceItIsWorthAPause()
    {
        using var release = new MemoryRelease(TimeProvider.System, NullLogger<MemoryRelease>.Instance);

        var due = Enumerable.Range(0, 100).Count(look => release.IsDue(look * Megabyte));

        due.Should().Be(3, "every 32 MB");
    }
}
