using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Schedules;

public sealed partial class ScheduleDrawer(PageServices services, TriggerService triggers, ScheduleService schedules, Browser browser)
    : PortalComponent(services)
{
    private static readonly IReadOnlyList<string> Zones =
    [
        .. TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.HasIanaId).Select(zone => zone.Id).Order(StringComparer.Ordinal),
    ];

    private ScheduleForm _form = default!;
    private IReadOnlyList<DateTime> _next = [];
    private int _asked;

    [Parameter, EditorRequired]
    public WorkflowView Workflow { get; set; } = default!;

    /// <summary>Null creates a new one.</summary>
    [Parameter]
    public Trigger? Trigger { get; set; }

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    /// <summary>Fields that show their errors themselves.</summary>
    private IReadOnlyCollection<string> Fields =>
        [
            "schedule.cron",
            "schedule.timeZone",
            "schedule.startsAt",
            "schedule.endsAt",
            "schedule.catchUpLimit",
            .. _form.Inputs.Inputs.Select(input => $"inputs.{input.Name}"),
        ];

    /// <summary>Opens the drawer.</summary>
    public static Task<IDialogReference> OpenAsync(IDialogService dialogs, WorkflowView workflow, Trigger? trigger) =>
        dialogs.ShowAsync<ScheduleDrawer>(
            null,
            new DialogParameters<ScheduleDrawer> { { drawer => drawer.Workflow, workflow }, { drawer => drawer.Trigger, trigger } },
            new DialogOptions
            {
                BackdropClick = false,
                CloseOnEscapeKey = true,
                CloseButton = true,
            }
        );

    protected override async Task OnInitializedAsync()
    {
        _form = new ScheduleForm(Workflow.Published?.Definition.Inputs ?? Workflow.Inputs, Trigger);
        await PreviewAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Trigger is null && await browser.TimeZoneAsync() is { } zone && ScheduleCalendar.FindZone(zone) is not null)
        {
            _form.TimeZone = zone;
            await PreviewAsync();
            StateHasChanged();
        }
    }

    private string? Error(string field) => new FieldErrors(Problem).At(field);

    private Task ChooseRecurrenceAsync(ChangeEventArgs change) =>
        SetAsync(() =>
        {
            var cron = _form.Pick.Cron;
            _form.Pick.Recurrence = Chosen.Of(change, _form.Pick.Recurrence);
            _form.Pick.Typed = _form.Pick.Recurrence == Recurrence.Cron ? cron : _form.Pick.Typed;
        });

    private Task ChooseZoneAsync(ChangeEventArgs change) => SetAsync(() => _form.TimeZone = change.Value as string ?? "");

    private Task SetAsync(Action set)
    {
        set();
        return PreviewAsync();
    }

    private async Task PreviewAsync()
    {
        var asked = ++_asked;
        var preview = await schedules.PreviewAsync(await ActorAsync(), _form.Settings(), Left);
        if (asked != _asked)
        {
            // The input has changed since, so a newer preview follows.
            return;
        }

        // Errors of other fields stay until the next save.
        var others = Problem?.Errors.Where(error => !error.Field.StartsWith("schedule.", StringComparison.Ordinal)).ToList() ?? [];
        _next = preview.IsOk ? preview.Value : [];
        Problem =
            others.Count == 0
                ? preview.Problem
                : Problem.Invalid("Could not save the schedule.", [.. preview.Problem?.Errors ?? [], .. others]);
    }

    private Task SaveAsync() =>
        OnceAsync(async () =>
        {
            var content = _form.Read();
            Problem = content.Problem;
            if (!content.IsOk)
            {
                return;
            }

            _asked++;
            var actor = await ActorAsync();
            var saved = Trigger is null
                ? await triggers.CreateAsync(actor, Workflow.Id, content.Value, Left)
                : await triggers.UpdateAsync(actor, Workflow.Id, Trigger.Id, content.Value, Trigger.Revision, Left);
            Problem = saved.Problem;
            if (saved.IsOk)
            {
                Dialog.Close();
            }
        });
}
