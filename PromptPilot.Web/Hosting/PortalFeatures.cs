using PromptPilot.Core.Approvals;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Files;
using PromptPilot.Core.Insights;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Search;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Storage;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Features.Account;
using PromptPilot.Web.Features.Account.OpenId;
using PromptPilot.Web.Features.Agents;
using PromptPilot.Web.Features.Approvals;
using PromptPilot.Web.Features.Audit;
using PromptPilot.Web.Features.Chat;
using PromptPilot.Web.Features.Exchange;
using PromptPilot.Web.Features.Experiments;
using PromptPilot.Web.Features.Experiments.Batches;
using PromptPilot.Web.Features.Feedback;
using PromptPilot.Web.Features.Files;
using PromptPilot.Web.Features.Insights;
using PromptPilot.Web.Features.Integrations;
using PromptPilot.Web.Features.Models;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Api;
using PromptPilot.Web.Features.Storage;
using PromptPilot.Web.Features.TestSets;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Webhooks;
using PromptPilot.Web.Features.Users;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Arms;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.SignIn;
using PromptPilot.Web.Hosting.Start;
using PromptPilot.Web.Hosting.Telemetry;

namespace PromptPilot.Web.Hosting;

/// <summary>All features of the portal: what they register, and where they answer.</summary>
internal static class PortalFeatures
{
    /// <summary>Everything that the container holds, for the server and for commands.</summary>
    public static WebApplicationBuilder AddPortal(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider, MicrosecondClock>();
        builder.Services.AddDataDirectory(builder.Configuration).AddDatabase(builder.Configuration);
        builder.Services.AddFeatures().AddNetwork().AddHealth().AddPortalAuthentication().AddApi().AddPages();
        builder.Services.AddTelemetry(builder.Configuration);
        return builder;
    }

    private static IServiceCollection AddFeatures(this IServiceCollection services) =>
        services
            .AddUsers()
            .AddAudit()
            .AddFiles()
            .AddModels()
            .AddPrompts()
            .AddWorkflows()
            .AddRuns()
            .AddTriggers()
            .AddMail()
            .AddIntegrations()
            .AddNotifications()
            .AddFeedback()
            .AddTestSets()
            .AddExperiments()
            .AddInsights()
            .AddApprovals()
            .AddExchange()
            .AddSearch()
            .AddStorage()
            .AddStoredSettings()
            .AddWebhooks()
            .AddChat()
            .AddAgents()
            .AddOpenIdPages();

    public static void MapFeatures(this WebApplication app)
    {
        app.MapAccount();
        app.MapOpenId();
        app.MapWebhooks();
        app.MapChat();
        app.MapAgents();
        app.MapExports();
        app.MapAudit();
        app.MapFeedbackExport();
        app.MapTestCaseExport();
        app.MapExperimentExport();
        app.MapInsightsExport();
        app.MapStorage();
        app.MapFileDownloads();
        app.MapApi()
            .MapPrompts()
            .MapModels()
            .MapWorkflows()
            .MapRuns()
            .MapFiles()
            .MapTriggers()
            .MapIntegrations()
            .MapFeedback()
            .MapTestSets()
            .MapExperiments()
            .MapBatches()
            .MapInsights()
            .MapArms()
            .MapApprovals()
            .MapExchange()
            .MapUsers()
            .MapHosts();
    }
}
