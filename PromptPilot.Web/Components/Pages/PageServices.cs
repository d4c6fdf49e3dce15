using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Components.Pages;

/// <summary>The services that every page needs, so that a page injects only those of its feature.</summary>
public sealed class PageServices(
    CurrentActor actor,
    NavigationManager navigation,
    IDialogService dialogs,
    TimeProvider time,
    ILoggerFactory loggers
)
{
    internal CurrentActor Actor => actor;

    internal NavigationManager Navigation => navigation;

    internal IDialogService Dialogs => dialogs;

    internal TimeProvider Time => time;

    internal ILoggerFactory Loggers => loggers;
}
