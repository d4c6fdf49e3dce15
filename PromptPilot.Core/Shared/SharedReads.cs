namespace PromptPilot.Core.Shared;

/// <summary>
/// Shares reads between viewers with the same query, which is read at most once per interval. A caller between two reads waits for the
/// next one, so a result is never older than its request.
/// </summary>
/// <param name="interval">The shortest time between two reads of the same query.</param>
internal sealed class SharedReads<TKey, TAnswer>(TimeProvider time, TimeSpan interval)
    where TKey : notnull
{
    private const int ForgetFrom = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Question> _questions = [];

    /// <param name="read">Reads for all waiting callers. Not cancelled when the first of them leaves.</param>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    public Task<TAnswer> ReadAsync(TKey key, Func<Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        Task<TAnswer> answer;
        lock (_lock)
        {
            if (!_questions.TryGetValue(key, out var question))
            {
                Forget();
                _questions[key] = question = new Question(time.GetTimestamp() - AsTicks(interval));
            }

            answer = question.Next ??= ReadLaterAsync(question, read);
        }

        return answer.WaitAsync(cancellationToken);
    }

    private async Task<TAnswer> ReadLaterAsync(Question question, Func<Task<TAnswer>> read)
    {
        await Task.Yield(); // so that the caller has stored this task before it starts
        var wait = interval - time.GetElapsedTime(question.LastRead);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }

        lock (_lock)
        {
            (question.LastRead, question.Next) = (time.GetTimestamp(), null);
        }

        return await read();
    }

    /// <summary>Removes queries that have not been used for a while, once there are many.</summary>
    private void Forget()
    {
        if (_questions.Count < ForgetFrom)
        {
            return;
        }

        foreach (
            var (key, _) in _questions
                .Where(pair => pair.Value.Next is null && time.GetElapsedTime(pair.Value.LastRead) > interval)
                .ToList()
        )
        {
            _questions.Remove(key);
        }
    }

    private long AsTicks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private sealed class Question(long lastRead)
    {
        public long LastRead { get; set; } = lastRead;

        /// <summary>The read that has not started; null if the next caller starts it.</summary>
        public Task<TAnswer>? Next { get; set; }
    }
}
