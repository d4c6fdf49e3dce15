using PromptPilot.Core.Files.Texts;
using PromptPilot.Web.Api;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Features.Audit;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Commands;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.SignIn;
using PromptPilot.Web.Hosting.Start;
using PromptPilot.Web.Hosting.Telemetry;

try
{
    if (args is [TextProgram.Verb, .. var document])
    {
        return TextProgram.Run(document);
    }

    if (Commands.Contain(args))
    {
        return await Commands.RunAsync(args);
    }

    var app = HostConfiguration.CreateBuilder(args).AddPortal().Build();
    if (RestoreCommand.Run(app.Services, args) is { } exitCode)
    {
        return exitCode;
    }

    if (await CopyCommand.RunAsync(app.Services, args) is { } copied)
    {
        return copied;
    }

    // Before the first of them is used: what follows opens the database for the key ring.
    if (Portal.CheckSettings(app.Services) is { Count: > 0 } errors)
    {
        return StartFailure.OfSettings(errors).Report();
    }

    app.PrepareModel();
    UnsentRequests.Use(app);
    app.UseBasePath();
    app.UseSecurityHeaders();
    app.UseRequestChecks();
    app.UseErrorPages();
    app.UseApiProblems();
    app.UseRouting();
    app.UseRateLimiter();
    app.UseAuditedAuthentication();
    app.UseSecondFactorGate();
    app.UseAuthorization();
    app.UseAntiforgery();
    app.MapHealth();
    app.MapTelemetry();
    app.MapTheme();
    app.MapPages();
    app.MapFeatures();
    return await app.RunPortalAsync(onlyMigrates: args is ["migrate", ..]);
}
catch (Exception exception) when (StartFailure.Of(exception) is { } failure)
{
    return failure.Report();
}

/// <summary>Named for WebApplicationFactory.</summary>
public partial class Program;
