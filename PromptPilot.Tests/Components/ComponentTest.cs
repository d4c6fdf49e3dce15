using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Tests.Components;

/// <summary>A bUnit context with what every control needs.</summary>
public abstract class ComponentTest : BunitContext
{
    protected static readonly DateTime Now = new(2026, 3, 4, 9, 0, 0, DateTimeKind.Utc);

    protected ComponentTest()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.SetupModule("./js/pilot.js").Mode = JSRuntimeMode.Loose;
        JSInterop.SetupModule("./js/template-editor.js").Mode = JSRuntimeMode.Loose;
        JSInterop.SetupModule("./js/drafts.js").Mode = JSRuntimeMode.Loose;
        Time = new FakeTimeProvider(new DateTimeOffset(Now));
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddScoped<Browser>().AddScoped<CurrentActor>().AddScoped<PageServices>();
    }

    protected FakeTimeProvider Time { get; }
}
