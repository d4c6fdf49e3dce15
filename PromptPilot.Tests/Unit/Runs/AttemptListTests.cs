using CsCheck;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>What the list keeps up to date equals what a search of all attempts finds.</summary>
public sealed class AttemptListTests
{
    private const int Items = 4;
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void List_AfterAnyEvents_AnswersWhatASearchFinds() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, Items - 1], Gen.Int[0, 9])
            .Array[0, 40]
            .Sample(
                events =>
                {
                    var list = AttemptList.Empty;
                    var resolved = new HashSet<int>();
                    foreach (var (kind, item, second) in events)
                    {
                        list = Next(list, resolved, kind, item, second);
                        Check(list, resolved);
                    }
                },
                iter: Samples.Count(few: 2_000, many: 50_000)
            );

    [Fact]
    public void End_OfAnAttemptThatIsNotThere_ChangesNothing()
    {
        var list = AttemptList.Empty.Add(Open(0, 1));

        list.End(1, 1, attempt => attempt with { EndedAt = Start }).Should().BeSameAs(list);
        list.End(0, 7, attempt => attempt with { EndedAt = Start }).Should().BeSameAs(list);
    }

    [Fact]
    public void Of_AnyAttempts_KnowsThem()
    {
        AttemptState[] attempts = [Open(0, 1) with { EndedAt = Start, Status = ExecutionStatus.Error, RetryAt = Start }, Open(1, 1)];
        var list = AttemptList.Of(attempts);

        list.Should().Equal(attempts);
        list.OpenCount.Should().Be(1);
        list.DueRetry(Start).Should().Be(0);
        AttemptList.Of(list).Should().BeSameAs(list);
    }

    private static AttemptList Next(AttemptList list, HashSet<int> resolved, int kind, int item, int second)
    {
        var last = list.LastOrDefault(attempt => attempt.ItemIndex == item);
        if (last is not { IsOpen: true })
        {
            var isOver = resolved.Contains(item) || last is { RetryAt: null };
            return isOver ? list : list.Add(Open(item, (last?.Attempt ?? 0) + 1));
        }

        var ended = list.End(item, last.Attempt, attempt => Ended(attempt, kind, second));
        if (kind is 0 or 4)
        {
            resolved.Add(item);
            return ended.Resolve(item);
        }

        return ended;
    }

    private static void Check(AttemptList list, HashSet<int> resolved)
    {
        list.Open.Should().Equal(list.Where(attempt => attempt.IsOpen));
        list.OpenCount.Should().Be(list.Count(attempt => attempt.IsOpen));
        list.LastFailure.Should()
            .Be(
                list.LastOrDefault(attempt =>
                    attempt is { IsOpen: false, RetryAt: null }
                    && attempt.Status != ExecutionStatus.Success
                    && !resolved.Contains(attempt.ItemIndex!.Value)
                )
            );
        var retries = list.GroupBy(attempt => attempt.ItemIndex!.Value)
            .Select(attempts => attempts.Last())
            .Where(attempt => !attempt.IsOpen && attempt.Status != ExecutionStatus.Success && attempt.RetryAt is not null)
            .ToList();
        foreach (var second in Enumerable.Range(-1, 12))
        {
            var now = Start.AddSeconds(second);
            var due = retries.Where(attempt => attempt.RetryAt <= now).OrderBy(attempt => attempt.RetryAt).ThenBy(a => a.ItemIndex);
            list.DueRetry(now).Should().Be(due.FirstOrDefault()?.ItemIndex);
            list.NextRetry(now).Should().Be(retries.Where(attempt => attempt.RetryAt > now).Min(attempt => attempt.RetryAt));
        }

        foreach (var item in Enumerable.Range(0, Items))
        {
            var own = list.Where(attempt => attempt.ItemIndex == item).ToList();
            list.Has(item).Should().Be(own.Count > 0);
            list.CountOf(item).Should().Be(own.Count);
            list.TriesOf(item).Should().Be(own.Count(attempt => attempt.ErrorCode != ErrorCode.Interrupted));
            list.Find(item, own.Count).Should().Be(own.LastOrDefault());
        }
    }

    private static AttemptState Open(int item, int attempt) =>
        new(attempt, item, null, Start, null, null, null, null, null, false, 0, 0, 0, null, null, "");

    /// <summary>0: a success, 1: retried, 2: interrupted, 3: failed for good, 4: failed and replaced by a default.</summary>
    private static AttemptState Ended(AttemptState attempt, int kind, int second) =>
        attempt with
        {
            EndedAt = Start,
            Status = kind == 0 ? ExecutionStatus.Success : ExecutionStatus.Error,
            ErrorCode =
                kind == 0 ? null
                : kind == 2 ? ErrorCode.Interrupted
                : ErrorCode.ProviderError,
            RetryAt = kind is 1 or 2 ? Start.AddSeconds(second) : null,
        };
}
