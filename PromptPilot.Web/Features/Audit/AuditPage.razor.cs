using System.Globalization;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Audit;

/// <summary>The audit log for admins: filters in the address, before and after on demand, export.</summary>
public sealed partial class AuditPage(PageServices services, AuditService auditService, UserService users)
    : ListPage<AuditQuery, AuditItem>(services)
{
    private IReadOnlyList<PersonName> _people = [];
    private IReadOnlyList<string> _kinds = [];

    private string ExportUrl => QueryRecord<AuditQuery>.Write("audit/export.csv", Filter);

    protected override string IdOf(AuditItem item) => item.Sequence.ToString(CultureInfo.InvariantCulture);

    protected override async Task<Result<Page<AuditItem>>> ListAsync(AuditQuery filter, PageRequest request) =>
        await auditService.ListAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var actor = await ActorAsync();
        var kinds = await auditService.ListKindsAsync(actor, Left);
        if (kinds.IsOk)
        {
            _kinds = kinds.Value;
            _people = (await users.ListNamesAsync(actor, Left)).Value;
        }
    }

    private void SetDays((DateTime? From, DateTime? To) days) =>
        Set(Filter with { From = RunTimes.ToWord(days.From), To = RunTimes.ToWord(days.To) });
}
