using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls;

/// <summary>A draft in the viewer's browser.</summary>
/// <param name="Base">The version it began from.</param>
public sealed record KeptDraft(string Key, DateTime At, string Base);

/// <summary>
/// Wraps js/drafts.js. The browser keeps the text of a form, so that it survives the loss of connection, tab and host.
/// Where the state is more than the fields on the page, the page gives it as a text with <see cref="Keep"/>.
/// </summary>
public sealed partial class DraftKeeper(IJSRuntime js) : IAsyncDisposable
{
    /// <summary>The name under which a text that the page gave comes back.</summary>
    public const string Text = "text";

    /// <summary>More than a prompt can have, so that a text that is too long is restored too.</summary>
    private const long MostBytes = 64 * 1024 * 1024;

    private IReadOnlyList<KeptDraft> _left = [];
    private IJSObjectReference? _module;
    private string _key = "";
    private bool _settles;
    private bool _touches;
    private bool _keeps;
    private string? _text;

    private sealed record Watched(string Key, IReadOnlyList<KeptDraft> Left);

    /// <summary>The element whose fields with <c>data-draft</c> are kept; null: only what the page gives.</summary>
    [Parameter]
    public Func<ElementReference>? Form { get; set; }

    /// <summary>The user and the item: a draft is offered to the same user at the same place.</summary>
    [Parameter, EditorRequired]
    public string Place { get; set; } = "";

    /// <summary>The version that the form began from.</summary>
    [Parameter, EditorRequired]
    public string Base { get; set; } = "";

    /// <summary>Gets the fields of a draft that the person restores.</summary>
    [Parameter, EditorRequired]
    public EventCallback<IReadOnlyDictionary<string, string>> OnRestore { get; set; }

    /// <summary>Keeps a text in the place of the one before.</summary>
    /// <param name="text">Null: there is nothing that would be lost.</param>
    public void Keep(string? text)
    {
        if (text != _text)
        {
            (_keeps, _text) = (true, text);
            StateHasChanged();
        }
    }

    /// <summary>Marks the form as saved after the next render: it no longer needs a draft.</summary>
    public void Settle() => _settles = true;

    /// <summary>Removes the draft: the form was saved or discarded, and the page is left.</summary>
    public async Task DiscardAsync()
    {
        if (_module is not null)
        {
            await _module.InvokeVoidAsync("settle", _key, Base);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.InvokeVoidAsync("unwatch", _key);
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The tab is gone; its draft stays.
            }
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/drafts.js");
            if (await _module.InvokeAsync<Watched?>("watch", Form?.Invoke(), Place, Base) is { } watched)
            {
                (_key, _left) = (watched.Key, watched.Left);
                StateHasChanged();
            }
        }
        else if (_module is not null && _settles)
        {
            _settles = false;
            await _module.InvokeVoidAsync("settle", _key, Base);
        }
        else if (_module is not null && _keeps)
        {
            _keeps = false;
            await _module.InvokeVoidAsync("put", _key, Base, _text);
        }
        else if (_module is not null && _touches)
        {
            _touches = false;
            await _module.InvokeVoidAsync("touch", _key);
        }
    }

    private async Task TakeAsync(KeptDraft draft)
    {
        var bytes = await _module!.InvokeAsync<IJSStreamReference>("take", draft.Key);
        await using var stream = await bytes.OpenReadStreamAsync(MostBytes);
        var fields = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(stream, AppJson.Options) ?? [];
        await OnRestore.InvokeAsync(fields);
        _touches = Form is not null;
        await ForgetAsync(draft);
    }

    private async Task ForgetAsync(KeptDraft draft)
    {
        _left = [.. _left.Where(other => other.Key != draft.Key)];
        await _module!.InvokeVoidAsync("forget", draft.Key);
    }
}
