using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Search;
using PromptPilot.Core.Storage;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Features.Account;
using PromptPilot.Web.Features.Audit;
using PromptPilot.Web.Features.Exchange;
using PromptPilot.Web.Features.Feedback;
using PromptPilot.Web.Features.Integrations;
using PromptPilot.Web.Features.Models;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Storage;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Users;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Hosting;

var builder = HostConfiguration.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddDataDirectory().AddData(provider => provider.GetRequiredService<DataDirectory>().Database);
builder.Services.AddUsers().AddAudit().AddModels().AddPrompts().AddWorkflows().AddRuns().AddTriggers().AddIntegrations().AddFeedback().AddExchange().AddSearch().AddStorage();
builder.Services.AddNetwork().AddPortalAuthentication().AddApi().AddPages().AddWebhooks();

var app = builder.Build();
if (RestoreCommand.Run(app.Services, args) is { } exitCode)
{
    return exitCode;
}

app.UseForwardedHeaders();
app.UseSecurityHeaders();
app.UseErrorPages();
app.UseApiProblems();
app.UseRouting();
app.UseRateLimiter();
app.UseAuthentication();
app.UseAuditOrigins();
app.UseAuthorization();
app.UseAntiforgery();
app.MapHealth();
app.MapTheme();
app.MapPages();
app.MapAccount();
app.MapWebhooks();
app.MapExports();
app.MapAudit();
app.MapStorage();
app.MapApi().MapPrompts().MapModels().MapWorkflows().MapRuns().MapTriggers().MapIntegrations().MapFeedback().MapExchange().MapUsers();
return await app.RunPortalAsync();

/// <summary>Named for WebApplicationFactory.</summary>
public partial class Program;
