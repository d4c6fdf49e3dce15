using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations;

/// <summary>Hooks by name, with how they are doing.</summary>
internal static class HookList
{
    private const char Separator = '|';

    public static async Task<Result<Page<HookListItem>>> FindAsync(
        PromptPilotDbContext db,
        HookFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var rows =
            from hook in db.IntegrationHooks.AsNoTracking()
            join workflow in db.Workflows on hook.LinkedWorkflowId equals workflow.Id
            select new { hook, workflow.Name };
        if (filter.WorkflowId is { } workflowId)
        {
            rows = rows.Where(row => row.hook.LinkedWorkflowId == workflowId);
        }

        if (filter.Type is { } type)
        {
            rows = rows.Where(row => row.hook.Type == type);
        }

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = LikePattern.Containing(filter.Search.Trim());
            var upper = LikePattern.Containing(filter.Search.Trim().ToUpperInvariant());
            rows = rows.Where(row =>
                SqlText.Matches(row.hook.NormalizedName, upper)
                || SqlText.Matches(row.hook.TargetUrl, pattern)
                || SqlText.Matches(row.Name, pattern)
            );
        }

        if (page.After is { } after)
        {
            if (NameCursor.Parse(after, Separator) is not { } cursor)
            {
                return PageRequest.WrongCursor;
            }

            rows = rows.Where(row =>
                string.Compare(row.hook.NormalizedName, cursor.Name) > 0
                || (row.hook.NormalizedName == cursor.Name && string.Compare(row.hook.Id, cursor.Id) > 0)
            );
        }

        var found = await rows.OrderBy(row => row.hook.NormalizedName)
            .ThenBy(row => row.hook.Id)
            .Take(page.Take + 1)
            .Select(row => new
            {
                row.hook.Id,
                row.hook.Name,
                row.hook.NormalizedName,
                row.hook.Type,
                row.hook.TargetUrl,
                row.hook.LinkedWorkflowId,
                WorkflowName = row.Name,
                row.hook.Enabled,
                row.hook.DisabledReason,
                Last = db
                    .HookDeliveries.Where(delivery => delivery.HookId == row.hook.Id)
                    .OrderByDescending(delivery => delivery.CreatedAt)
                    .Select(delivery => new { delivery.CreatedAt, delivery.State })
                    .FirstOrDefault(),
                Waiting = db.HookDeliveries.Count(delivery => delivery.HookId == row.hook.Id && delivery.NextAttemptAt != null),
            })
            .ToListAsync(cancellationToken);
        var hasMore = found.Count > page.Take;
        var shown = hasMore ? found[..page.Take] : found;
        return new Page<HookListItem>(
            shown.ConvertAll(row => new HookListItem(
                row.Id,
                row.Name,
                row.Type,
                row.TargetUrl,
                row.LinkedWorkflowId,
                row.WorkflowName,
                row.Enabled,
                row.DisabledReason,
                row.Last?.CreatedAt,
                row.Last?.State,
                row.Waiting
            )),
            hasMore ? new NameCursor(shown[^1].NormalizedName, shown[^1].Id).ToString(Separator) : null
        );
    }
}
