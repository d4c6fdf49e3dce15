using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Exchange;

public sealed class ImportTurnsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_RunOneAfterTheOther_AndMoreThanEightWaitingAreRefused()
    {
        using var turns = new ImportTurns();
        var (gate, running, most) = (new TaskCompletionSource(), 0, 0);

        var all = Enumerable.Range(0, ImportTurns.MostWaiting + 3).Select(_ => turns.RunAsync(ImportAsync, Token)).ToList();

        all.Where(import => import.IsCompleted).Should().HaveCount(2);
        gate.SetResult();
        var results = await Task.WhenAll(all);
        most.Should().Be(1);
        results.Count(result => result.IsOk).Should().Be(ImportTurns.MostWaiting + 1);
        results.Last().Problem!.Kind.Should().Be(ProblemKind.Unavailable);
        (await turns.RunAsync(ImportAsync, Token)).IsOk.Should().BeTrue("the places are free again");

        async Task<Result<int>> ImportAsync()
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
            return 1;
        }
    }

    [Fact]
    public async Task Import_ThatFailsOrIsGivenUp_LeavesItsTurnToTheNext()
    {
        using var turns = new ImportTurns();
        using var left = new CancellationTokenSource();
        var gate = new TaskCompletionSource<Result<int>>();
        var first = turns.RunAsync(() => gate.Task, Token);
        var second = turns.RunAsync(() => Task.FromResult<Result<int>>(2), left.Token);

        await left.CancelAsync();
        await second.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        gate.SetException(new InvalidOperationException("A bug."));
        await first.Invoking(task => task).Should().ThrowAsync<InvalidOperationException>();

        (await turns.RunAsync(() => Task.FromResult<Result<int>>(3), Token)).Value.Should().Be(3);
    }
}
