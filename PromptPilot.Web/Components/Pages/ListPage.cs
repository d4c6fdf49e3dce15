using Microsoft.AspNetCore.Components.Routing;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Filters;

namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// A page with a list. Its filter is the query string of its address, so that it can be shared and Back works; rows are loaded by cursor.
/// </summary>
/// <typeparam name="TFilter">A record of texts, see <see cref="QueryRecord{TFilter}"/>.</typeparam>
public abstract class ListPage<TFilter, TItem> : PortalPage
    where TFilter : class, IEquatable<TFilter>
{
    private readonly SearchText _typed = new();
    private string _path = "";

    protected ListPage(PageServices services)
        : base(services) => Filter = QueryRecord<TFilter>.Read(Navigation.Uri);

    protected TFilter Filter { get; private set; }

    /// <summary>Null before the first load.</summary>
    protected List<TItem>? Items { get; private set; }

    /// <summary>The cursor of the next page; null at the end.</summary>
    protected string? Next { get; private set; }

    /// <summary>The text in the search field while the address catches up.</summary>
    protected string Typed => _typed.Shown;

    /// <summary>Whether the address filters anything.</summary>
    protected virtual bool IsFiltered => QueryRecord<TFilter>.Texts(Filter).Count > 0;

    /// <summary>The filter's search text, if it has one.</summary>
    protected virtual string? SearchOf(TFilter filter) => null;

    /// <summary>The cursor in the address, for lists that show one page at a time.</summary>
    protected virtual string? CursorOf(TFilter filter) => null;

    /// <summary>The key that identifies a row.</summary>
    protected abstract string IdOf(TItem item);

    protected abstract Task<Result<Page<TItem>>> ListAsync(TFilter filter, PageRequest request);

    /// <summary>Reloads after a change elsewhere. A list with many viewers can share its reads.</summary>
    protected virtual Task<Result<Page<TItem>>> ListAgainAsync(TFilter filter, PageRequest request) => ListAsync(filter, request);

    /// <summary>Called after the rows changed.</summary>
    protected virtual void Show() { }

    /// <summary>Called when the address has brought another filter, before its rows are read.</summary>
    protected virtual void FilterChanged() { }

    protected override async Task OnInitializedAsync()
    {
        _path = Path(Navigation.Uri);
        _typed.Arrive(SearchOf(Filter));
        FilterChanged();
        Navigation.LocationChanged += Arrived;
        await LoadAsync();
    }

    protected override ValueTask LeaveAsync()
    {
        Navigation.LocationChanged -= Arrived;
        return base.LeaveAsync();
    }

    /// <summary>Reads the first page again.</summary>
    protected async Task LoadAsync()
    {
        var filter = Filter;
        var page = await ListAsync(filter, new PageRequest(CursorOf(filter)));
        if (filter == Filter)
        {
            Take(page, () => [.. page.Value.Items]);
        }
    }

    protected async Task MoreAsync()
    {
        var (filter, from) = (Filter, Next);
        var page = await ListAsync(filter, new PageRequest(from));
        if (filter == Filter && from == Next)
        {
            Take(page, () => [.. Items ?? [], .. Without(page.Value.Items, Items ?? [])]);
        }
    }

    /// <summary>Reloads as many rows as are shown. Rows beyond one request are unchanged.</summary>
    protected async Task RefreshAsync()
    {
        var (filter, from, shown) = (Filter, Next, Items?.Count ?? 0);
        var page = await ListAgainAsync(
            filter,
            new PageRequest(CursorOf(filter), Math.Clamp(shown, new PageRequest().Limit, PageRequest.MaxLimit))
        );
        if (filter != Filter || from != Next)
        {
            return;
        }

        if (page.IsOk && shown > PageRequest.MaxLimit)
        {
            Take(page, () => [.. page.Value.Items, .. Without(Items!, page.Value.Items)]);
            Next = from;
        }
        else
        {
            Take(page, () => [.. page.Value.Items]);
        }
    }

    /// <summary>Puts another filter into the address; the list follows.</summary>
    protected void Set(TFilter filter) => Navigation.NavigateTo(Address(filter));

    /// <summary>The address of this page with another filter.</summary>
    protected string Address(TFilter filter) => QueryRecord<TFilter>.Write(_path, filter);

    /// <summary>Follows the fingers in a search field; the address changes when typing pauses.</summary>
    protected async Task TypeAsync(string? text, Func<string, TFilter> filter)
    {
        if (await _typed.TypeAsync(text ?? "", Time, Left))
        {
            Navigation.NavigateTo(Address(filter(_typed.Shown)), replace: true);
        }
    }

    protected void Replace(TItem old, TItem item) => Items![Items.IndexOf(old)] = item;

    private void Take(Result<Page<TItem>> page, Func<List<TItem>> items)
    {
        Problem = page.Problem;
        if (page.IsOk)
        {
            (Items, Next) = (items(), page.Value.Next);
            Show();
        }
    }

    private IEnumerable<TItem> Without(IEnumerable<TItem> items, IEnumerable<TItem> others)
    {
        var known = others.Select(IdOf).ToHashSet(StringComparer.Ordinal);
        return items.Where(item => !known.Contains(IdOf(item)));
    }

    private string Path(string address) => Navigation.ToBaseRelativePath(address).Split('?', '#')[0];

    private void Arrived(object? sender, LocationChangedEventArgs change)
    {
        if (Path(change.Location) != _path)
        {
            return;
        }

        var filter = QueryRecord<TFilter>.Read(change.Location);
        if (filter == Filter)
        {
            return;
        }

        Filter = filter;
        _typed.Arrive(SearchOf(filter));
        FilterChanged();
        Dispatch(LoadAsync);
    }
}
