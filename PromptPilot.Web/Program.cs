using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Search;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Features.Account;
using PromptPilot.Web.Features.Exchange;
using PromptPilot.Web.Features.Feedback;
using PromptPilot.Web.Features.Models;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Users;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Hosting;

var builder = HostConfiguration.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddDataDirectory().AddData(provider => provider.GetRequiredService<DataDirectory>().Database);
builder.Services.AddUsers().AddModels().AddPrompts().AddWorkflows().AddRuns().AddTriggers().AddFeedback().AddExchange().AddSearch();
builder.Services.AddPortalAuthentication().AddApi().AddPages().AddWebhooks();

var app = builder.Build();
app.UseSecurityHeaders();
app.UseErrorPages();
app.UseApiProblems();
app.UseRouting();
app.UseRateLimiter();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapHealth();
app.MapTheme();
app.MapPages();
app.MapAccount();
app.MapWebhooks();
app.MapExports();
app.MapApi().MapPrompts().MapModels().MapWorkflows().MapRuns().MapTriggers().MapFeedback().MapExchange().MapUsers();
return await app.RunPortalAsync();

/// <summary>Named for WebApplicationFactory.</summary>
public partial class Program;
