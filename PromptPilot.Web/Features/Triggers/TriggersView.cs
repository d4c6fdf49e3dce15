using System.Threading.Channels;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>A page that shows triggers and follows what happens to them.</summary>
public abstract class TriggersView(PageServices services, TriggerChanges changes) : PortalPage(services)
{
    protected Actor Actor { get; private set; } = Actor.Nobody;

    /// <summary>Reads what is shown.</summary>
    protected abstract Task LoadAsync();

    protected override async Task OnInitializedAsync()
    {
        Actor = await ActorAsync();
        await FollowAsync(
            (_, _) => Task.FromResult<Result<TriggerWatch>>(new TriggerWatch(changes)),
            (watch, left) => watch.NextAsync(left),
            LoadAsync
        );
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    /// <summary>Remembers that something changed until it is asked.</summary>
    private sealed class TriggerWatch : IDisposable
    {
        private readonly TriggerChanges _changes;
        private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
        );

        public TriggerWatch(TriggerChanges changes)
        {
            _changes = changes;
            _changes.Changed += Note;
        }

        public async Task NextAsync(CancellationToken left) => await _changed.Reader.ReadAsync(left);

        public void Dispose() => _changes.Changed -= Note;

        private void Note() => _changed.Writer.TryWrite(true);
    }
}
