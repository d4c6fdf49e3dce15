using MudBlazor.Services;
using PromptPilot.Core.Data;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Features.Feedback;
using PromptPilot.Web.Features.Models;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Users;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddSettingsFile();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddData(_ => Path.Combine(AppContext.BaseDirectory, "data", "promptpilot.db"));
builder.Services.AddUsers().AddModels().AddPrompts().AddWorkflows().AddRuns().AddFeedback();
builder.Services.AddScoped<CurrentActor>();
builder.Services.AddCascadingAuthenticationState();
builder.Services.AddMudServices();
builder.Services.AddScoped<Browser>();
builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = 4 * 1024 * 1024);

var app = builder.Build();
app.UseAntiforgery();
app.MapStaticAssets().AllowAnonymous();
app.MapTheme();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
var api = app.MapGroup("/api/v1");
api.MapPrompts().MapModels().MapWorkflows().MapRuns().MapFeedback().MapUsers();
app.Run();

/// <summary>Named for WebApplicationFactory.</summary>
public partial class Program;
