using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Audit;

/// <summary>The audit log for admins: filters in the address, before and after on demand, export.</summary>
public sealed partial class AuditPage(PageServices services, AuditService auditService, UserService users) : PortalPage(services)
{
    private List<AuditItem>? _items;
    private string? _next;
    private AuditFilter? _filter;
    private IReadOnlyList<PersonName> _people = [];
    private IReadOnlyList<string> _kinds = [];

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "person")]
    private string? Person { get; set; }

    [SupplyParameterFromQuery(Name = "action")]
    private string? ActionWord { get; set; }

    [SupplyParameterFromQuery(Name = "kind")]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? To { get; set; }

    private bool IsFiltered => Filters.Any(filter => !string.IsNullOrEmpty(filter.Value));

    private string ExportUrl =>
        QueryHelpers.AddQueryString("audit/export.csv", Filters.Where(filter => !string.IsNullOrEmpty(filter.Value)));

    private Dictionary<string, string?> Filters =>
        new()
        {
            ["text"] = Text,
            ["person"] = Person,
            ["action"] = ActionWord,
            ["kind"] = Kind,
            ["from"] = From,
            ["to"] = To,
        };

    protected override async Task OnInitializedAsync()
    {
        var actor = await ActorAsync();
        var kinds = await auditService.ListKindsAsync(actor, Left);
        if (kinds.IsOk)
        {
            _kinds = kinds.Value;
            _people = (await users.ListNamesAsync(actor, Left)).Value;
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        var filter = AuditEndpoints.Filter(Person, ActionWord, Kind, Text, From, To);
        if (filter != _filter)
        {
            (_filter, _items) = (filter, null);
            await LoadAsync();
        }
    }

    private Task LoadAsync() => LoadAsync(null);

    private Task MoreAsync() => LoadAsync(_next);

    private async Task LoadAsync(string? after)
    {
        var wanted = _filter ?? new AuditFilter();
        var page = await auditService.ListAsync(await ActorAsync(), wanted, new PageRequest(after), Left);
        if (wanted != _filter)
        {
            return;
        }

        Problem = page.Problem;
        if (page.IsOk)
        {
            _items = after is null ? [.. page.Value.Items] : [.. _items ?? [], .. page.Value.Items];
            _next = page.Value.Next;
        }
    }

    private void Set(string filter, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(filter, string.IsNullOrWhiteSpace(value) ? null : value.Trim()));

    private void SetDays((DateTime? From, DateTime? To) days) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(
                new Dictionary<string, object?> { ["from"] = RunTimes.ToWord(days.From), ["to"] = RunTimes.ToWord(days.To) }
            )
        );
}
