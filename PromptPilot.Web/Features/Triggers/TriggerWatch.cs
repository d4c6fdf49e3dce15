using System.Threading.Channels;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>Remembers that something about triggers changed until a page asks.</summary>
internal sealed class TriggerWatch : IDisposable
{
    private readonly TriggerChanges _changes;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private TriggerWatch(TriggerChanges changes)
    {
        _changes = changes;
        _changes.Changed += Note;
    }

    public static Task<Result<TriggerWatch>> BeginAsync(TriggerChanges changes) =>
        Task.FromResult<Result<TriggerWatch>>(new TriggerWatch(changes));

    public async Task NextAsync(CancellationToken left) => await _changed.Reader.ReadAsync(left);

    public void Dispose() => _changes.Changed -= Note;

    private void Note() => _changed.Writer.TryWrite(true);
}
