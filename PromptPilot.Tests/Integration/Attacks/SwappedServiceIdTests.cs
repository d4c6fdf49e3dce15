using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Tests.Integration.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>
/// Pages call services without an address in between: each text that a service method takes as an id, put in the place of every other, by
/// an admin; and what is a person's own, named by another person.
/// The methods are found by reflection; what their texts are is typed here, so that a new one without a row fails.
/// </summary>
[Collection(AttackTests.Name)]
public sealed class SwappedServiceIdTests(AttackWorld world)
{
    /// <summary>Method → what its texts and lists of texts are, in order; <c>=x</c> is no id.</summary>
    private static readonly Dictionary<string, string[]> Rows = new()
    {
        ["ApiKeyService.RevokeAsync"] = ["key"],
        ["ArmService.FindAsync"] = ["workflow"],
        ["ArmService.PromoteAsync"] = ["workflow", "step", "=1.0.0", "profile"],
        ["ArmService.SetStoppedAsync"] = ["workflow"],
        ["BackupService.CreateAsync"] = ["=short"],
        ["BatchResultService.ListRowsAsync"] = ["experiment"],
        ["BudgetService.FindProfileSpendAsync"] = ["profile"],
        ["ChangeDecisionService.ApproveAsync"] = ["change request"],
        ["ChangeDecisionService.CommentAsync"] = ["change request", "=Swapped"],
        ["ChangeDecisionService.OverrideAsync"] = ["change request", "=Swapped"],
        ["ChangeDecisionService.RejectAsync"] = ["change request", "=Swapped"],
        ["ChangeDecisionService.WithdrawAsync"] = ["change request"],
        ["ChangeListService.FindAsync"] = ["change request"],
        ["ChangeRequestService.PublishAsync"] = ["workflow", "=Swapped"],
        ["ChangeRequestService.RunExperimentAsync"] = ["change request"],
        ["ChangeRequestService.SetLabelAsync"] = ["prompt", "=staging", "=1.0.0", "=Swapped"],
        ["ChatModelService.ResolveAsync"] = ["=no such model"],
        ["ExampleService.ListAsync"] = ["prompt"],
        ["ExampleService.SaveAsync"] = ["prompt", "=name"],
        ["ExecutionLogService.FindAsync"] = ["log"],
        ["ExperimentResultService.ExportAsync"] = ["experiment"],
        ["ExperimentResultService.FindAsync"] = ["experiment"],
        ["ExperimentResultService.FindOutputsAsync"] = ["experiment", "=no such case"],
        ["ExperimentResultService.ListAsync"] = ["test set", "workflow"],
        ["ExperimentService.CancelAsync"] = ["experiment"],
        ["ExperimentService.DeleteAsync"] = ["experiment"],
        ["ExperimentService.ResumeAsync"] = ["experiment"],
        ["FeedbackService.DeleteAsync"] = ["log", "=no such user"],
        ["FeedbackService.ListAsync"] = ["log"],
        ["FeedbackService.PutAsync"] = ["log"],
        ["FileService.OpenAsync"] = ["=missing"],
        ["FileService.UploadAsync"] = ["=name"],
        ["HookDeliveryService.FindAsync"] = ["delivery"],
        ["HookDeliveryService.ResendAsync"] = ["delivery"],
        ["IntegrationHookService.CreateAsync"] = ["workflow"],
        ["IntegrationHookService.DeleteAsync"] = ["hook"],
        ["IntegrationHookService.FindAsync"] = ["hook"],
        ["IntegrationHookService.ListOutputsAsync"] = ["workflow"],
        ["IntegrationHookService.SetEnabledAsync"] = ["hook"],
        ["IntegrationHookService.TestAsync"] = ["hook"],
        ["IntegrationHookService.UpdateAsync"] = ["hook"],
        ["LastRunService.FindAsync"] = ["workflow"],
        ["ModelComparisonService.StartAsync"] = ["profile", "profile"],
        ["ModelReplacementService.MoveAsync"] = ["profile", "profile"],
        ["ModelProfileService.DeleteAsync"] = ["profile"],
        ["ModelProfileService.FindAsync"] = ["profile"],
        ["ModelProfileService.ListAsync"] = ["=no such profile"],
        ["ModelProfileService.ListUsersAsync"] = ["profile"],
        ["ModelProfileService.TestAsync"] = ["profile"],
        ["ProtectionService.FindOfWorkflowAsync"] = ["workflow"],
        ["ProtectionService.ListAsync"] = ["prompt"],
        ["ProtectionService.ListOfSetAsync"] = ["test set"],
        ["ProtectionService.ProtectLabelAsync"] = ["prompt", "=staging"],
        ["ProtectionService.ProtectWorkflowAsync"] = ["workflow"],
        ["ProtectionService.UnprotectLabelAsync"] = ["prompt", "=staging"],
        ["ProtectionService.UnprotectWorkflowAsync"] = ["workflow"],
        ["ModelProfileService.UpdateAsync"] = ["profile"],
        ["ModelTrialService.ListModelsAsync"] = ["profile"],
        ["ModelTrialService.TestAsync"] = ["profile"],
        ["NotificationService.ReadAsync"] = ["notification"],
        ["PromptBulkService.ArchiveAsync"] = ["prompt"],
        ["PromptBulkService.TagAsync"] = ["prompt", "=tag", "=tag"],
        ["PromptLabelService.FindImpactAsync"] = ["prompt", "=staging", "=1.0.0"],
        ["PromptLabelService.ListLabelsAsync"] = ["prompt"],
        ["PromptLabelService.RemoveLabelAsync"] = ["prompt", "=staging"],
        ["PromptLabelService.SetLabelAsync"] = ["prompt", "=staging", "=1.0.0"],
        ["PromptService.DeleteAsync"] = ["prompt"],
        ["PromptService.FindAsync"] = ["prompt"],
        ["PromptService.FindByNameAsync"] = ["prompt name", "=latest"],
        ["PromptService.FindPartsAsync"] = ["prompt"],
        ["PromptService.FindVersionAsync"] = ["prompt", "=1.0.0"],
        ["PromptService.ListPartUsesAsync"] = ["prompt"],
        ["PromptService.ListUsesAsync"] = ["prompt"],
        ["PromptService.ListVersionsAsync"] = ["prompt"],
        ["PromptService.UpdateAsync"] = ["prompt"],
        ["RatingQueueService.FindAsync"] = ["log"],
        ["RatingQueueService.OpenAsync"] = ["=no such output"],
        ["RatingSummaryService.FindAsync"] = ["prompt"],
        ["RunCompareService.CompareAsync"] = ["run", "run"],
        ["RunKeepService.DeleteManyAsync"] = ["run"],
        ["RunKeepService.FindRuleAsync"] = ["workflow"],
        ["RunKeepService.PinAsync"] = ["run"],
        ["RunReplayService.ForkAsync"] = ["run"],
        ["RunReplayService.RetryAsync"] = ["run"],
        ["AgentToolService.FindAsync"] = ["=no such tool"],
        ["ReviewLinkService.FindAsync"] = ["=no such link"],
        ["RunReviewService.AnswerAsync"] = ["run", "step"],
        ["RunService.CancelAsync"] = ["run"],
        ["RunService.DeleteAsync"] = ["run"],
        ["RunService.FindAsync"] = ["run"],
        ["RunService.RenderPromptAsync"] = ["log"],
        ["RunService.WaitAsync"] = ["run"],
        ["RunService.WatchAsync"] = ["run"],
        ["ScheduleService.RunNowAsync"] = ["workflow", "trigger"],
        ["RunCaseService.AddAsync"] = ["test set", "=no such run"],
        ["SearchService.FindAsync"] = ["=no such words"],
        ["SessionService.EndAsync"] = ["session"],
        ["StepPickerService.FindPromptAsync"] = ["prompt"],
        ["StepPickerService.ListPromptsAsync"] = ["=no such prompt"],
        ["TestCaseService.AddAsync"] = ["test set"],
        ["TestCaseService.AddFromOutputAsync"] = ["test set", "=no such output"],
        ["TestCaseService.DeleteAsync"] = ["test set", "test case"],
        ["TestCaseService.ExportAsync"] = ["test set"],
        ["TestCaseService.ImportAsync"] = ["test set", "=name"],
        ["TestCaseService.UpdateAsync"] = ["test set", "test case"],
        ["TestSetService.CreateAsync"] = ["prompt"],
        ["TestSetService.CreateForWorkflowAsync"] = ["workflow"],
        ["TestSetService.DeleteAsync"] = ["test set"],
        ["TestSetService.FindAsync"] = ["test set"],
        ["TestSetService.ListAsync"] = ["prompt", "workflow"],
        ["TestSetService.UpdateAsync"] = ["test set"],
        ["TriggerService.CreateAsync"] = ["workflow"],
        ["TriggerService.DeleteAsync"] = ["workflow", "trigger"],
        ["TriggerService.FindAsync"] = ["workflow", "trigger"],
        ["TriggerService.ListAsync"] = ["workflow"],
        ["TriggerService.RotateSecretAsync"] = ["workflow", "trigger"],
        ["TriggerService.SetEnabledAsync"] = ["workflow", "trigger"],
        ["TriggerService.UpdateAsync"] = ["workflow", "trigger"],
        ["TwoFactorService.ConfirmAsync"] = ["=000000"],
        ["TwoFactorService.RenewCodesAsync"] = ["=wrong password"],
        ["TwoFactorService.SwitchOffAsync"] = ["=wrong password"],
        ["UserAccessService.EndSessionsAsync"] = ["user"],
        ["UserAccessService.RemovePasswordAsync"] = ["user"],
        ["UserAccessService.RemoveSecondFactorAsync"] = ["user"],
        ["UserService.DeleteAsync"] = ["user", "user"],
        ["UserService.FindAsync"] = ["user"],
        ["UserService.LockAsync"] = ["user"],
        ["UserService.ResetPasswordAsync"] = ["user"],
        ["UserService.UpdateAsync"] = ["user"],
        ["WebhookInboxService.FindAsync"] = ["receipt"],
        ["WebhookInboxService.FindTriggerAsync"] = ["trigger"],
        ["WebhookInboxService.ReplayAsync"] = ["receipt"],
        ["WebhookMappingService.FindSampleAsync"] = ["trigger"],
        ["WebhookMappingService.TryMappingAsync"] = ["trigger"],
        ["WorkflowSampleService.CreateAsync"] = ["=no such sample"],
        ["WorkflowSampleService.UseModelAsync"] = ["profile"],
        ["WorkflowService.ArchiveAsync"] = ["workflow"],
        ["WorkflowService.DeleteAsync"] = ["workflow"],
        ["WorkflowService.FindAsync"] = ["workflow"],
        ["WorkflowService.PublishAsync"] = ["workflow", "=message"],
        ["WorkflowService.SetManualTriggerAsync"] = ["workflow"],
        ["WorkflowService.UnarchiveAsync"] = ["workflow"],
        ["WorkflowService.UpdateAsync"] = ["workflow"],
        ["WorkflowVersionService.CompareAsync"] = ["workflow"],
        ["WorkflowVersionService.FindContentAsync"] = ["workflow"],
        ["WorkflowVersionService.ListAsync"] = ["workflow"],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Table_HasARowForEachMethodThatTakesAText_WithAsManyKinds() =>
        ServiceMethods
            .All()
            .Where(method => Texts(method).Any())
            .Select(method => $"{ServiceMethods.Name(method)} {Texts(method).Count()}")
            .Should()
            .BeEquivalentTo(
                Rows.Select(row => $"{row.Key} {row.Value.Length}"),
                "a new method that takes a text needs a row here, and a row needs its method"
            );

    [Fact]
    public async Task Id_OfAnotherParentOrKind_ReadsNothing_AndWritesNothing_EvenForAnAdmin()
    {
        var mine = await OwnAsync(world.Mine);
        var began = DateTime.UtcNow;
        var before = await world.DumpAsync();
        var (wrong, answers) = (new List<string>(), new Dictionary<string, int>());
        foreach (
            var method in ServiceMethods
                .All()
                .Where(method => Rows.GetValueOrDefault(ServiceMethods.Name(method))?.Any(kind => kind[0] != '=') == true)
        )
        {
            foreach (var values in IdSwaps.Of(Rows[ServiceMethods.Name(method)], mine, world.Theirs.Ids))
            {
                var (problem, value) = await CallAsync(method, world.Admin.Actor, values);
                var kind = problem?.Kind.ToString() ?? (IsNothing(value) ? "nothing" : "something");
                answers[kind] = answers.GetValueOrDefault(kind) + 1;

                // A run that is there, and has ended, says so whatever step is named.
                var isOver =
                    ServiceMethods.Name(method) == "RunReviewService.AnswerAsync"
                    && kind == nameof(ProblemKind.Conflict)
                    && values[0] == world.Mine.Run;
                if (kind is not (nameof(ProblemKind.NotFound) or nameof(ProblemKind.Invalid) or "nothing") && !isOver)
                {
                    wrong.Add($"{ServiceMethods.Name(method)} with {string.Join(", ", values)}: {kind} {problem?.Message} {value}");
                }
            }
        }

        Figures.Tell($"swapped ids at services: {answers.Values.Sum()} calls, {string.Join(' ', answers)}");
        wrong.Should().BeEmpty();
        answers[nameof(ProblemKind.NotFound)].Should().BeGreaterThan(500);
        var after = await world.DumpAsync();
        after.Except(before).Where(row => !IsOlderRequest(row, began)).Should().BeEmpty("nothing was written");
        before.Except(after).Should().BeEmpty("nothing was deleted");
    }

    /// <summary>The inbox writes what other tests sent a while after the answer.</summary>
    private static bool IsOlderRequest(string row, DateTime time) =>
        row.StartsWith("WebhookReceipts: ", StringComparison.Ordinal)
        && DateTime.Parse(
            row.Split('|')[2],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        ) < time;

    [Fact]
    public async Task WhatIsAPersonsOwn_NamedByAnother_IsNotThere()
    {
        string[] personal = ["key", "session", "notification", "user"];
        var mine = await OwnAsync(world.Mine);
        var before = await DumpPersonalAsync(mine);
        var (wrong, asked) = (new List<string>(), 0);
        foreach (
            var method in ServiceMethods
                .All()
                .Where(method => Rows.GetValueOrDefault(ServiceMethods.Name(method))?.Intersect(personal).Any() == true)
        )
        {
            asked++;
            var (problem, value) = await CallAsync(
                method,
                world.Theirs.Person.Actor,
                [.. Rows[ServiceMethods.Name(method)].Select(kind => kind[0] == '=' ? kind[1..] : mine[kind])]
            );
            if (problem is { Kind: not (ProblemKind.NotFound or ProblemKind.Forbidden) } || (problem is null && !IsNothing(value)))
            {
                wrong.Add($"{ServiceMethods.Name(method)}: {problem?.Kind} {value}");
            }
        }

        wrong.Should().BeEmpty();
        asked.Should().BeGreaterThan(10);
        (await DumpPersonalAsync(mine)).Should().Equal(before);
    }

    /// <summary>The family's ids, and those of what its person has for themself.</summary>
    private async Task<Dictionary<string, string>> OwnAsync(AttackWorld.Family family)
    {
        using var cookies = new CookieClient(world.Portal);
        await cookies.SignInAsync(family.Person);
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        var notification = new Notification
        {
            UserId = family.Person.Id,
            Kind = NotificationKind.RunFailed,
            Title = "Own",
            Link = "/",
            FactKey = Guid.NewGuid().ToString(),
            CreatedAt = DateTime.UtcNow,
        };
        db.Notifications.Add(notification);
        await db.SaveChangesAsync(Cancellation);
        using var sender = world.Portal.CreateClient();
        using var sent = await sender.PostAsync(
            new Uri($"/hooks/{family.Trigger}", UriKind.Relative),
            new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
            Cancellation
        );
        var receipt = await Eventually.GetAsync(
            () =>
                db
                    .WebhookReceipts.Where(item => item.TriggerId == family.Trigger)
                    .Select(item => item.Id)
                    .FirstOrDefaultAsync(Cancellation),
            "the request in the inbox"
        );
        return new Dictionary<string, string>(family.Ids)
        {
            ["notification"] = notification.Id,
            ["session"] = (await world.Portal.Get<SessionService>().ListAsync(family.Person.Actor, Cancellation)).Value[0].Id,
            ["receipt"] = receipt,
        };
    }

    private async Task<List<string>> DumpPersonalAsync(Dictionary<string, string> ids)
    {
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        return
        [
            System.Text.Json.JsonSerializer.Serialize(
                await db.ApiKeys.AsNoTracking().SingleAsync(key => key.Id == ids["key"], Cancellation)
            ),
            System.Text.Json.JsonSerializer.Serialize(
                await db.Sessions.AsNoTracking().SingleAsync(session => session.Id == ids["session"], Cancellation)
            ),
            System.Text.Json.JsonSerializer.Serialize(
                await db.Notifications.AsNoTracking().SingleAsync(notification => notification.Id == ids["notification"], Cancellation)
            ),
            System.Text.Json.JsonSerializer.Serialize(
                await db.Users.AsNoTracking().SingleAsync(user => user.Id == ids["user"], Cancellation)
            ),
        ];
    }

    private Task<(Problem? Problem, object? Value)> CallAsync(MethodInfo method, Actor actor, string[] values)
    {
        var next = 0;
        return ServiceMethods.CallAsync(
            world.Portal.Services,
            method,
            parameter =>
                parameter.ParameterType == typeof(Actor) ? actor
                : parameter.ParameterType == typeof(string) ? values[next++]
                : IsTexts(parameter) ? new List<string> { values[next++] }
                : ServiceMethods.Dummy(parameter.ParameterType)
        );
    }

    private static IEnumerable<ParameterInfo> Texts(MethodInfo method) =>
        method.GetParameters().Where(parameter => parameter.ParameterType == typeof(string) || IsTexts(parameter));

    private static bool IsTexts(ParameterInfo parameter) => parameter.ParameterType == typeof(IReadOnlyList<string>);

    /// <summary>Something empty, or that something was done: whether it was, the rows tell.</summary>
    private static bool IsNothing(object? value) =>
        value switch
        {
            null
            or Done
            or LastRunValues { RunId: null }
            or BulkOutcome { Changed.Count: 0, Refused.Count: 0 }
            or DeletedRuns { Deleted: 0 } => true,
            IEnumerable list => !list.GetEnumerator().MoveNext(),
            _ => value.GetType().GetProperty("Items")?.GetValue(value) is IEnumerable items && !items.GetEnumerator().MoveNext(),
        };
}
