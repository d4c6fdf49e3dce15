using System.Reflection;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>
/// Every public method of every public service, called as every role, as locked people and as nobody. What is expected is typed here, from
/// the table of roles in the design; it is never read from the code under test.
/// </summary>
public class PermissionMatrixTests
{
    /// <summary>Method → may viewer, collaborator, architect, admin.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["AccountService.FindAsync"] = "yyyy",
        ["AccountService.UpdateAsync"] = "yyyy",
        ["ApiKeyService.CreateAsync"] = "yyyy",
        ["ApiKeyService.ListAsync"] = "yyyy",
        ["ApiKeyService.RevokeAsync"] = "yyyy",
        ["AgentToolService.FindAsync"] = "-yyy",
        ["AgentToolService.ListAsync"] = "-yyy",
        ["AgentToolService.ListPromptsAsync"] = "yyyy",
        ["ArmService.FindAsync"] = "yyyy",
        ["ArmService.PromoteAsync"] = "--yy",
        ["ArmService.SetStoppedAsync"] = "--yy",
        ["AuditService.ExportAsync"] = "---y",
        ["AuditService.ListAsync"] = "---y",
        ["AuditService.ListKindsAsync"] = "---y",
        ["BackupService.CreateAsync"] = "---y",
        ["BatchResultService.ListRowsAsync"] = "yyyy",
        ["BatchService.PreviewAsync"] = "--yy",
        ["BatchService.StartAsync"] = "--yy",
        ["BudgetService.FindProfileSpendAsync"] = "---y",
        ["CallReportService.ReportAsync"] = "-yyy",
        ["ChangeDecisionService.ApproveAsync"] = "--yy",
        ["ChangeDecisionService.CommentAsync"] = "-yyy",
        ["ChangeDecisionService.OverrideAsync"] = "---y",
        ["ChangeDecisionService.RejectAsync"] = "--yy",
        ["ChangeDecisionService.WithdrawAsync"] = "--yy",
        ["ChangeListService.FindAsync"] = "yyyy",
        ["ChangeListService.ListAsync"] = "yyyy",
        ["ChangeListService.WatchAsync"] = "yyyy",
        ["ChangeRequestService.PublishAsync"] = "--yy",
        ["ChangeRequestService.RunExperimentAsync"] = "--yy",
        ["ChangeRequestService.SetLabelAsync"] = "--yy",
        ["ChatModelService.ListAsync"] = "-yyy",
        ["ChatModelService.ResolveAsync"] = "-yyy",
        ["DraftRunService.StartAsync"] = "--yy",
        ["ExchangeService.ExportAsync"] = "yyyy",
        ["ExchangeService.ImportAsync"] = "--yy",
        ["ExchangeService.PreviewAsync"] = "--yy",
        ["ExampleService.ListAsync"] = "yyyy",
        ["ExampleService.SaveAsync"] = "-yyy",
        ["ExecutionLogService.FindAsync"] = "yyyy",
        ["ExecutionLogService.ListAsync"] = "yyyy",
        ["ExperimentResultService.ExportAsync"] = "yyyy",
        ["ExperimentResultService.FindAsync"] = "yyyy",
        ["ExperimentResultService.FindOutputsAsync"] = "yyyy",
        ["ExperimentResultService.ListAsync"] = "yyyy",
        ["ExperimentResultService.WatchAsync"] = "yyyy",
        ["ExperimentService.CancelAsync"] = "--yy",
        ["ExperimentService.DeleteAsync"] = "--yy",
        ["ExperimentService.PreviewAsync"] = "--yy",
        ["ExperimentService.ResumeAsync"] = "--yy",
        ["ExperimentService.StartAsync"] = "--yy",
        ["FeedbackListService.ExportAsync"] = "yyyy",
        ["FeedbackListService.ListAsync"] = "yyyy",
        ["FeedbackService.DeleteAsync"] = "-yyy",
        ["FeedbackService.ListAsync"] = "yyyy",
        ["FeedbackService.PutAsync"] = "-yyy",
        ["FileService.OpenAsync"] = "yyyy",
        ["FileService.UploadAsync"] = "-yyy",
        ["HomeService.FindAsync"] = "yyyy",
        ["HookDeliveryService.FindAsync"] = "yyyy",
        ["HookDeliveryService.ListAsync"] = "yyyy",
        ["HookDeliveryService.ResendAsync"] = "--yy",
        ["HookDeliveryService.WatchAsync"] = "yyyy",
        ["InsightsService.ExportAsync"] = "yyyy",
        ["InsightsService.FindAsync"] = "yyyy",
        ["InsightsService.RebuildAsync"] = "---y",
        ["IntegrationHookService.CreateAsync"] = "--yy",
        ["IntegrationHookService.DeleteAsync"] = "--yy",
        ["IntegrationHookService.FindAsync"] = "yyyy",
        ["IntegrationHookService.ListAsync"] = "yyyy",
        ["IntegrationHookService.ListOutputsAsync"] = "yyyy",
        ["IntegrationHookService.SetEnabledAsync"] = "--yy",
        ["IntegrationHookService.TestAsync"] = "--yy",
        ["IntegrationHookService.UpdateAsync"] = "--yy",
        ["LastRunService.FindAsync"] = "yyyy",
        ["MailTestService.SendAsync"] = "---y",
        ["ModelComparisonService.StartAsync"] = "---y",
        ["ModelReplacementService.MoveAsync"] = "---y",
        ["ModelProfileService.CreateAsync"] = "---y",
        ["ModelProfileService.DeleteAsync"] = "---y",
        ["ModelProfileService.FindAsync"] = "---y",
        ["ModelProfileService.ListAsync"] = "---y",
        ["ModelProfileService.ListNamesAsync"] = "yyyy",
        ["ModelProfileService.ListUsersAsync"] = "---y",
        ["ModelProfileService.TestAsync"] = "---y",
        ["ModelProfileService.UpdateAsync"] = "---y",
        ["ModelTrialService.ListModelsAsync"] = "---y",
        ["ModelTrialService.TestAsync"] = "---y",
        ["NotificationService.CountUnreadAsync"] = "yyyy",
        ["NotificationService.ListAsync"] = "yyyy",
        ["NotificationService.ReadAllAsync"] = "yyyy",
        ["NotificationService.ReadAsync"] = "yyyy",
        ["NotificationService.WatchAsync"] = "yyyy",
        ["OpenIdLinkService.BeginAsync"] = "yyyy",
        ["OpenIdLinkService.FindAsync"] = "yyyy",
        ["OpenIdLinkService.RemoveAsync"] = "yyyy",
        ["OpenIdTestService.TestAsync"] = "---y",
        ["PromptBulkService.ArchiveAsync"] = "--yy",
        ["PromptBulkService.TagAsync"] = "--yy",
        ["PlaygroundService.CallAsync"] = "-yyy",
        ["PromptCallService.CompleteAsync"] = "-yyy",
        ["PromptCallService.RenderAsync"] = "yyyy",
        ["PromptLabelService.FindImpactAsync"] = "yyyy",
        ["PromptLabelService.ListLabelsAsync"] = "yyyy",
        ["PromptLabelService.RemoveLabelAsync"] = "--yy",
        ["PromptLabelService.SetLabelAsync"] = "--yy",
        ["PromptService.CreateAsync"] = "--yy",
        ["PromptService.DeleteAsync"] = "--yy",
        ["PromptService.FindAsync"] = "yyyy",
        ["PromptService.FindByNameAsync"] = "yyyy",
        ["PromptService.FindPartsAsync"] = "yyyy",
        ["PromptService.FindVersionAsync"] = "yyyy",
        ["PromptService.ListAsync"] = "yyyy",
        ["PromptService.ListFacetsAsync"] = "yyyy",
        ["PromptService.ListPartUsesAsync"] = "yyyy",
        ["PromptService.ListUsesAsync"] = "yyyy",
        ["PromptService.ListVersionsAsync"] = "yyyy",
        ["PromptService.PreviewAsync"] = "yyyy",
        ["PromptService.UpdateAsync"] = "--yy",
        ["ProtectionService.FindOfWorkflowAsync"] = "yyyy",
        ["ProtectionService.ListAsync"] = "yyyy",
        ["ProtectionService.ListOfSetAsync"] = "yyyy",
        ["ProtectionService.ProtectLabelAsync"] = "---y",
        ["ProtectionService.ProtectWorkflowAsync"] = "---y",
        ["ProtectionService.UnprotectLabelAsync"] = "---y",
        ["ProtectionService.UnprotectWorkflowAsync"] = "---y",
        ["RatingQueueService.FindAsync"] = "yyyy",
        ["RatingQueueService.OpenAsync"] = "-yyy",
        ["RatingSummaryService.FindAsync"] = "yyyy",
        ["RunCaseService.AddAsync"] = "-yyy",
        ["RunCompareService.CompareAsync"] = "yyyy",
        ["RunKeepService.DeleteManyAsync"] = "--yy",
        ["RunKeepService.FindRuleAsync"] = "yyyy",
        ["RunKeepService.PinAsync"] = "-yyy",
        ["RunReplayService.ForkAsync"] = "-yyy",
        ["RunReplayService.RetryAsync"] = "-yyy",
        ["ReviewLinkService.FindAsync"] = "yyyy",
        ["RunReviewService.AnswerAsync"] = "-yyy",
        ["RunReviewService.ListOpenAsync"] = "-yyy",
        ["RunListService.RefreshAsync"] = "yyyy",
        ["RunListService.WatchAsync"] = "yyyy",
        ["RunService.CancelAsync"] = "-yyy",
        ["RunService.DeleteAsync"] = "--yy",
        ["RunService.FindAsync"] = "yyyy",
        ["RunService.ListAsync"] = "yyyy",
        ["RunService.RenderPromptAsync"] = "yyyy",
        ["RunService.StartAsync"] = "-yyy",
        ["RunService.WaitAsync"] = "yyyy",
        ["RunService.WatchAsync"] = "yyyy",
        ["SearchService.FindAsync"] = "yyyy",
        ["ScheduleService.ListAsync"] = "yyyy",
        ["ScheduleService.ListBrokenAsync"] = "yyyy",
        ["ScheduleService.ListFiringsAsync"] = "yyyy",
        ["ScheduleService.PreviewAsync"] = "yyyy",
        ["ScheduleService.RunNowAsync"] = "-yyy",
        ["SessionService.EndAsync"] = "yyyy",
        ["SessionService.EndOthersAsync"] = "yyyy",
        ["SessionService.ListAsync"] = "yyyy",
        ["StepPickerService.FindPromptAsync"] = "yyyy",
        ["StepPickerService.ListModelsAsync"] = "yyyy",
        ["StepPickerService.ListPromptsAsync"] = "yyyy",
        ["SettingsService.ListAsync"] = "---y",
        ["SettingsService.SaveAsync"] = "---y",
        ["StorageService.CheckAsync"] = "---y",
        ["StorageService.FindSizesAsync"] = "---y",
        ["StorageService.ListHostsAsync"] = "---y",
        ["StorageService.MeasureAsync"] = "---y",
        ["StorageService.PreviewRetentionAsync"] = "---y",
        ["TestCaseService.AddAsync"] = "-yyy",
        ["TestCaseService.AddFromOutputAsync"] = "-yyy",
        ["TestCaseService.DeleteAsync"] = "-yyy",
        ["TestCaseService.ExportAsync"] = "yyyy",
        ["TestCaseService.ImportAsync"] = "-yyy",
        ["TestCaseService.UpdateAsync"] = "-yyy",
        ["TestSetService.CreateAsync"] = "--yy",
        ["TestSetService.CreateForWorkflowAsync"] = "--yy",
        ["TestSetService.DeleteAsync"] = "--yy",
        ["TestSetService.FindAsync"] = "yyyy",
        ["TestSetService.ListAsync"] = "yyyy",
        ["TestSetService.UpdateAsync"] = "--yy",
        ["TriggerService.CreateAsync"] = "--yy",
        ["TriggerService.DeleteAsync"] = "--yy",
        ["TriggerService.FindAsync"] = "yyyy",
        ["TriggerService.ListAsync"] = "yyyy",
        ["TriggerService.RotateSecretAsync"] = "--yy",
        ["TriggerService.SetEnabledAsync"] = "--yy",
        ["TriggerService.UpdateAsync"] = "--yy",
        ["TwoFactorService.ConfirmAsync"] = "yyyy",
        ["TwoFactorService.FindAsync"] = "yyyy",
        ["TwoFactorService.OfferAsync"] = "yyyy",
        ["TwoFactorService.RenewCodesAsync"] = "yyyy",
        ["TwoFactorService.SwitchOffAsync"] = "yyyy",
        ["UserAccessService.EndSessionsAsync"] = "---y",
        ["UserAccessService.RemovePasswordAsync"] = "---y",
        ["UserAccessService.RemoveSecondFactorAsync"] = "---y",
        ["UserService.CreateAsync"] = "---y",
        ["UserService.DeleteAsync"] = "---y",
        ["UserService.FindAsync"] = "---y",
        ["UserService.ListAsync"] = "---y",
        ["UserService.ListNamesAsync"] = "yyyy",
        ["UserService.LockAsync"] = "---y",
        ["UserService.ResetPasswordAsync"] = "---y",
        ["UserService.UpdateAsync"] = "---y",
        ["WebhookInboxService.FindAsync"] = "yyyy",
        ["WebhookInboxService.FindTriggerAsync"] = "yyyy",
        ["WebhookInboxService.ListAsync"] = "yyyy",
        ["WebhookInboxService.ListTriggersAsync"] = "yyyy",
        ["WebhookInboxService.ReplayAsync"] = "--yy",
        ["WebhookInboxService.WatchAsync"] = "yyyy",
        ["WebhookMappingService.FindSampleAsync"] = "yyyy",
        ["WebhookMappingService.TryMappingAsync"] = "yyyy",
        ["WorkflowSampleService.CreateAsync"] = "--yy",
        ["WorkflowSampleService.ListAsync"] = "yyyy",
        ["WorkflowSampleService.UseModelAsync"] = "--yy",
        ["WorkflowVersionService.CompareAsync"] = "yyyy",
        ["WorkflowVersionService.CompareContentAsync"] = "yyyy",
        ["WorkflowVersionService.FindContentAsync"] = "yyyy",
        ["WorkflowVersionService.ListAsync"] = "yyyy",
        ["WorkflowService.ArchiveAsync"] = "--yy",
        ["WorkflowService.CheckAsync"] = "yyyy",
        ["WorkflowService.CreateAsync"] = "--yy",
        ["WorkflowService.DeleteAsync"] = "--yy",
        ["WorkflowService.FindAsync"] = "yyyy",
        ["WorkflowService.ListAsync"] = "yyyy",
        ["WorkflowService.ListFacetsAsync"] = "yyyy",
        ["WorkflowService.PublishAsync"] = "--yy",
        ["WorkflowService.SetManualTriggerAsync"] = "--yy",
        ["WorkflowService.UnarchiveAsync"] = "--yy",
        ["WorkflowService.UpdateAsync"] = "--yy",
    };

    private static readonly Role[] Roles = [Role.Viewer, Role.Collaborator, Role.Architect, Role.Admin];

    [Fact]
    public void Matrix_HasARowForEachPublicMethod_AndNoOther() =>
        ServiceMethods
            .All()
            .Select(ServiceMethods.Name)
            .Distinct()
            .Should()
            .BeEquivalentTo(Expected.Keys, "a new method of a service needs a row here, and a row needs its method");

    [Fact]
    public void ServiceMethods_TakeTheActorFirst() =>
        ServiceMethods
            .All()
            .Where(m => m.GetParameters().FirstOrDefault()?.ParameterType != typeof(Actor))
            .Select(ServiceMethods.Name)
            .Should()
            .BeEmpty();

    [Fact]
    public async Task EveryMethod_AsEveryone_AnswersByTheMatrix()
    {
        await using var portal = await PortalHost.StartAsync();
        var wrong = new List<string>();
        foreach (var role in Roles)
        {
            var person = await portal.AddPersonAsync(role);
            var locked = await portal.AddPersonAsync(role);
            await LockAsync(portal, locked.Id);
            foreach (var method in ServiceMethods.All())
            {
                var mayRole = Expected[ServiceMethods.Name(method)][(int)role] == 'y';
                await CheckAsync(portal, method, person.Actor, mayRole, $"{role}", wrong);
                await CheckAsync(portal, method, locked.Actor, false, $"locked {role}", wrong);
                await CheckAsync(portal, method, locked.KeyActor, false, $"key of a locked {role}", wrong);
            }
        }

        foreach (var method in ServiceMethods.All())
        {
            await CheckAsync(portal, method, Actor.Nobody, false, "nobody", wrong);
            await CheckAsync(portal, method, new Actor.Person("no-such-user"), false, "a deleted user", wrong);
        }

        wrong.Should().BeEmpty();
    }

    private static async Task CheckAsync(PortalHost portal, MethodInfo method, Actor actor, bool may, string who, List<string> wrong)
    {
        var (problem, value) = await ServiceMethods.CallAsync(
            portal.Services,
            method,
            p => p.ParameterType == typeof(Actor) ? actor : ServiceMethods.Dummy(p.ParameterType)
        );
        var kind = problem?.Kind;
        (value as IDisposable)?.Dispose();
        var isRefused = kind is ProblemKind.Forbidden or ProblemKind.Unauthenticated;
        if (isRefused == may)
        {
            wrong.Add($"{ServiceMethods.Name(method)} as {who}: {kind?.ToString() ?? "done"}");
        }
    }

    private static async Task LockAsync(PortalHost portal, string id)
    {
        await using var db = await portal.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db
            .Users.Where(u => u.Id == id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.IsLocked, true), TestContext.Current.CancellationToken);
    }
}
